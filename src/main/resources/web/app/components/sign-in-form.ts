import { html, nothing } from 'lit';
import { ApiError } from '../api';
import { clock } from '../format';
import { signIn } from '../session';
import { described, field } from './bits';
import { asApiError, Light, problem } from './element';

/** The form that signs in, on its page and over any other. Tells by the event signed-in. */
export class SignInForm extends Light {

    static override properties = { email: {}, alias: {}, over: { type: Boolean } };

    declare email: string;
    /** Of the account; empty: the default one. */
    declare alias: string;
    /** Over another page: e-mail and account are those from before. */
    declare over: boolean;
    private asksAlias = false;
    private asksCode = false;
    private busy = false;
    private error: ApiError | undefined;
    private waitsUntil = 0;
    private timer: ReturnType<typeof setInterval> | undefined;

    constructor() {
        super();
        this.email = '';
        this.alias = '';
        this.over = false;
    }

    override disconnectedCallback() {
        super.disconnectedCallback();
        clearInterval(this.timer);
    }

    protected override render() {
        const left = (this.waitsUntil - Date.now()) / 1000;
        return html`
            <form class="stack" novalidate @submit=${this.submit}>
                ${left > 0 ? html`
                    <div class="notice warning"><p><span role="alert">Too many attempts.</span> Try again in <span role="timer">${clock(left)}</span>.</p></div>`
                    : problem(this.error)}
                ${field('sign-in-email', 'E-mail', html`
                    <input id="sign-in-email" name="email" type="email" autocomplete="username" required .value=${this.email}
                           aria-invalid=${this.error?.of('email') ? 'true' : 'false'} ?readonly=${this.over && this.email !== ''}>`,
                    { error: this.error?.of('email') })}
                ${field('sign-in-password', 'Password', html`
                    <input id="sign-in-password" name="password" type="password" autocomplete="current-password" required
                           aria-invalid=${this.error?.of('password') ? 'true' : 'false'}>`, { error: this.error?.of('password') })}
                ${this.asksAlias || this.alias ? field('sign-in-alias', 'Account alias', html`
                    <input id="sign-in-alias" name="alias" autocomplete="organization" autocapitalize="none" spellcheck="false" .value=${this.alias}
                           ?readonly=${this.over}>`,
                    { hint: 'Which of your accounts, as your administrator calls it.', error: this.error?.of('accountAlias') }) : nothing}
                ${this.asksCode ? field('sign-in-code', 'Code', html`
                    <input id="sign-in-code" name="code" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" required
                           aria-describedby=${described('sign-in-code', { hint: true })}>`,
                    { hint: 'Of your authenticator application, or one of your recovery codes.' }) : nothing}
                <button class="button primary" ?disabled=${this.busy || left > 0}>${this.busy ? 'Signing in…' : 'Sign in'}</button>
                ${this.asksAlias || this.alias || this.over ? nothing : html`
                    <button type="button" class="button bare" @click=${this.showAlias}>Sign in to another account</button>`}
            </form>`;
    }

    private async showAlias() {
        this.change(() => this.asksAlias = true);
        await this.updateComplete;
        this.input('alias')?.focus();
    }

    private input(name: string) {
        return this.querySelector<HTMLInputElement>(`input[name=${name}]`);
    }

    private async submit(event: Event) {
        event.preventDefault();
        const email = this.input('email')?.value.trim() ?? '';
        const password = this.input('password')?.value ?? '';
        const missing = [...email ? [] : [{ field: 'email', message: 'Write your e-mail address.' }],
            ...password ? [] : [{ field: 'password', message: 'Write your password.' }]];
        if (missing.length > 0) {
            this.change(() => this.error = new ApiError(400, 'VALIDATION_FAILED', 'Something is missing.', missing));
            this.input(missing[0]!.field)?.focus();
            return;
        }
        this.change(() => {
            this.busy = true;
            this.email = email;
        });
        try {
            await signIn(email, password, this.input('alias')?.value.trim() ?? '', this.input('code')?.value.trim() ?? '');
            this.error = undefined;
            this.dispatchEvent(new Event('signed-in'));
        } catch (caught) {
            await this.explain(asApiError(caught));
        } finally {
            this.change(() => this.busy = false);
        }
    }

    private async explain(error: ApiError) {
        this.error = error;
        if (error.status === 429) {
            this.waitsUntil = Date.now() + (error.retryAfter ?? 30) * 1000;
            clearInterval(this.timer);
            this.timer = setInterval(() => {
                if (this.waitsUntil <= Date.now()) {
                    clearInterval(this.timer);
                    this.error = undefined;
                }
                this.requestUpdate();
            }, 1000);
        } else if (error.code === 'ACCOUNT_ALIAS_REQUIRED') {
            this.asksAlias = true;
            this.error = new ApiError(error.status, error.code, 'You have more than one account: say which.', [], error.requestId);
            this.requestUpdate();
            await this.updateComplete;
            this.input('alias')?.focus();
        } else if (error.code === 'TWO_FACTOR_REQUIRED' || error.code === 'INVALID_TWO_FACTOR_CODE') {
            this.error = this.asksCode ? new ApiError(error.status, error.code, 'The code is wrong, or was used already. Wait for the next one.') : undefined;
            this.asksCode = true;
            this.requestUpdate();
            await this.updateComplete;
            const code = this.input('code');
            code?.focus();
            code?.select();
        } else if (error.code === 'INVALID_CREDENTIALS') {
            this.error = new ApiError(error.status, error.code, this.asksAlias || this.alias
                ? 'Account alias, e-mail or password is wrong. Check all three.' : 'E-mail or password is wrong. Check both.');
            this.requestUpdate();
            await this.updateComplete;
            const password = this.input('password');
            password?.focus();
            password?.select();
        }
    }
}

customElements.define('lk-sign-in-form', SignInForm);
