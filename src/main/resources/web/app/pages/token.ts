import { html, nothing, type PropertyValues } from 'lit';
import { live } from 'lit/directives/live.js';
import { get, list, type EventLog, type Page, type Token, type Usage } from '../api';
import { emptyState, pager, shownStatus, status, time } from '../components/bits';
import '../components/chart';
import { Loader, PageElement } from '../components/element';
import '../components/menu';
import { fetchToken, tokenActions } from '../components/token-actions';
import { ago, clock, count, DAY, duration, exact, inWords, listed, words } from '../format';
import { icons } from '../icons';
import { go, refine } from '../router';
import { user } from '../session';

const RANGES: [value: string, label: string, days: number, interval: 'hour' | 'day'][] = [
    ['1', '24 hours', 1, 'hour'], ['7', '7 days', 7, 'hour'], ['30', '30 days', 30, 'day'], ['90', '90 days', 90, 'day']];
const EVENTS = 20;

/** Everything about one token. */
export class TokenPage extends PageElement {

    private readonly token = new Loader<Token>(this);
    private readonly usage = new Loader<Usage>(this);
    private readonly events = new Loader<Page<EventLog>>(this);
    private readonly made = new Loader<Page<Token>>(this);
    private readonly parent = new Loader<Token>(this);
    private shown = '';
    private range = '';
    private position = '';
    private tick: ReturnType<typeof setInterval> | undefined;

    override connectedCallback() {
        super.connectedCallback();
        this.tick = setInterval(() => {
            const grace = this.token.value?.graceUntil;
            if (grace && Date.parse(grace) > Date.now() - 2_000) {
                this.requestUpdate();
            }
        }, 1_000);
    }

    override disconnectedCallback() {
        super.disconnectedCallback();
        clearInterval(this.tick);
        [this.token, this.usage, this.events, this.made, this.parent].forEach(loader => loader.stop());
    }

    protected override willUpdate(changed: PropertyValues) {
        if (!changed.has('place')) {
            return;
        }
        const { id, query } = this.place;
        const another = this.shown !== id;
        if (another) {
            this.shown = id;
            this.name('Token');
            this.loadToken();
        }
        const range = query.get('range') ?? '7';
        if (another || this.range !== range) {
            this.range = range;
            this.loadUsage();
        }
        const position = `${query.get('page')} ${query.get('cursor')}`;
        if (another || this.position !== position) {
            this.position = position;
            this.loadEvents();
        }
    }

    private get path() {
        return `/v3/personal-access-tokens/${encodeURIComponent(this.shown)}`;
    }

    private async loadToken() {
        await this.token.load(signal => fetchToken(this.shown, signal));
        const token = this.token.value;
        if (token) {
            this.name(token.name);
            void this.made.load(signal => list('/v3/personal-access-tokens', { parentId: this.shown, limit: 20 }, signal));
            if (token.parentId) {
                void this.parent.load(signal => fetchToken(token.parentId!, signal));
            }
        }
    }

    private loadUsage() {
        const [, , days, interval] = RANGES.find(([value]) => value === this.range) ?? RANGES[1]!;
        const to = new Date();
        void this.usage.load(signal => get(`${this.path}/usage?from=${new Date(to.getTime() - days * DAY).toISOString()}&to=${to.toISOString()}&interval=${interval}`, { signal }));
    }

    private loadEvents() {
        const query = this.place.query;
        void this.events.load(signal => list(`${this.path}/event-logs`, {
            limit: EVENTS, cursor: query.get('cursor') ?? undefined, page: query.has('cursor') ? undefined : query.get('page') ?? undefined,
        }, signal));
    }

    private readonly changed = (deleted: boolean) => {
        if (deleted) {
            go('/access-tokens', 'replace');
            return;
        }
        void this.loadToken();
        this.loadEvents();
    };

    protected override render() {
        const token = this.token.value;
        return html`
            <p class="crumb"><a href="/access-tokens">${icons.left}Access Tokens</a></p>
            ${token && !this.token.error ? nothing : html`<h1 tabindex="-1">${this.token.error?.status === 404 ? 'No such token' : 'Token'}</h1>`}
            ${this.token.error?.status === 404
                ? html`<p class="measure">It has been deleted, or it is not yours to see. <a href="/access-tokens">All tokens</a></p>`
                : this.token.show('the token', value => this.details(value))}`;
    }

    private details(token: Token) {
        const own = token.userId === user().id;
        const actions = tokenActions(token, this.changed, false);
        return html`
            <div class="page-head">
                <div><h1 tabindex="-1"><bdi>${token.name}</bdi></h1><p class="row wrap">${status(token)}<code class="quiet">${token.hint}</code></p></div>
                <div class="row">${actions.map(item => html`
                    <button type="button" class="button ${item.danger ? 'outline-danger' : ''}" @click=${item.run}>${item.icon}${item.label}</button>`)}</div>
            </div>
            <div class="stack sections">
                ${this.grace(token)}
                <div class="columns">
                    <section class="card" aria-labelledby="about"><h2 id="about">About</h2>${this.facts(token, own)}</section>
                    <section class="card" aria-labelledby="effective"><h2 id="effective">Scopes</h2>${this.scopes(token, own)}</section>
                </div>
                <section class="card" aria-labelledby="use">
                    <div class="row between"><h2 id="use">Use</h2>
                        <label class="row small">Time <select @change=${(event: Event) => refine({ range: (event.target as HTMLSelectElement).value })}>
                            ${RANGES.map(([value, label]) => html`<option value=${value} .selected=${live(value === this.range)}>${label}</option>`)}</select></label></div>
                    ${this.usage.show('the use', usage => html`
                        <lk-chart .usage=${usage} label="Requests with this token"></lk-chart>
                        ${usage.addresses?.length ? html`
                            <h3>Last addresses</h3>
                            <ul class="plain">${usage.addresses.map(each => html`<li><code>${each.address}</code> <span class="quiet">${time(each.lastUsedAt)}</span></li>`)}</ul>` : nothing}`,
                        html`<p class="quiet">This service does not tell the use of a token.</p>`)}
                </section>
                ${this.descendants(token)}
                <section class="card" aria-labelledby="events"><h2 id="events">Event log</h2>
                    ${this.events.show('the event log', page => this.eventTable(page), html`<p class="quiet">This service does not tell the events of a token.</p>`)}
                </section>
            </div>`;
    }

    private grace(token: Token) {
        const left = token.graceUntil ? Date.parse(token.graceUntil) - Date.now() : 0;
        return left <= 0 || token.status !== 'active' ? nothing : html`
            <div class="notice info">${icons.clock}<p>The value from before the last rotation still works, for another
                <strong role="timer">${left < 3_600_000 ? clock(left / 1000) : duration(left)}</strong>: until ${inWords(new Date(token.graceUntil!))}.</p></div>`;
    }

    private facts(token: Token, own: boolean) {
        const fact = (label: string, content: unknown) => html`<div><dt>${label}</dt><dd>${content}</dd></div>`;
        const moment = (instant: string | null) => instant ? html`${ago(instant)} <span class="quiet">(${exact(instant)})</span>` : 'Never';
        return html`
            <dl class="facts">
                ${token.description ? fact('Description', html`<span class="lines">${token.description}</span>`) : nothing}
                ${fact('Owner', own ? `You (${user().email})` : token.ownerEmail ?? token.userId)}
                ${fact(shownStatus(token) === 'expired' ? 'Expired' : 'Expires', moment(token.expiresAt))}
                ${fact('Last used', html`${moment(token.lastUsedAt)}${token.lastUsedIp ? html` from <code>${token.lastUsedIp}</code>` : nothing}`)}
                ${token.revokedAt ? fact('Revoked', moment(token.revokedAt)) : nothing}
                ${fact('Allowed IP ranges', token.allowedIps?.length ? token.allowedIps.map(range => html`<code class="chip">${range}</code> `) : 'Anywhere')}
                ${token.tags.length ? fact('Tags', token.tags.map(tag => html`<span class="chip">${tag}</span> `)) : nothing}
                ${token.parentId ? fact('Made by', html`<a href="/access-tokens/${token.parentId}"><bdi>${this.parent.value?.name ?? 'another token'}</bdi></a>`) : nothing}
                ${fact('Created', moment(token.createdAt))}
                ${fact('Changed', moment(token.updatedAt))}
                ${fact('Id', html`<code>${token.id}</code>`)}
            </dl>`;
    }

    private scopes(token: Token, own: boolean) {
        const effective = token.effectiveScopes;
        const lost = effective && token.status === 'active' ? token.scopes.filter(scope => !effective.includes(scope)) : [];
        return html`
            <p>${count(token.scopes.length, 'scope')} granted${token.status !== 'active' ? html`, none in effect: the token ${token.status === 'revoked' ? 'is revoked' : 'has expired'}`
                : effective ? html`, <strong>${effective.length} effective</strong>` : nothing}.</p>
            ${lost.length === 0 ? nothing : html`
                <div class="notice warning">${icons.warning}<p>Fewer than granted: ${own ? 'your' : 'the owner’s'} role${own ? `, ${user().role},` : ''} does not have ${listed(lost)} any more.
                    They come back with the role, if an administrator gives ${lost.length === 1 ? 'it' : 'them'} back.</p></div>`}
            <p class="chips">${token.scopes.map(scope => lost.includes(scope)
                ? html`<span class="chip lost">${scope}<span class="visually-hidden"> (not effective)</span></span>` : html`<span class="chip">${scope}</span>`)}</p>`;
    }

    private descendants(token: Token) {
        const page = this.made.value;
        return !page || page.items.length === 0 ? nothing : html`
            <section class="card" aria-labelledby="made"><h2 id="made">Tokens that it made</h2>
                <div class="scroll" tabindex="0" role="group" aria-label="Tokens that it made"><table>
                    <thead><tr><th scope="col">Name</th><th scope="col">Status</th><th scope="col">Expires</th><th scope="col">Last used</th></tr></thead>
                    <tbody>${page.items.map(child => html`
                        <tr><th scope="row" class="name"><a href="/access-tokens/${child.id}"><bdi>${child.name}</bdi></a><code class="hint-code">${child.hint}</code></th>
                            <td>${status(child)}</td><td>${time(child.expiresAt)}</td><td>${time(child.lastUsedAt)}</td></tr>`)}</tbody></table></div>
                ${page.count !== null && page.count > page.items.length ? html`<p class="quiet">And ${page.count - page.items.length} more.</p>` : nothing}
                ${token.status === 'revoked' ? nothing : html`<p class="hint">When you revoke this token, you can revoke these with it.</p>`}
            </section>`;
    }

    private eventTable(page: Page<EventLog>) {
        if (page.items.length === 0 && !this.place.query.has('page')) {
            return emptyState('No events', 'What happens to this token appears here.');
        }
        return html`
            <div class="scroll" tabindex="0" role="group" aria-label="Event log"><table>
                <thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Changes</th><th scope="col">Who</th><th scope="col">From</th></tr></thead>
                <tbody>${page.items.map(event => html`
                    <tr><td>${time(event.createdAt)}</td><td>${words(event.action.replace(/^.*\./, '').replaceAll('_', ' '))}</td>
                        <td class="changes">${changesOf(event)}</td>
                        <td>${event.userId === user().id ? 'You' : event.userId ? html`<code class="id">${event.userId}</code>` : 'The service'}${event.credential
                            ? html`<span class="sub">${credential(event.credential.type)}</span>` : nothing}</td>
                        <td>${event.ipAddress ?? ''}${event.requestId ? html`<span class="sub" title=${event.requestId}>request ${event.requestId.slice(0, 8)}…</span>` : nothing}</td></tr>`)}</tbody>
            </table></div>
            ${pager(page, this.place.query, EVENTS, 'event')}`;
    }
}

function changesOf(event: EventLog) {
    return (event.changes ?? []).map(change => html`<div><span class="quiet">${words(change.field)}:</span> ${valueOf(change.old)} → ${valueOf(change.new)}</div>`);
}

function valueOf(value: unknown): string {
    if (value === null || value === undefined || Array.isArray(value) && value.length === 0) {
        return 'none';
    }
    if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) {
        return exact(value);
    }
    return Array.isArray(value) ? value.join(', ') : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const credential = (type: string) => type === 'session' ? 'signed in' : `by ${words(type).toLowerCase()}`;

customElements.define('lk-page-token', TokenPage);
