import { html, nothing } from 'lit';
import { ApiError, get, idempotencyKey, request, type IssuedToken, type ScopeGroup, type Token } from '../api';
import { described, field } from '../components/bits';
import { asApiError, Loader, PageElement, problem } from '../components/element';
import '../components/expiry';
import type { Expiry } from '../components/expiry';
import { parseRanges } from '../components/ranges';
import '../components/scope-matrix';
import { showOnce } from '../components/show-once-dialog';
import { fetchToken, rotate } from '../components/token-actions';
import { toast } from '../components/toast';
import { icons } from '../icons';
import { go } from '../router';

/** The fields as the service calls them, in the order of the form. */
const FIELDS: [name: string, label: string, target: string][] = [['name', 'Name', '#token-name'], ['expiresAt', 'Expiration date', 'lk-expiry input:checked'],
    ['scopes', 'Scopes', 'lk-scope-matrix input'], ['description', 'Description', '#token-description'], ['allowedIps', 'Allowed IP ranges', '#ranges'], ['tags', 'Tags', '#token-tags']];

/** The form that creates a token. */
export class TokenNewPage extends PageElement {

    private readonly catalogue = new Loader<ScopeGroup[]>(this);
    /** One for each form: a repeated request makes no second token. */
    private key = idempotencyKey();
    private scopes: string[] = [];
    private ranges = '';
    private wrong: Record<string, string> = {};
    private error: ApiError | undefined;
    private busy = false;
    /** It was sent, and nobody knows what became of it. */
    private uncertain = false;
    private replayed: Token | undefined;
    /** What was sent, with the form that it came from. */
    private sent: { form: string; body: Record<string, unknown> } | undefined;

    override connectedCallback() {
        super.connectedCallback();
        this.name('New token');
        void this.catalogue.load(signal => get('/v3/scopes', { signal }));
    }

    protected override render() {
        return html`
            <div class="page-head"><h1 tabindex="-1">New token</h1></div>
            ${this.replayed ? this.explainReplay(this.replayed) : html`
                <form class="stack form" novalidate @submit=${this.submit} aria-label="New token">
                    ${problem(this.error)}
                    ${this.summary()}
                    ${field('token-name', 'Name', html`
                        <input id="token-name" name="name" maxlength="255" autocomplete="off" required aria-invalid=${this.wrong['name'] ? 'true' : 'false'}
                               aria-describedby=${described('token-name', { hint: true, error: this.wrong['name'] })} @input=${() => this.forgive('name')}>`,
                        { hint: 'What it is for, such as “release pipeline”. You will recognise it by this.', error: this.wrong['name'] })}
                    <lk-expiry .error=${this.wrong['expiresAt']} @change=${() => this.forgive('expiresAt')}></lk-expiry>
                    ${this.catalogue.show('scopes', groups => html`
                        <lk-scope-matrix .groups=${groups} .chosen=${this.scopes} .error=${this.wrong['scopes']}
                                         @scopes=${(event: CustomEvent<string[]>) => { this.scopes = event.detail; this.forgive('scopes'); }}></lk-scope-matrix>`)}
                    <details ?open=${['description', 'allowedIps', 'tags'].some(name => this.wrong[name])}>
                        <summary>Advanced: description, allowed IP ranges, tags</summary>
                        <div class="stack">
                            ${field('token-description', 'Description', html`
                                <textarea id="token-description" name="description" rows="2" maxlength="1000" aria-invalid=${this.wrong['description'] ? 'true' : 'false'}
                                    aria-describedby=${described('token-description', { error: this.wrong['description'] })}></textarea>`,
                                { optional: true, error: this.wrong['description'] })}
                            <lk-ranges .value=${this.ranges} .error=${this.wrong['allowedIps']}
                                       @ranges=${(event: CustomEvent<string>) => { this.ranges = event.detail; this.forgive('allowedIps'); }}></lk-ranges>
                            ${field('token-tags', 'Tags', html`
                                <input id="token-tags" name="tags" autocomplete="off" aria-invalid=${this.wrong['tags'] ? 'true' : 'false'}
                                    aria-describedby=${described('token-tags', { hint: true, error: this.wrong['tags'] })}>`,
                                { optional: true, hint: 'Separated by commas.', error: this.wrong['tags'] })}
                        </div>
                    </details>
                    <footer class="start">
                        <button class="button primary" ?disabled=${this.busy}>${this.busy ? 'Creating…' : this.uncertain ? 'Try again' : 'Create token'}</button>
                        <a class="button" href="/access-tokens">Cancel</a>
                    </footer>
                </form>`}`;
    }

    /** Where to look: the fields that are wrong, each a way to it. */
    private summary() {
        const wrong = FIELDS.filter(([name]) => this.wrong[name]);
        return wrong.length < 2 ? nothing : html`
            <div class="notice danger" role="alert">${icons.error}<div><p>Please correct:</p>
                <ul>${wrong.map(([name, label, target]) => html`<li><a href="#" @click=${(event: Event) => {
                    event.preventDefault();
                    this.querySelector<HTMLElement>(target)?.focus();
                }}>${label}</a>: ${this.wrong[name]}</li>`)}</ul></div></div>`;
    }

    private forgive(name: string) {
        if (this.wrong[name]) {
            this.change(() => delete this.wrong[name]);
        }
    }

    private text(name: string) {
        return this.querySelector<HTMLInputElement | HTMLTextAreaElement>(`[name=${name}]`)?.value.trim() ?? '';
    }

    private expiry() {
        return this.querySelector<Expiry>('lk-expiry')!;
    }

    private async submit(event: Event) {
        event.preventDefault();
        if (this.busy) {
            return;
        }
        const { ranges, problems } = parseRanges(this.ranges);
        const expiry = this.expiry().problem();
        this.wrong = {
            ...this.text('name') ? {} : { name: 'Give the token a name.' },
            ...expiry ? { expiresAt: expiry } : {},
            ...this.scopes.length > 0 ? {} : { scopes: 'Choose at least one scope.' },
            ...problems.length > 0 ? { allowedIps: 'Correct the entries that are marked.' } : {},
        };
        this.error = undefined;
        this.requestUpdate();
        if (Object.keys(this.wrong).length > 0) {
            await this.focusWrong();
            return;
        }
        const fields = {
            name: this.text('name'), scopes: this.scopes, description: this.text('description') || null, allowedIps: ranges.length > 0 ? ranges : null,
            tags: this.text('tags').split(',').map(tag => tag.trim()).filter(tag => tag),
        };
        // A number of days counts from now, but the same form a minute later is still the same request.
        const form = JSON.stringify([fields, this.expiry().choice, this.expiry().date]);
        if (!this.uncertain || this.sent?.form !== form) {
            this.sent = { form, body: { ...fields, expiresAt: this.expiry().instant()?.toISOString() ?? null } };
        }
        const { body } = this.sent;
        this.change(() => this.busy = true);
        try {
            const answer = await request<IssuedToken>('/v3/personal-access-tokens', { method: 'POST', body, headers: { 'Idempotency-Key': this.key } });
            this.key = idempotencyKey();
            this.uncertain = false;
            if (answer.headers.get('Idempotency-Replayed') || !answer.body.token) {
                this.change(() => this.replayed = answer.body);
                this.focusHeading();
                return;
            }
            const { id, name } = answer.body;
            await showOnce(answer.body, 'created');
            toast(`Created ${name}`);
            go(`/access-tokens/${id}`, 'replace');
        } catch (caught) {
            await this.explain(asApiError(caught));
        } finally {
            this.change(() => this.busy = false);
        }
    }

    private async explain(error: ApiError) {
        this.uncertain = error.lost || error.status >= 500 || error.code === 'IDEMPOTENCY_IN_PROGRESS';
        if (error.lost) {
            this.error = new ApiError(0, error.code, `${error.message} Your token may have been created all the same: trying again does not create a second one.`);
        } else if (error.code === 'IDEMPOTENCY_KEY_REUSED') {
            this.key = idempotencyKey();
            this.error = new ApiError(error.status, error.code, 'The first attempt reached the service with what the form had then, and made a token. '
                + 'Look for it in the list of tokens before you create another with what the form has now.', [], error.requestId);
        } else if (error.errors.length > 0) {
            for (const [name] of FIELDS) {
                const message = error.of(name);
                if (message) {
                    this.wrong[name] = message;
                }
            }
            if (Object.keys(this.wrong).length === 0) {
                this.error = error;
            }
        } else if (error.code === 'SCOPE_NOT_GRANTABLE') {
            this.wrong['scopes'] = error.message;
        } else {
            this.error = error;
        }
        this.requestUpdate();
        await this.focusWrong();
    }

    private async focusWrong() {
        await this.updateComplete;
        const first = FIELDS.find(([name]) => this.wrong[name]);
        this.querySelector<HTMLElement>(first ? first[2] : '.notice.danger')?.focus();
    }

    private focusHeading() {
        void this.updateComplete.then(() => this.querySelector<HTMLElement>('h1')?.focus());
    }

    private explainReplay(token: Token) {
        return html`
            <div class="stack form">
                <div class="notice warning" role="alert">${icons.warning}<div class="stack">
                    <p><strong>Your first attempt had worked: the token <bdi>${token.name}</bdi> (<code>${token.hint}</code>) exists.</strong> Its value was in the answer that
                        got lost, and nobody can show it again.</p>
                    <p>Rotate the token: it gets a new value, which you see once. There is only this one token; trying again has not made another.</p></div></div>
                <footer class="start">
                    <button type="button" class="button primary" @click=${() => this.rotateReplayed(token)}>${icons.rotate}Rotate now</button>
                    <a class="button" href="/access-tokens/${token.id}">View the token</a>
                </footer>
            </div>`;
    }

    private async rotateReplayed(token: Token) {
        await rotate(await fetchToken(token.id).catch(() => token), () => go(`/access-tokens/${token.id}`));
    }
}

customElements.define('lk-page-token-new', TokenNewPage);
