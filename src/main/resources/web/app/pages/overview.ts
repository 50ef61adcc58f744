import { html, nothing, type PropertyValues } from 'lit';
import { live } from 'lit/directives/live.js';
import { get, list, type Page, type Token, type TopToken, type Usage } from '../api';
import { time } from '../components/bits';
import '../components/chart';
import { Loader, PageElement } from '../components/element';
import { DAY, number, outcome, words } from '../format';
import { refine } from '../router';
import { can } from '../session';

interface Counts {
    active: number;
    expiring: number;
    expired: number;
    revoked: number;
    unused: number;
}

const RANGES: [value: string, label: string, days: number, interval: 'hour' | 'day'][] = [
    ['1', '24 hours', 1, 'hour'], ['7', '7 days', 7, 'hour'], ['30', '30 days', 30, 'day'], ['90', '90 days', 90, 'day']];
const TILES: [name: keyof Counts, label: string, query: string][] = [['active', 'Active', 'status=active'], ['expiring', 'Expire in 7 days', 'status=expiring'],
    ['unused', 'Unused for 90 days', 'status=active&unused=90'], ['expired', 'Expired', 'status=expired'], ['revoked', 'Revoked', 'status=revoked']];

/** What happens in the account: requests, refusals, and the tokens that need somebody's attention. */
export class OverviewPage extends PageElement {

    private readonly counts = new Loader<Counts>(this);
    private readonly requests = new Loader<Usage>(this);
    private readonly top = new Loader<TopToken[]>(this);
    private readonly expiring = new Loader<Page<Token>>(this);
    private range = '';

    override connectedCallback() {
        super.connectedCallback();
        this.name('Overview');
        void this.counts.load(signal => get('/v3/analytics/tokens', { signal }));
        if (can('personalAccessToken:write')) {
            void this.expiring.load(signal => list('/v3/personal-access-tokens', { status: 'expiring', sort: 'expiresAt', limit: 5 }, signal));
        }
    }

    override disconnectedCallback() {
        super.disconnectedCallback();
        [this.counts, this.requests, this.top, this.expiring].forEach(loader => loader.stop());
    }

    protected override willUpdate(changed: PropertyValues) {
        const range = this.place.query.get('range') ?? '7';
        if (!changed.has('place') || this.range === range) {
            return;
        }
        this.range = range;
        const [, , days, interval] = RANGES.find(([value]) => value === range) ?? RANGES[1]!;
        const to = new Date();
        const between = `from=${new Date(to.getTime() - days * DAY).toISOString()}&to=${to.toISOString()}`;
        void this.requests.load(signal => get(`/v3/analytics/requests?${between}&interval=${interval}`, { signal }));
        void this.top.load(signal => get(`/v3/analytics/top-tokens?${between}&limit=10`, { signal }));
    }

    protected override render() {
        return html`
            <div class="page-head"><h1 tabindex="-1">Overview</h1>
                <label class="row small">Time <select @change=${(event: Event) => refine({ range: (event.target as HTMLSelectElement).value })}>
                    ${RANGES.map(([value, label]) => html`<option value=${value} .selected=${live(value === this.range)}>${label}</option>`)}</select></label></div>
            <div class="stack sections">
                <section aria-label="Tokens by status">${this.counts.show('the tokens', counts => html`
                    <ul class="tiles">${TILES.map(([name, label, query]) => html`<li>${this.tile(counts[name], label, query)}</li>`)}</ul>`)}</section>
                <section class="card" aria-labelledby="requests"><h2 id="requests">Requests by outcome</h2>
                    ${this.requests.show('the requests', usage => html`<lk-chart .usage=${usage} label="Requests"></lk-chart>`)}</section>
                <div class="columns">
                    <section class="card" aria-labelledby="refusals"><h2 id="refusals">Refusals by reason</h2>${this.requests.show('the refusals', usage => this.refusals(usage))}</section>
                    ${this.expiring.value ? html`<section class="card" aria-labelledby="expiring"><h2 id="expiring">Expiring soon</h2>${this.soon(this.expiring.value)}</section>` : nothing}
                </div>
                <section class="card" aria-labelledby="top"><h2 id="top">Most used tokens</h2>${this.top.show('the tokens', tokens => this.topTable(tokens))}</section>
            </div>`;
    }

    private tile(value: number, label: string, query: string) {
        const content = html`<strong>${number(value)}</strong><span class="quiet">${label}</span>`;
        return can('personalAccessToken:write') ? html`<a class="tile" href="/access-tokens?${query}">${content}</a>` : html`<div class="tile">${content}</div>`;
    }

    private refusals(usage: Usage) {
        const sums = new Map<string, number>();
        let total = 0;
        for (const point of usage.points) {
            total += point.requests;
            if (point.outcome !== 'allowed') {
                sums.set(point.outcome, (sums.get(point.outcome) ?? 0) + point.requests);
            }
        }
        return sums.size === 0 ? html`<p class="quiet">${total === 0 ? 'No requests in this time.' : 'No request was refused in this time.'}</p>` : html`
            <div class="scroll" tabindex="0" role="group" aria-label="Refusals by reason"><table>
                <thead><tr><th scope="col">Reason</th><th scope="col" class="number">Requests</th><th scope="col" class="number">Of all</th></tr></thead>
                <tbody>${[...sums].sort((a, b) => b[1] - a[1]).map(([code, requests]) => html`
                    <tr><th scope="row">${words(outcome(code))}</th><td class="number">${number(requests)}</td>
                        <td class="number">${new Intl.NumberFormat(navigator.languages as string[], { style: 'percent', maximumFractionDigits: 1 }).format(requests / total)}</td></tr>`)}</tbody>
            </table></div>`;
    }

    private soon(page: Page<Token>) {
        return page.items.length === 0 ? html`<p class="quiet">No token expires within 7 days.</p>` : html`
            <div class="scroll" tabindex="0" role="group" aria-label="Expiring soon"><table>
                <thead><tr><th scope="col">Name</th><th scope="col">Expires</th><th scope="col">Last used</th></tr></thead>
                <tbody>${page.items.map(token => html`
                    <tr><th scope="row" class="name"><a href="/access-tokens/${token.id}"><bdi>${token.name}</bdi></a></th><td>${time(token.expiresAt)}</td><td>${time(token.lastUsedAt)}</td></tr>`)}</tbody>
            </table></div>
            ${(page.count ?? 0) > page.items.length ? html`<p><a href="/access-tokens?status=expiring&sort=expiresAt">All ${number(page.count!)}</a></p>` : nothing}`;
    }

    private topTable(tokens: TopToken[]) {
        return tokens.length === 0 ? html`<p class="quiet">No token was used in this time.</p>` : html`
            <div class="scroll" tabindex="0" role="group" aria-label="Most used tokens"><table>
                <thead><tr><th scope="col">Name</th><th scope="col">Owner</th><th scope="col" class="number">Requests</th><th scope="col" class="number">Refused</th></tr></thead>
                <tbody>${tokens.map(token => html`
                    <tr><th scope="row" class="name">${can('personalAccessToken:write') ? html`<a href="/access-tokens/${token.id}"><bdi>${token.name}</bdi></a>` : html`<bdi>${token.name}</bdi>`}
                            <code class="hint-code">${token.hint}</code></th>
                        <td class="owner">${token.ownerEmail}</td><td class="number">${number(token.requests)}</td><td class="number">${number(token.refused)}</td></tr>`)}</tbody>
            </table></div>`;
    }
}

customElements.define('lk-page-overview', OverviewPage);
