import { html, type PropertyValues } from 'lit';
import { icons } from '../icons';
import { Light } from './element';

/** Puts a text on the clipboard, and says whether it is there. */
export class CopyButton extends Light {

    static override properties = { text: { attribute: false }, label: {} };

    declare text: string;
    declare label: string;
    private outcome: '' | 'copied' | 'failed' = '';
    private timer: ReturnType<typeof setTimeout> | undefined;

    protected override render() {
        return html`
            <button type="button" class="button" @click=${this.copy}>${this.outcome === 'copied' ? icons.check : icons.copy}${this.label}</button>
            <span class="copied" role="status">${this.outcome === 'copied' ? 'Copied' : this.outcome === 'failed'
                ? 'The browser does not allow it: select the text and copy it' : ''}</span>`;
    }

    private async copy() {
        const done = await copyText(this.text, this);
        this.change(() => this.outcome = done ? 'copied' : 'failed');
        if (done) {
            this.dispatchEvent(new Event('copied'));
        }
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.change(() => this.outcome = ''), 5_000);
    }

    override disconnectedCallback() {
        super.disconnectedCallback();
        clearTimeout(this.timer);
        this.text = '';
    }

    protected override shouldUpdate(_changed: PropertyValues) {
        return this.isConnected;
    }
}

/** Browsers give pages without https the old way only, which needs a field that is selected. */
async function copyText(text: string, near: HTMLElement): Promise<boolean> {
    if (navigator.clipboard) {
        try {
            await navigator.clipboard.writeText(text);
            return true;
        } catch {
            // Refused; the old way may still do.
        }
    }
    const field = document.createElement('textarea');
    field.className = 'visually-hidden';
    field.value = text;
    near.append(field);
    const before = document.activeElement as HTMLElement | null;
    field.select();
    const done = document.execCommand('copy');
    field.value = '';
    field.remove();
    before?.focus();
    return done;
}

customElements.define('lk-copy', CopyButton);
