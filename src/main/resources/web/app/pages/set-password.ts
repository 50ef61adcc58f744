import { html } from 'lit';
import { ApiError, request } from '../api';
import { described, field } from '../components/bits';
import { asApiError, PageElement, problem } from '../components/element';
import { toast } from '../components/toast';
import { icons } from '../icons';
import { go } from '../router';

const SHORTEST = 12;

/** Where an invitation, or a link that resets a password, leads. */
export class SetPasswordPage extends PageElement {

    private user = '';
    private token = '';
    private wrong = '';
    private error: ApiError | undefined;
    private busy = false;

    override connectedCallback() {
        super.connectedCallback();
        this.name('Set your password');
        const link = new URLSearchParams(location.hash.slice(1));
        this.user = link.get('user') ?? '';
        this.token = link.get('token') ?? '';
        // The secret is in no history, and nobody who looks over a shoulder copies it.
        history.replaceState(null, '', location.pathname);
    }

    override disconnectedCallback() {
        super.disconnectedCallback();
        this.token = '';
    }

    protected override render() {
        return html`
            <div class="sign-in">
                <p class="brand">${icons.key}Latchkey</p>
                <h1 tabindex="-1">Set your password</h1>
                ${this.token && this.user ? html`
                    <form class="stack" novalidate @submit=${this.submit}>
                        ${problem(this.error)}
                        ${field('new-password', 'New password', html`
                            <input id="new-password" name="password" type="password" autocomplete="new-password" required
                                   aria-invalid=${this.wrong ? 'true' : 'false'} aria-describedby=${described('new-password', { hint: true, error: this.wrong })}>`,
                            { hint: `At least ${SHORTEST} characters; several words are easy to remember.`, error: this.wrong })}
                        <button class="button primary" ?disabled=${this.busy}>${this.busy ? 'Setting…' : 'Set password'}</button>
                    </form>`
                    : html`<p>This address is not complete: open the link that you were given once more, or ask for another.</p>`}
                <p><a href="/sign-in">Sign in</a></p>
            </div>`;
    }

    private async submit(event: Event) {
        event.preventDefault();
        const input = this.querySelector<HTMLInputElement>('#new-password')!;
        this.wrong = [...input.value].length < SHORTEST ? `Write at least ${SHORTEST} characters.` : '';
        if (this.wrong || this.busy) {
            this.requestUpdate();
            input.focus();
            return;
        }
        this.change(() => {
            this.busy = true;
            this.error = undefined;
        });
        try {
            await request(`/v3/users/${encodeURIComponent(this.user)}/reset-password`,
                { method: 'POST', anonymous: true, body: { token: this.token, newPassword: input.value } });
            toast('Your password is set: sign in with it.');
            go('/sign-in', 'replace');
        } catch (caught) {
            const error = asApiError(caught);
            this.wrong = error.of('newPassword') ?? '';
            this.error = this.wrong ? undefined : error;
        } finally {
            this.change(() => this.busy = false);
        }
    }
}

customElements.define('lk-page-set-password', SetPasswordPage);
