import { html, nothing } from 'lit';
import { get, list, type Page, type Role, type ScopeGroup } from '../api';
import { badge } from '../components/bits';
import '../components/chips';
import { Loader, PageElement } from '../components/element';
import { number } from '../format';
import { icons } from '../icons';
import { refine } from '../router';
import { can } from '../session';

/** The catalogue: every scope, who may grant it, and how many active tokens have it. */
export class ScopesPage extends PageElement {

    private readonly catalogue = new Loader<ScopeGroup[]>(this);
    private readonly counts = new Loader<{ scope: string; tokens: number }[]>(this);
    private readonly roles = new Loader<Page<Role>>(this);

    override connectedCallback() {
        super.connectedCallback();
        this.name('Scopes');
        void this.catalogue.load(signal => get('/v3/scopes', { signal }));
        if (can('analytics:read')) {
            void this.counts.load(signal => get('/v3/analytics/scopes', { signal }));
        }
        if (can('role:read')) {
            void this.roles.load(signal => list('/v3/roles', { limit: 100 }, signal));
        }
    }

    protected override render() {
        const query = this.place.query.get('query') ?? '';
        return html`
            <div class="page-head"><h1 tabindex="-1">Scopes</h1></div>
            <p class="measure lead">A scope is the permission to do one thing. A token has those that it was created with, as long as its owner’s role has them too.
                None includes another: one to write does not include the one to read.</p>
            <form class="filters" role="search" aria-label="Scopes" @submit=${(event: Event) => event.preventDefault()}>
                <div class="field grow"><label for="scope-query">Search</label>
                    <div class="with-icon">${icons.search}<input id="scope-query" type="search" placeholder="Name or description" .value=${query}
                        @input=${(event: Event) => refine({ query: (event.target as HTMLInputElement).value }, 'replace')}></div></div>
            </form>
            ${this.catalogue.show('scopes', groups => this.table(groups, query))}`;
    }

    private table(groups: ScopeGroup[], query: string) {
        const wanted = query.trim().toLowerCase().split(/\s+/);
        const scopes = groups.flatMap(group => group.scopes)
            .filter(scope => wanted.every(word => `${scope.name} ${scope.description}`.toLowerCase().includes(word)));
        const counts = this.counts.value && new Map(this.counts.value.map(each => [each.scope, each.tokens]));
        const roles = this.roles.value?.items;
        return html`
            <p class="visually-hidden" role="status">${scopes.length} scopes shown</p>
            ${scopes.length === 0 ? html`<p class="quiet none">No scope matches “${query}”.</p>` : html`
            <div class="scroll" tabindex="0" role="group" aria-label="Scopes"><table>
                <thead><tr><th scope="col">Scope</th><th scope="col">What it permits</th><th scope="col">You may grant it</th>
                    ${roles ? html`<th scope="col">Roles that may</th>` : nothing}${counts ? html`<th scope="col" class="number">Active tokens</th>` : nothing}</tr></thead>
                <tbody>${scopes.map(scope => html`
                    <tr><th scope="row"><code>${scope.name}</code></th><td class="wide">${scope.description}</td>
                        <td>${can(scope.name) ? badge('Yes', 'success', icons.check) : badge('No', 'plain', icons.block)}</td>
                        ${roles ? html`<td><lk-chips what="roles" .values=${roles.filter(role => role.claims.includes(scope.name)).map(role => role.name)}></lk-chips></td>` : nothing}
                        ${counts ? html`<td class="number">${this.count(scope.name, counts.get(scope.name) ?? 0)}</td>` : nothing}</tr>`)}</tbody>
            </table></div>`}`;
    }

    private count(scope: string, tokens: number) {
        return tokens === 0 || !can('personalAccessToken:write') ? number(tokens)
            : html`<a href="/access-tokens?status=active&scope=${scope}" aria-label="${number(tokens)} active tokens with ${scope}">${number(tokens)}</a>`;
    }
}

customElements.define('lk-page-scopes', ScopesPage);
