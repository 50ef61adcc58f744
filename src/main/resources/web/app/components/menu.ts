import { html, type TemplateResult } from 'lit';
import { icons } from '../icons';
import { Light } from './element';
import { place } from './place';

export interface MenuItem {
    label: string;
    icon: TemplateResult;
    run: () => void;
    danger?: boolean;
}

/** A button with a menu of actions: arrows, Home and End move, Escape closes, and the focus comes back to the button. */
export class Menu extends Light {

    static override properties = { items: { attribute: false }, label: {} };

    declare items: MenuItem[];
    declare label: string;
    private isOpen = false;

    constructor() {
        super();
        this.items = [];
    }

    protected override render() {
        return html`
            <button type="button" class="button bare icon-only" aria-haspopup="menu" aria-expanded=${this.isOpen} aria-label=${this.label}
                    @click=${this.toggle} @keydown=${this.onButtonKey}>${icons.more}</button>
            <div class="menu" role="menu" popover="auto" aria-label=${this.label} @toggle=${this.onToggle} @keydown=${this.onKey}>
                ${this.items.map(item => html`
                    <button type="button" role="menuitem" tabindex="-1" class=${item.danger ? 'danger' : ''} @click=${() => this.run(item)}>
                        ${item.icon}${item.label}</button>`)}
            </div>`;
    }

    private get popup() {
        return this.querySelector<HTMLElement>('[popover]')!;
    }

    private get button() {
        return this.querySelector<HTMLElement>('button')!;
    }

    private get choices() {
        return [...this.querySelectorAll<HTMLElement>('[role=menuitem]')];
    }

    private toggle() {
        if (this.isOpen) {
            this.popup.hidePopover();
        } else {
            this.open();
        }
    }

    private open(last = false) {
        this.popup.showPopover();
        place(this.popup, this.button, true);
        this.choices.at(last ? -1 : 0)?.focus();
    }

    private onToggle(event: Event) {
        this.change(() => this.isOpen = (event as ToggleEvent).newState === 'open');
        if (!this.isOpen && this.popup.contains(document.activeElement)) {
            this.button.focus();
        }
    }

    private onButtonKey(event: KeyboardEvent) {
        if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            event.preventDefault();
            this.open(event.key === 'ArrowUp');
        }
    }

    private onKey(event: KeyboardEvent) {
        const choices = this.choices;
        const at = choices.indexOf(document.activeElement as HTMLElement);
        const target = { ArrowDown: (at + 1) % choices.length, ArrowUp: (at - 1 + choices.length) % choices.length, Home: 0, End: choices.length - 1 }[event.key];
        if (target !== undefined) {
            event.preventDefault();
            choices[target]?.focus();
        } else if (event.key === 'Escape' || event.key === 'Tab') {
            event.preventDefault();
            this.popup.hidePopover();
            this.button.focus();
        }
    }

    private run(item: MenuItem) {
        this.popup.hidePopover();
        // A dialog that opens now gives the focus back to where it was.
        this.button.focus();
        item.run();
    }
}

customElements.define('lk-menu', Menu);
