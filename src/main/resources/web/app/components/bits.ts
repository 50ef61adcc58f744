import { html, nothing, type TemplateResult } from 'lit';
import type { Token } from '../api';
import { ago, count, DAY, exact, number } from '../format';
import { icons } from '../icons';
import { refine } from '../router';

/** A time as people say it, with the exact one on hover. */
export const time = (instant: string | null | undefined, none = 'Never') => instant
    ? html`<time datetime=${instant} title=${exact(instant)}>${ago(instant)}</time>`
    : html`<span class="quiet">${none}</span>`;

export type Tone = 'plain' | 'success' | 'warning' | 'danger';

export const badge = (text: string, tone: Tone, icon: TemplateResult | typeof nothing = nothing) =>
    html`<span class="badge ${tone}">${icon}${text}</span>`;

export type ShownStatus = Token['status'] | 'expiring';

export function shownStatus(token: Token, now = Date.now()): ShownStatus {
    return token.status === 'active' && token.expiresAt && new Date(token.expiresAt).getTime() - now < 7 * DAY ? 'expiring' : token.status;
}

export const STATUS_WORDS: Record<ShownStatus, string> = {
    active: 'Active', expiring: 'Expires soon', expired: 'Expired', revoked: 'Revoked',
};

export function status(token: Token) {
    const shown = shownStatus(token);
    switch (shown) {
        case 'active': return badge(STATUS_WORDS.active, 'success', icons.check);
        case 'expiring': return badge(STATUS_WORDS.expiring, 'warning', icons.clock);
        case 'expired': return badge(STATUS_WORDS.expired, 'plain', icons.clock);
        case 'revoked': return badge(STATUS_WORDS.revoked, 'danger', icons.block);
    }
}

export interface FieldTexts {
    hint?: TemplateResult | string | undefined;
    error?: string | undefined;
    optional?: boolean;
}

/** The ids of what describes a field, for its aria-describedby. */
export const described = (id: string, { hint, error }: { hint?: unknown; error?: string | undefined }) =>
    [error ? `${id}-error` : '', hint ? `${id}-hint` : ''].filter(part => part).join(' ') || nothing;

/** A field: label above, then the control with this id, a hint, and what is wrong. */
export const field = (id: string, label: string, control: TemplateResult, texts: FieldTexts = {}) => html`
    <div class="field">
        <label for=${id}>${label}${texts.optional ? html` <span class="quiet">(optional)</span>` : nothing}</label>
        ${control}
        ${fieldError(id, texts.error)}
        ${texts.hint ? html`<p class="hint" id="${id}-hint">${texts.hint}</p>` : nothing}
    </div>`;

export const fieldError = (id: string, error: string | undefined) =>
    error ? html`<p class="field-error" id="${id}-error">${icons.error}<span>${error.charAt(0).toUpperCase() + error.slice(1)}</span></p>` : nothing;

export const emptyState = (title: string, text: TemplateResult | string, action: TemplateResult | typeof nothing = nothing) => html`
    <div class="state">${icons.key}<p class="strong">${title}</p><p class="measure">${text}</p>${action}</div>`;

/** The head of a column that sorts. */
export function sortHead(label: string, name: string, sort: string) {
    const descending = sort === `-${name}`;
    const sorted = descending || sort === name;
    return html`
        <th scope="col" role="columnheader" aria-sort=${sorted ? descending ? 'descending' : 'ascending' : 'none'}>
            <button type="button" class="sort" @click=${() => refine({ sort: descending ? name : sorted ? `-${name}` : firstSort(name), page: undefined, cursor: undefined })}>
                ${label}${sorted ? descending ? icons.down : icons.up : icons.both}
            </button>
        </th>`;
}

/** Names and expiries ascend at first; of other times the newest come first. */
const firstSort = (name: string) => name === 'name' || name === 'expiresAt' ? name : `-${name}`;

/** Rows from a page on: numbered as far as the service counts, with cursors beyond. */
export function pager(list: { count: number | null; next: string | null; previous: string | null; items: unknown[] }, query: URLSearchParams,
    limit: number, one: string) {
    const page = Number(query.get('page')) || 1;
    const numbered = !query.has('cursor');
    const pages = list.count === null ? null : Math.max(1, Math.ceil(list.count / limit));
    const reach = (target: number) => target * limit <= 10_000;
    const to = (target: number) => () => refine({ page: target > 1 ? String(target) : undefined, cursor: undefined });
    const follow = (cursor: string | null) => () => refine({ cursor: cursor ?? undefined, page: undefined });
    const back = numbered ? page > 1 ? to(page - 1) : null : list.previous ? follow(list.previous) : null;
    const forward = numbered && (pages === null ? list.items.length === limit : page < pages) && reach(page + 1) ? to(page + 1)
        : list.next ? follow(list.next) : null;
    const first = (page - 1) * limit + 1;
    return html`
        <nav class="pager" aria-label="Pages">
            <p role="status">${list.items.length === 0 ? 'Nothing on this page' : numbered
                ? html`${number(first)} to ${number(first + list.items.length - 1)} of ${list.count === null ? 'more than 10,000' : count(list.count, one)}`
                : count(list.items.length, one)}</p>
            ${!back && !forward ? nothing : html`<div class="row">
                <button type="button" class="button" ?disabled=${!back} @click=${back ?? (() => {})}>${icons.left}Previous</button>
                ${numbered && pages !== null ? html`<span class="quiet">Page ${number(page)} of ${number(pages)}</span>` : nothing}
                <button type="button" class="button" ?disabled=${!forward} @click=${forward ?? (() => {})}>Next${icons.right}</button>
            </div>`}
        </nav>`;
}
