import { html, nothing, type TemplateResult } from 'lit';
import { ApiError, get, request, type AccountDetails, type PolicyPreview, type TokenPolicy } from '../api';
import { ActionDialog } from '../components/action-dialog';
import { described, field } from '../components/bits';
import { asApiError, Loader, PageElement, problem } from '../components/element';
import { toast } from '../components/toast';
import { count, date } from '../format';
import { icons } from '../icons';
import { go } from '../router';
import { can, user } from '../session';

const DAY_SECONDS = 86_400;

/** Account → Account: what is known of it, and what it demands of tokens. */
export class AccountPage extends PageElement {

    private readonly account = new Loader<AccountDetails>(this);
    private readonly preview = new Loader<PolicyPreview>(this);
    private detailsError: ApiError | undefined;
    private policyError: ApiError | undefined;
    private existing: 'keep' | 'shorten' = 'keep';

    override connectedCallback() {
        super.connectedCallback();
        this.name('Account');
        void this.account.load(signal => get(this.path, { signal }));
    }

    override disconnectedCallback() {
        super.disconnectedCallback();
        this.account.stop();
        this.preview.stop();
    }

    private get path() {
        return `/v3/accounts/${user().account.id}`;
    }

    protected override render() {
        return html`
            <div class="page-head"><h1 tabindex="-1">Account</h1></div>
            ${this.account.show('the account', account => html`
                <div class="columns">
                    ${this.details(account)}
                    ${this.policy(account)}
                </div>
                ${can('account:write') && user().role === 'super-admin' ? html`
                    <section class="card" aria-labelledby="account-end">
                        <h2 id="account-end">Delete the account</h2>
                        <p>Everybody and every token of it is refused at once. Thirty days later all that is left of it goes.</p>
                        <p><button type="button" class="button outline-danger" @click=${() => this.deleteAccount(account)}>${icons.trash}Delete account</button></p>
                    </section>` : nothing}`)}`;
    }

    private details(account: AccountDetails) {
        const input = (name: 'company' | 'email' | 'alias' | 'website', label: string, hint?: string) => {
            const taken = name === 'alias' && this.detailsError?.code === 'ALIAS_TAKEN' ? this.detailsError.message : undefined;
            const texts = { hint, optional: name === 'website', error: this.detailsError?.of(name) ?? taken };
            return field(`account-${name}`, label, html`<input id="account-${name}" name=${name} autocomplete="off" ?readonly=${!can('account:write')}
                .defaultValue=${account[name] ?? ''} aria-invalid=${texts.error ? 'true' : 'false'} aria-describedby=${described(`account-${name}`, texts)}>`, texts);
        };
        return html`
            <section class="card" aria-labelledby="account-details">
                <h2 id="account-details">Details</h2>
                <form class="stack" novalidate @submit=${this.saveDetails}>
                    ${problem(this.detailsError)}
                    ${input('company', 'Company')}
                    ${input('email', 'E-mail', 'Where the account itself can be reached.')}
                    ${input('alias', 'Alias', 'What people name the account by at sign-in.')}
                    ${input('website', 'Website')}
                    ${can('account:write') ? html`<p><button class="button primary">Save details</button></p>` : nothing}
                </form>
            </section>`;
    }

    private policy({ tokenPolicy: policy }: AccountDetails) {
        const readonly = !can('account:write');
        const of = (name: string) => this.policyError?.of(`tokenPolicy.${name}`) ?? this.policyError?.of(name);
        const whole = (name: string, label: string, value: number | null, hint: string, errorName = name) => {
            const texts = { hint, optional: name !== 'tokensPerUser', error: of(errorName) };
            return field(`policy-${name}`, label, html`<input id="policy-${name}" name=${name} type="number" min="1" inputmode="numeric" ?readonly=${readonly}
                .defaultValue=${value === null ? '' : String(value)} aria-invalid=${texts.error ? 'true' : 'false'} aria-describedby=${described(`policy-${name}`, texts)}>`, texts);
        };
        const words = (name: string, label: string, values: string[], hint: string) => {
            const texts = { hint, optional: true, error: of(name) };
            return field(`policy-${name}`, label, html`<textarea id="policy-${name}" name=${name} rows="2" spellcheck="false" ?readonly=${readonly}
                .defaultValue=${values.join(', ')} aria-invalid=${texts.error ? 'true' : 'false'} aria-describedby=${described(`policy-${name}`, texts)}></textarea>`, texts);
        };
        const check = (name: string, label: string, checked: boolean) => html`
            <label class="check"><input type="checkbox" name=${name} .checked=${checked} ?disabled=${readonly}>${label}</label>`;
        return html`
            <section class="card" aria-labelledby="account-policy">
                <h2 id="account-policy">Token policy</h2>
                <form class="stack" novalidate @submit=${this.savePolicy}>
                    ${problem(this.policyError)}
                    ${whole('maxLifetimeDays', 'Longest lifetime in days', policy.maxLifetimeSeconds === null ? null : policy.maxLifetimeSeconds / DAY_SECONDS, 'Empty: no limit.',
                        'maxLifetimeSeconds')}
                    ${check('expiryRequired', 'Each token needs an expiration date', policy.expiryRequired)}
                    ${words('allowedIps', 'Allowed IP ranges', policy.allowedIps ?? [], 'From where tokens may be used at all, separated by commas. Empty: from anywhere.')}
                    ${words('deniedScopes', 'Scopes that no token has', policy.deniedScopes, 'Separated by commas.')}
                    ${whole('maxIdleDays', 'Revoke tokens that nobody used for so many days', policy.maxIdleDays, 'Empty: never.')}
                    ${whole('tokensPerUser', 'Tokens per user', policy.tokensPerUser, 'How many that can be used one person may have.')}
                    <fieldset class="stack"><legend>Rate limit</legend>
                        <p class="hint">Of tokens that have none themselves. Empty: none.</p>
                        ${whole('requests', 'Requests', policy.rateLimit?.requests ?? null, 'At most so many', 'rateLimit.requests')}
                        ${whole('window', 'Seconds', policy.rateLimit?.window ?? null, 'in so many.', 'rateLimit.window')}
                        ${check('rateLimitIsMaximum', 'No token may have a wider one', policy.rateLimitIsMaximum)}
                    </fieldset>
                    ${readonly ? nothing : html`
                        ${this.preview.show('what would break', this.broken)}
                        <footer class="start">
                            <button class="button primary">Save policy</button>
                            <button type="button" class="button" @click=${this.tryPolicy}>What would break?</button>
                        </footer>`}
                </form>
            </section>`;
    }

    private readonly broken = (preview: PolicyPreview): TemplateResult => preview.count === 0 ? html`<p role="status">${icons.check} No token breaks this policy.</p>` : html`
        <div class="notice warning" role="status">${icons.warning}<div class="stack">
            <p><strong>${count(preview.count, 'token')} ${preview.count === 1 ? 'breaks' : 'break'} this policy.</strong></p>
            <ul>${preview.tokens.slice(0, 10).map(token => html`<li><a href="/access-tokens/${token.id}"><bdi>${token.name}</bdi></a> of <bdi>${token.ownerEmail}</bdi>:
                ${token.fields.join(', ')}${token.expiresAt ? html`, ends ${date(token.expiresAt)}` : nothing}</li>`)}</ul>
            <fieldset class="choices"><legend>What becomes of them</legend>
                ${(['keep', 'shorten'] as const).map(each => html`<label class="check"><input type="radio" name="existing" value=${each} .checked=${this.existing === each}
                    @change=${() => this.change(() => this.existing = each)}>${each === 'keep' ? 'They stay as they are' : 'They are shortened to what the policy allows'}</label>`)}
            </fieldset></div></div>`;

    private text(name: string) {
        return this.querySelector<HTMLInputElement>(`[name=${name}]`)?.value.trim() ?? '';
    }

    private checked(name: string) {
        return this.querySelector<HTMLInputElement>(`[name=${name}]`)?.checked ?? false;
    }

    private wantedPolicy(): Partial<TokenPolicy> {
        const whole = (name: string) => this.text(name) === '' ? null : Number(this.text(name));
        const words = (name: string) => this.text(name).split(/[\s,;]+/).filter(part => part);
        const days = whole('maxLifetimeDays');
        const [requests, window] = [whole('requests'), whole('window')];
        return {
            maxLifetimeSeconds: days === null ? null : Math.round(days * DAY_SECONDS), expiryRequired: this.checked('expiryRequired'),
            allowedIps: words('allowedIps').length > 0 ? words('allowedIps') : null, deniedScopes: words('deniedScopes'),
            maxIdleDays: whole('maxIdleDays'), tokensPerUser: whole('tokensPerUser') ?? 0,
            rateLimit: requests === null && window === null ? null : { requests, window } as TokenPolicy['rateLimit'],
            rateLimitIsMaximum: this.checked('rateLimitIsMaximum'),
        };
    }

    private async saveDetails(event: Event) {
        event.preventDefault();
        try {
            const body = { company: this.text('company'), email: this.text('email'), alias: this.text('alias'), website: this.text('website') };
            const answer = await request<AccountDetails>(this.path, { method: 'PATCH', body });
            this.account.value = answer.body;
            this.detailsError = undefined;
            toast('Saved the details');
        } catch (error) {
            this.detailsError = asApiError(error);
        }
        this.requestUpdate();
    }

    private readonly tryPolicy = () => {
        const body = this.wantedPolicy();
        this.policyError = undefined;
        void this.preview.load(async signal => {
            try {
                return (await request<PolicyPreview>(`${this.path}/token-policy/preview`, { method: 'POST', body, signal })).body;
            } catch (error) {
                if (error instanceof ApiError && error.errors.length > 0) {
                    this.policyError = error;
                    return { count: 0, tokens: [] };
                }
                throw error;
            }
        });
    };

    private async savePolicy(event: Event) {
        event.preventDefault();
        try {
            const body = { tokenPolicy: this.wantedPolicy(), existingTokens: this.existing };
            const answer = await request<AccountDetails>(this.path, { method: 'PATCH', body });
            this.account.value = answer.body;
            this.policyError = undefined;
            this.preview.value = undefined;
            toast('Saved the token policy');
        } catch (error) {
            this.policyError = asApiError(error);
        }
        this.requestUpdate();
    }

    private async deleteAccount(account: AccountDetails) {
        if (await new DeleteAccountDialog(this.path, account.alias).ask()) {
            go('/sign-in');
            location.reload();
        }
    }
}

class DeleteAccountDialog extends ActionDialog<boolean> {

    protected override heading = 'Delete the account';

    constructor(private readonly path: string, private readonly alias: string) {
        super();
    }

    protected override content() {
        const texts = { error: this.error?.of('alias') };
        return html`
            <form class="stack" novalidate @submit=${this.submit}>
                ${problem(this.error)}
                <p>Everybody is signed out and every token is refused, at once, yours too. To go on, type the alias of the account: <code>${this.alias}</code></p>
                ${field('delete-alias', 'Alias', html`<input id="delete-alias" name="alias" autocomplete="off" spellcheck="false"
                    aria-invalid=${texts.error ? 'true' : 'false'} aria-describedby=${described('delete-alias', texts)}>`, texts)}
                ${this.buttons('Delete the account', true)}
            </form>`;
    }

    private submit(event: Event) {
        event.preventDefault();
        void this.act(async () => {
            await request(this.path, { method: 'DELETE', body: { alias: this.text('alias') } });
            this.close(true);
        });
    }
}

customElements.define('lk-page-account', AccountPage);
customElements.define('lk-delete-account-dialog', DeleteAccountDialog);
