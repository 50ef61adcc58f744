import { html, nothing } from 'lit';
import { Light } from './element';
import { place } from './place';

/** Some words as chips; those that do not fit appear on hover or focus of "+N". */
export class Chips extends Light {

    static override properties = { values: { attribute: false }, max: { type: Number }, what: {} };

    declare values: string[];
    declare max: number;
    declare what: string;

    constructor() {
        super();
        this.values = [];
        this.max = 3;
        this.what = 'scopes';
    }

    protected override render() {
        const rest = this.values.slice(this.max);
        return html`
            <span class="chips">
                ${this.values.slice(0, this.max).map(value => html`<span class="chip">${value}</span>`)}
                ${rest.length === 0 ? nothing : html`
                    <span class="more" @mouseenter=${this.open} @mouseleave=${this.close} @focusin=${this.open} @focusout=${this.close}
                          @keydown=${(event: KeyboardEvent) => event.key === 'Escape' && this.close()}>
                        <button type="button" class="chip" aria-label="${rest.length} more ${rest.length === 1 ? this.what.slice(0, -1) : this.what}: ${rest.join(', ')}">+${rest.length}</button>
                        <span class="bubble" popover="manual" aria-hidden="true">${rest.map(value => html`<span class="chip">${value}</span>`)}</span>
                    </span>`}
            </span>`;
    }

    private get bubble() {
        return this.querySelector<HTMLElement>('[popover]');
    }

    private open() {
        const bubble = this.bubble;
        if (bubble && !bubble.matches(':popover-open')) {
            bubble.showPopover();
            place(bubble, this.querySelector('button')!);
        }
    }

    private close() {
        this.bubble?.hidePopover();
    }
}

customElements.define('lk-chips', Chips);
