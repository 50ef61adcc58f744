import { html, type TemplateResult } from 'lit';
import { icons } from '../icons';
import { Light } from './element';

/**
 * A modal dialog. The browser keeps the focus in it and gives it back afterwards; it is an element of the document only while it is open,
 * so that nothing in it outlives it.
 */
export abstract class Modal<R> extends Light {

    private static dialogs = 0;
    private readonly headingId = `dialog-${++Modal.dialogs}`;
    private settle: (result: R | undefined) => void = () => {};
    private opener: HTMLElement | null = null;
    /** Where the focus goes if what opened the dialog is no longer there. */
    private static readonly HOME = 'h1';

    protected abstract heading: string;
    protected wide = false;

    protected abstract content(): TemplateResult;

    /** Answers what the person decided; undefined: nothing. */
    ask(): Promise<R | undefined> {
        this.opener = document.activeElement as HTMLElement | null;
        document.body.append(this);
        return new Promise(resolve => this.settle = resolve);
    }

    close(result?: R) {
        this.dialog?.close();
        this.remove();
        this.settle(result);
        this.settle = () => {};
        queueMicrotask(() => {
            const active = document.activeElement;
            if (active === null || active === document.body) {
                const target = this.opener?.isConnected ? this.opener : document.querySelector<HTMLElement>(Modal.HOME);
                target?.focus();
            }
        });
    }

    protected get dialog() {
        return this.querySelector('dialog');
    }

    /** The person wants to leave: Escape, the cross, Cancel. */
    protected leave() {
        this.close();
    }

    protected override firstUpdated() {
        this.dialog?.showModal();
        // When what is inside has rendered itself too.
        setTimeout(() => this.first()?.focus());
    }

    /** Where the focus begins: not on the cross, but on the first field, or on the first of the buttons, which changes nothing. */
    protected first(): HTMLElement | null {
        return this.querySelector<HTMLElement>('dialog :is(input:not([readonly]), select, textarea)') ?? this.querySelector<HTMLElement>('footer button');
    }

    protected override render() {
        return html`
            <dialog class=${this.wide ? 'wide' : ''} aria-labelledby=${this.headingId} @cancel=${this.onCancel} @close=${this.onClose}>
                <header><h2 id=${this.headingId}>${this.heading}</h2>
                    <button type="button" class="button bare icon-only" aria-label="Close" @click=${() => this.leave()}>${icons.close}</button></header>
                ${this.content()}
            </dialog>`;
    }

    private onCancel(event: Event) {
        if (event.target === this.dialog) {
            event.preventDefault();
            this.leave();
        }
    }

    /** Browsers close on a second Escape without asking; what wants to stay opens again. */
    private onClose(event: Event) {
        if (event.target === this.dialog && this.isConnected) {
            this.dialog?.showModal();
            this.leave();
        }
    }
}
