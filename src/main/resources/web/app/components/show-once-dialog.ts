import { html, nothing } from 'lit';
import type { IssuedToken } from '../api';
import { duration, inWords } from '../format';
import { icons } from '../icons';
import { guardLeaving } from '../router';
import './copy';
import { Modal } from './dialog';

/**
 * Shows a token, the only time that anybody can see it. It is in this dialog and nowhere else: in no address, no storage, no log, and in the
 * document only until the dialog closes. Escape, the cross and the back button ask first, leaving the site warns.
 */
class ShowOnceDialog extends Modal<void> {

    protected override heading: string;
    protected override wide = true;
    private secret: string;
    private kept = false;
    private asks = false;

    constructor(private readonly issued: IssuedToken, private readonly occasion: 'created' | 'rotated') {
        super();
        this.secret = issued.token;
        this.heading = occasion === 'created' ? 'Your new token' : 'The new value of your token';
        // What is handed around afterwards has no secret in it.
        issued.token = '';
    }

    override connectedCallback() {
        super.connectedCallback();
        guardLeaving(() => {
            this.leave();
            return false;
        });
        addEventListener('beforeunload', this.warn);
    }

    protected override first() {
        return this.querySelector<HTMLElement>('lk-copy button');
    }

    override disconnectedCallback() {
        super.disconnectedCallback();
        guardLeaving(null);
        removeEventListener('beforeunload', this.warn);
        this.secret = '';
    }

    private readonly warn = (event: Event) => {
        if (!this.kept) {
            event.preventDefault();
        }
    };

    private get curl() {
        return `curl -H 'Authorization: Bearer ${this.secret}' ${location.origin}/v3/personal-access-tokens/self`;
    }

    protected override content() {
        const { name, expiresAt, graceUntil } = this.issued;
        return html`
            <div class="stack">
                <div class="notice warning">${icons.warning}<p><strong>Copy it now: nobody can show it to you again.</strong> Treat it like a password. Whoever has it can do what it permits.</p></div>
                <p><strong><bdi>${name}</bdi></strong> ${expiresAt ? `expires on ${inWords(new Date(expiresAt))}.` : 'never expires.'}
                    ${this.occasion === 'rotated' && graceUntil && new Date(graceUntil).getTime() > Date.now()
                        ? `The old value works for another ${duration(new Date(graceUntil).getTime() - Date.now())}.` : nothing}</p>
                <div class="field">
                    <label for="issued-token">Token</label>
                    <input id="issued-token" class="secret" readonly spellcheck="false" autocomplete="off" .value=${this.secret}
                           @focus=${(event: Event) => (event.target as HTMLInputElement).select()} @copy=${this.keep}>
                    <div class="row wrap">
                        <lk-copy label="Copy token" .text=${this.secret} @copied=${this.keep}></lk-copy>
                        <button type="button" class="button" @click=${this.download}>${icons.download}Download .env</button>
                    </div>
                </div>
                <div class="field">
                    <label for="issued-curl">Try it</label>
                    <input id="issued-curl" class="secret" readonly spellcheck="false" autocomplete="off" .value=${this.curl}
                           @focus=${(event: Event) => (event.target as HTMLInputElement).select()} @copy=${this.keep}>
                    <lk-copy label="Copy curl command" .text=${this.curl} @copied=${this.keep}></lk-copy>
                </div>
                <footer>
                    ${this.asks ? html`
                        <p class="grow" role="alert">${this.kept ? 'Close? The token cannot be shown again.' : 'You have not copied the token. It cannot be shown again.'}</p>
                        <button type="button" class="button" @click=${this.stay}>Keep open</button>
                        <button type="button" class="button danger" @click=${() => this.close()}>${this.kept ? 'Close' : 'Close without copying'}</button>`
                        : html`<button type="button" class="button primary" @click=${this.done}>Done</button>`}
                </footer>
            </div>`;
    }

    private readonly keep = () => {
        this.change(() => {
            this.kept = true;
            this.asks = false;
        });
    };

    private done() {
        if (this.kept) {
            this.close();
        } else {
            this.leave();
        }
    }

    protected override leave() {
        this.change(() => this.asks = true);
        void this.updateComplete.then(() => this.querySelector<HTMLElement>('footer button')?.focus());
    }

    private stay() {
        this.change(() => this.asks = false);
        void this.updateComplete.then(() => this.first()?.focus());
    }

    private download() {
        const address = URL.createObjectURL(new Blob([`LATCHKEY_TOKEN=${this.secret}\n`], { type: 'text/plain' }));
        const link = document.createElement('a');
        link.href = address;
        link.download = `${this.issued.name.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'latchkey'}.env`;
        link.click();
        setTimeout(() => URL.revokeObjectURL(address), 1_000);
        this.keep();
    }
}

/** Shows a token until the person has it. */
export const showOnce = (issued: IssuedToken, occasion: 'created' | 'rotated') => new ShowOnceDialog(issued, occasion).ask();

customElements.define('lk-show-once-dialog', ShowOnceDialog);
