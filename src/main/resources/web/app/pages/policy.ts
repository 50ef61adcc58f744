import { html, nothing, type PropertyValues } from 'lit';
import { live } from 'lit/directives/live.js';
import { get, request, type PolicyResult } from '../api';
import { badge, described, emptyState, field } from '../components/bits';
import { Loader, PageElement, problem } from '../components/element';
import { icons } from '../icons';
import { refine } from '../router';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

/** Tries the route policy: which rule a request meets, and what that demands. */
export class PolicyPage extends PageElement {

    private readonly policy = new Loader<{ configured: boolean; name: string | null }>(this);
    private readonly result = new Loader<PolicyResult>(this);
    private missing = '';

    override connectedCallback() {
        super.connectedCallback();
        this.name('Policy tester');
        void this.policy.load(signal => get('/v3/policy', { signal }));
    }

    protected override willUpdate(changed: PropertyValues) {
        const path = this.place.query.get('path');
        if (changed.has('place') && path) {
            const method = this.place.query.get('method') ?? 'GET';
            void this.result.load(async signal => (await request<PolicyResult>('/v3/policy/test', { method: 'POST', body: { method, path }, signal })).body);
        }
    }

    protected override render() {
        return html`
            <div class="page-head"><h1 tabindex="-1">Policy tester</h1></div>
            ${this.policy.show('the policy', policy => policy.configured ? this.tester(policy.name)
                : emptyState('No route policy', html`A route policy says which scopes the requests to an API behind the gateway need. None is configured: set <code>latchkey.policy</code>.`),
                this.tester(null))}`;
    }

    private tester(name: string | null) {
        const query = this.place.query;
        const error = this.result.error;
        const wrong = this.missing || error?.of('path');
        return html`
            <p class="measure lead">${name ? html`The policy in force is <strong>${name}</strong>. ` : nothing}Nothing is sent: the gateway only says what it would demand of this request.</p>
            <form class="filters" novalidate @submit=${this.submit}>
                <div class="field"><label for="policy-method">Method</label>
                    <select id="policy-method" name="method">${METHODS.map(each => html`<option .selected=${live(each === (query.get('method') ?? 'GET'))}>${each}</option>`)}</select></div>
                <div class="grow">${field('policy-path', 'Path', html`
                    <input id="policy-path" name="path" spellcheck="false" autocapitalize="none" placeholder="/v3/licenses/42" .value=${query.get('path') ?? ''}
                        aria-invalid=${wrong ? 'true' : 'false'} aria-describedby=${described('policy-path', { error: wrong })}>`, { error: wrong })}</div>
                <button class="button primary">Test</button>
            </form>
            <div role="status">${error ? error.of('path') ? nothing : problem(error) : this.result.value && query.has('path') ? this.answer(this.result.value) : nothing}</div>`;
    }

    private submit(event: Event) {
        event.preventDefault();
        const data = new FormData(event.target as HTMLFormElement);
        const path = String(data.get('path')).trim();
        this.change(() => this.missing = path ? '' : 'Write a path, such as /v3/licenses.');
        if (path) {
            refine({ method: String(data.get('method')), path });
        }
    }

    private answer(result: PolicyResult) {
        const rule = result.rule;
        const verdict = {
            DENIED: badge('Refused', 'danger', icons.block), PUBLIC: badge('Open to everybody', 'warning', icons.warning),
            ANY_TOKEN: badge('Any valid token', 'success', icons.check), SCOPES: badge('Scopes needed', 'success', icons.shield),
        }[result.outcome];
        const chips = (scopes: string[]) => html`<span class="chips">${scopes.map(scope => html`<span class="chip">${scope}</span>`)}</span>`;
        return html`
            <section class="card" aria-labelledby="verdict"><h2 id="verdict">Answer</h2>
                <dl class="facts">
                    <div><dt>Verdict</dt><dd>${verdict}${result.outcome === 'DENIED' ? html` No rule matches; what no rule allows is refused.` : nothing}</dd></div>
                    <div><dt>Path as judged</dt><dd><code>${result.canonicalPath}</code></dd></div>
                    ${rule ? html`
                        <div><dt>Rule</dt><dd>${rule.name} <span class="quiet">(line ${rule.line})</span></dd></div>
                        <div><dt>It matches</dt><dd><code>${rule.methods.length > 0 ? rule.methods.join(', ') : 'any method'} ${rule.path}</code></dd></div>
                        ${rule.require.length > 0 ? html`<div><dt>All of</dt><dd>${chips(rule.require)}</dd></div>` : nothing}
                        ${rule.anyOf.length > 0 ? html`<div><dt>One of</dt><dd>${chips(rule.anyOf)}</dd></div>` : nothing}` : nothing}
                </dl>
            </section>`;
    }
}

customElements.define('lk-page-policy', PolicyPage);
