import { html, nothing, type PropertyValues } from 'lit';
import { live } from 'lit/directives/live.js';
import { get, list, type Page, type ScopeGroup, type Token, type User } from '../api';
import { emptyState, pager, sortHead, status, STATUS_WORDS, time, type ShownStatus } from '../components/bits';
import '../components/chips';
import { Loader, PageElement } from '../components/element';
import '../components/menu';
import '../components/search';
import type { SearchField } from '../components/search';
import { BulkRevokeDialog } from '../components/bulk-revoke-dialog';
import { tokenActions } from '../components/token-actions';
import { count, date, DAY } from '../format';
import { icons } from '../icons';
import { refine } from '../router';
import { can, user } from '../session';

const LIMITS = [20, 50, 100];
const FILTERS = ['query', 'status', 'scope', 'userId', 'unused'];
const STATUSES: ShownStatus[] = ['active', 'expiring', 'expired', 'revoked'];

/** Developer → Access Tokens: the list, everything about it in the address. */
export class TokensPage extends PageElement {

    private readonly tokens = new Loader<Page<Token>>(this);
    private readonly scopes = new Loader<ScopeGroup[]>(this);
    private readonly users = new Loader<Page<User>>(this);
    private readonly selected = new Map<string, Token>();

    protected override willUpdate(changed: PropertyValues) {
        if (changed.has('place')) {
            this.load();
        }
    }

    override connectedCallback() {
        super.connectedCallback();
        this.name('Access Tokens');
        void this.scopes.load(signal => get('/v3/scopes', { signal }));
        if (can('user:write') && can('user:read')) {
            void this.users.load(signal => list('/v3/users', { limit: 100, sort: 'email' }, signal));
        }
    }

    override disconnectedCallback() {
        super.disconnectedCallback();
        this.tokens.stop();
    }

    private get limit() {
        const limit = Number(this.place.query.get('limit'));
        return LIMITS.includes(limit) ? limit : 20;
    }

    private get sort() {
        return this.place.query.get('sort') ?? '-createdAt';
    }

    private load() {
        const query = this.place.query;
        const of = (name: string) => query.get(name) ?? undefined;
        return this.tokens.load(signal => list<Token>('/v3/personal-access-tokens', {
            query: of('query'), status: of('status'), scope: of('scope'), userId: of('userId'),
            unusedSince: query.get('unused') ? new Date(Date.now() - Number(query.get('unused')) * DAY).toISOString() : undefined,
            sort: this.sort, limit: this.limit, cursor: of('cursor'), page: query.has('cursor') ? undefined : of('page'),
        }, signal));
    }

    private get filtered() {
        return FILTERS.some(name => this.place.query.has(name));
    }

    private filter(name: string, value: string, how: 'push' | 'replace' = 'push') {
        this.selected.clear();
        refine({ [name]: value, page: undefined, cursor: undefined }, how);
    }

    protected override render() {
        return html`
            <div class="page-head">
                <h1 tabindex="-1">Access Tokens</h1>
                <a class="button primary" href="/access-tokens/new">${icons.add}New token</a>
            </div>
            ${this.filters()}
            ${this.selected.size > 0 ? html`
                <div class="selection" role="group" aria-label="Selected tokens">
                    <p role="status">${count(this.selected.size, 'token')} selected</p>
                    <button type="button" class="button danger" @click=${this.revokeSelected}>${icons.block}Revoke selected</button>
                    <button type="button" class="button bare" @click=${() => this.change(() => this.selected.clear())}>Clear selection</button>
                </div>` : nothing}
            ${this.tokens.show('tokens', page => page.items.length === 0 ? this.empty(page) : html`
                ${this.table(page.items)}
                <div class="row between">
                    ${pager(page, this.place.query, this.limit, 'token')}
                    <label class="row small">Rows
                        <select @change=${(event: Event) => refine({ limit: value(event), page: undefined, cursor: undefined })}>
                            ${LIMITS.map(limit => html`<option value=${limit === 20 ? '' : limit} .selected=${live(limit === this.limit)}>${limit}</option>`)}
                        </select></label>
                </div>`)}`;
    }

    private filters() {
        const query = this.place.query;
        return html`
            <form class="filters" role="search" aria-label="Tokens" @submit=${(event: Event) => event.preventDefault()}>
                <lk-search .value=${query.get('query') ?? ''} placeholder="Name, description or hint"
                           @search=${(event: CustomEvent<string>) => this.filter('query', event.detail, 'replace')}></lk-search>
                <div class="field">
                    <label for="filter-status">Status</label>
                    <select id="filter-status" @change=${(event: Event) => this.filter('status', value(event))}>
                        <option value="">All</option>
                        ${STATUSES.map(each => html`<option value=${each} .selected=${live(query.get('status') === each)}>${STATUS_WORDS[each]}</option>`)}
                    </select>
                </div>
                <div class="field">
                    <label for="filter-scope">Scope</label>
                    <select id="filter-scope" @change=${(event: Event) => this.filter('scope', value(event))}>
                        <option value="">All</option>
                        ${(this.scopes.value ?? []).map(group => html`<optgroup label=${group.resource}>
                            ${group.scopes.map(scope => html`<option value=${scope.name} .selected=${live(query.get('scope') === scope.name)}>${scope.name}</option>`)}
                        </optgroup>`)}
                    </select>
                </div>
                ${can('user:write') ? html`
                    <div class="field">
                        <label for="filter-owner">Owner</label>
                        <select id="filter-owner" @change=${(event: Event) => this.filter('userId', value(event))}>
                            <option value="">Everyone</option>
                            <option value=${user().id} .selected=${live(query.get('userId') === user().id)}>Me</option>
                            ${(this.users.value?.items ?? []).filter(each => each.id !== user().id).map(each => html`
                                <option value=${each.id} .selected=${live(query.get('userId') === each.id)}>${each.email}</option>`)}
                        </select>
                    </div>` : nothing}
                <label class="check">
                    <input type="checkbox" .checked=${live(query.has('unused'))}
                           @change=${(event: Event) => this.filter('unused', (event.target as HTMLInputElement).checked ? '90' : '')}>
                    Unused for 90 days</label>
                ${this.filtered ? html`<button type="button" class="button bare" @click=${this.clear}>${icons.close}Clear filters</button>` : nothing}
            </form>`;
    }

    private readonly clear = () => {
        this.selected.clear();
        refine(Object.fromEntries([...FILTERS, 'page', 'cursor'].map(name => [name, undefined])));
        this.querySelector<SearchField>('lk-search')?.reset();
    };

    private empty(page: Page<Token>) {
        if (this.place.query.has('page') || this.place.query.has('cursor')) {
            return html`${emptyState('Nothing on this page', 'The list has become shorter.')}${pager(page, this.place.query, this.limit, 'token')}`;
        }
        if (this.filtered) {
            return emptyState('No token matches', 'Change the filters, or clear them.',
                html`<button type="button" class="button" @click=${this.clear}>Clear filters</button>`);
        }
        return emptyState('No tokens yet',
            html`A token lets a script or a pipeline call the API in your name, without your password. Give each program a token of its own, with
                 only the scopes that it needs and a date on which it ends: then you can revoke one and leave the others alone.`,
            html`<a class="button primary" href="/access-tokens/new">${icons.add}Create your first token</a>`);
    }

    private table(tokens: Token[]) {
        const owners = can('user:write');
        const selectable = tokens.filter(token => token.status !== 'revoked');
        const all = selectable.length > 0 && selectable.every(token => this.selected.has(token.id));
        return html`
            <table class="cards" role="table" aria-label="Access tokens">
                <thead role="rowgroup"><tr role="row">
                    <th role="columnheader" class="select"><label class="target"><input type="checkbox" aria-label="Select all on this page" .checked=${live(all)}
                        ?disabled=${selectable.length === 0} .indeterminate=${!all && selectable.some(token => this.selected.has(token.id))}
                        @change=${() => this.change(() => selectable.forEach(token => all ? this.selected.delete(token.id) : this.selected.set(token.id, token)))}></label></th>
                    ${sortHead('Name', 'name', this.sort)}
                    <th scope="col" role="columnheader">Scopes</th>
                    ${owners ? html`<th scope="col" role="columnheader">Owner</th>` : nothing}
                    <th scope="col" role="columnheader">Status</th>
                    ${sortHead('Expires', 'expiresAt', this.sort)}
                    ${sortHead('Last used', 'lastUsedAt', this.sort)}
                    ${sortHead('Created', 'createdAt', this.sort)}
                    <th role="columnheader" class="actions"><span class="visually-hidden">Actions</span></th>
                </tr></thead>
                <tbody role="rowgroup">${tokens.map(token => this.row(token, owners))}</tbody>
            </table>`;
    }

    private row(token: Token, owners: boolean) {
        return html`
            <tr role="row" class=${this.selected.has(token.id) ? 'selected' : ''}>
                <td role="cell" class="select"><label class="target"><input type="checkbox" aria-label="Select ${token.name}" ?disabled=${token.status === 'revoked'}
                    .checked=${live(this.selected.has(token.id))} @change=${() => this.change(() => this.selected.delete(token.id) || this.selected.set(token.id, token))}></label></td>
                <th scope="row" role="rowheader" class="name"><a href="/access-tokens/${token.id}"><bdi>${token.name}</bdi></a><code class="hint-code">${token.hint}</code></th>
                <td role="cell" data-label="Scopes"><lk-chips .values=${token.scopes} .max=${2}></lk-chips></td>
                ${owners ? html`<td role="cell" data-label="Owner" class="owner">${token.userId === user().id ? 'You' : token.ownerEmail ?? token.userId}</td>` : nothing}
                <td role="cell" data-label="Status">${status(token)}</td>
                <td role="cell" data-label="Expires">${token.expiresAt ? html`${time(token.expiresAt)}<span class="sub">${date(token.expiresAt)}</span>` : time(null)}</td>
                <td role="cell" data-label="Last used">${time(token.lastUsedAt)}${token.lastUsedIp ? html`<span class="sub">${token.lastUsedIp}</span>` : nothing}</td>
                <td role="cell" data-label="Created">${time(token.createdAt)}</td>
                <td role="cell" class="actions"><lk-menu label="Actions for ${token.name}" .items=${tokenActions(token, () => void this.load(), true)}></lk-menu></td>
            </tr>`;
    }

    private async revokeSelected() {
        const dialog = new BulkRevokeDialog([...this.selected.values()]);
        await dialog.ask();
        for (const id of dialog.revoked) {
            this.selected.delete(id);
        }
        await this.load();
    }

}

const value = (event: Event) => (event.target as HTMLInputElement | HTMLSelectElement).value;

customElements.define('lk-page-tokens', TokensPage);
