import { html, type TemplateResult } from 'lit';
import type { ApiError } from '../api';
import { icons } from '../icons';
import './copy';
import { Modal } from './dialog';
import { asApiError, problem } from './element';
import { toast } from './toast';

/** A dialog that does one thing, and stays open when that fails. */
export abstract class ActionDialog<R> extends Modal<R> {

    protected error: ApiError | undefined;
    protected busy = false;

    protected async act(work: () => Promise<void>) {
        if (this.busy) {
            return;
        }
        this.change(() => {
            this.busy = true;
            this.error = undefined;
        });
        try {
            await work();
        } catch (caught) {
            this.change(() => this.error = asApiError(caught));
        } finally {
            this.change(() => this.busy = false);
        }
    }

    protected buttons(label: string, danger = false) {
        return html`
            <footer>
                <button type="button" class="button" @click=${() => this.leave()}>Cancel</button>
                <button class="button ${danger ? 'danger' : 'primary'}" ?disabled=${this.busy}>${this.busy ? 'Please wait…' : label}</button>
            </footer>`;
    }

    /** The text of a field of this name, without white space around it. */
    protected text(name: string) {
        return this.querySelector<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>(`[name=${name}]`)?.value.trim() ?? '';
    }
}

export interface Question {
    heading: string;
    text: TemplateResult | string;
    action: string;
    danger?: boolean;
    /** What is done, and what is said when it is. */
    work: () => Promise<unknown>;
    done: string;
}

/** Asks before something is done. */
class ConfirmDialog extends ActionDialog<boolean> {

    protected override heading: string;

    constructor(private readonly question: Question) {
        super();
        this.heading = question.heading;
    }

    protected override content() {
        return html`
            <form class="stack" @submit=${this.submit}>
                ${problem(this.error)}
                <p>${this.question.text}</p>
                ${this.buttons(this.question.action, this.question.danger)}
            </form>`;
    }

    private submit(event: Event) {
        event.preventDefault();
        void this.act(async () => {
            await this.question.work();
            toast(this.question.done);
            this.close(true);
        });
    }
}

/** Answers whether it was done. */
export const confirm = (question: Question) => new ConfirmDialog(question).ask().then(done => done ?? false);

/** Shows something secret that nobody can show again: until the dialog closes, and nowhere else. */
class SecretDialog extends Modal<void> {

    protected override heading: string;
    protected override wide = true;

    constructor(heading: string, private readonly label: string, private secret: string, private readonly text: TemplateResult | string) {
        super();
        this.heading = heading;
    }

    protected override first() {
        return this.querySelector<HTMLElement>('lk-copy button');
    }

    override disconnectedCallback() {
        super.disconnectedCallback();
        this.secret = '';
    }

    protected override content() {
        return html`
            <div class="stack">
                <div class="notice warning">${icons.warning}<p><strong>Copy it now: nobody can show it to you again.</strong> ${this.text}</p></div>
                <div class="field">
                    <label for="secret">${this.label}</label>
                    <input id="secret" class="secret" readonly spellcheck="false" autocomplete="off" .value=${this.secret}
                           @focus=${(event: Event) => (event.target as HTMLInputElement).select()}>
                    <lk-copy label="Copy" .text=${this.secret}></lk-copy>
                </div>
                <footer><button type="button" class="button primary" @click=${() => this.close()}>Done</button></footer>
            </div>`;
    }
}

export const showSecret = (heading: string, label: string, secret: string, text: TemplateResult | string) =>
    new SecretDialog(heading, label, secret, text).ask();

customElements.define('lk-confirm-dialog', ConfirmDialog);
customElements.define('lk-secret-dialog', SecretDialog);
