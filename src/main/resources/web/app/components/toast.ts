import { html, render } from 'lit';
import { icons } from '../icons';

/* What was done, said once: on the screen for some seconds, and to screen readers. */

let region: HTMLElement | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

export function toast(text: string) {
    if (!region) {
        region = document.createElement('div');
        region.className = 'toasts';
        region.setAttribute('role', 'status');
        document.body.append(region);
    }
    const target = region;
    clearTimeout(timer);
    render(html``, target);
    // A region says only what changes in it.
    requestAnimationFrame(() => render(html`<p class="toast">${icons.check}<span>${text}</span></p>`, target));
    timer = setTimeout(() => render(html``, target), 6_000);
}
