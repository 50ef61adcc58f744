import { html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { list, type Page } from '../api';
import { icons } from '../icons';
import { refine } from '../router';
import { emptyState, pager, sortHead } from './bits';
import { Loader, PageElement } from './element';
import './menu';
import type { MenuItem } from './menu';
import './search';
import type { SearchField } from './search';

export interface Column<T> {
    label: string;
    /** What it sorts by; absent: it does not sort. */
    sort?: string;
    cell: (item: T) => unknown;
}

const LIMIT = 20;

/** A page that lists things of one kind: everything about the list is in the address. The first column names the thing. */
export abstract class ListPage<T> extends PageElement {

    protected readonly items = new Loader<Page<T>>(this);

    protected abstract readonly heading: string;
    /** Of the list in the API. */
    protected abstract readonly path: string;
    /** What one of them is called. */
    protected abstract readonly one: string;
    /** Parameters of the address that filter, by the same names in the API. */
    protected readonly filters: string[] = [];
    protected readonly firstSort: string = '-createdAt';

    protected abstract columns(): Column<T>[];

    /** What a person may do with one of them, and what it is called for those who do not see the row. */
    protected actions(_item: T): MenuItem[] {
        return [];
    }

    protected abstract nameOf(item: T): string;

    protected abstract empty(): TemplateResult;

    protected head(): unknown {
        return nothing;
    }

    protected lead(): unknown {
        return nothing;
    }

    protected filterFields(): unknown {
        return nothing;
    }

    /** What the API is asked for beside the filters. */
    protected parameters(): Record<string, string | undefined> {
        return {};
    }

    override connectedCallback() {
        super.connectedCallback();
        this.name(this.heading);
    }

    override disconnectedCallback() {
        super.disconnectedCallback();
        this.items.stop();
    }

    protected override willUpdate(changed: PropertyValues) {
        if (changed.has('place')) {
            void this.load();
        }
    }

    protected load() {
        const of = (name: string) => this.place.query.get(name) ?? undefined;
        return this.items.load(signal => list<T>(this.path, {
            ...Object.fromEntries(this.filters.map(name => [name, of(name)])), ...this.parameters(), sort: this.sort, limit: LIMIT,
            cursor: of('cursor'), page: this.place.query.has('cursor') ? undefined : of('page'),
        }, signal));
    }

    protected get sort() {
        return this.place.query.get('sort') ?? this.firstSort;
    }

    protected get filtered() {
        return this.filters.some(name => this.place.query.has(name));
    }

    protected filter(name: string, value: string, how: 'push' | 'replace' = 'push') {
        refine({ [name]: value, page: undefined, cursor: undefined }, how);
    }

    protected searchField(placeholder: string) {
        return html`<lk-search .value=${this.place.query.get('query') ?? ''} placeholder=${placeholder}
            @search=${(event: CustomEvent<string>) => this.filter('query', event.detail, 'replace')}></lk-search>`;
    }

    /** A choice of one of these, by value and label. */
    protected choice(name: string, label: string, options: [value: string, label: string][], all = 'All') {
        const chosen = this.place.query.get(name) ?? '';
        return html`
            <div class="field">
                <label for="filter-${name}">${label}</label>
                <select id="filter-${name}" @change=${(event: Event) => this.filter(name, (event.target as HTMLSelectElement).value)}>
                    <option value="" .selected=${live(chosen === '')}>${all}</option>
                    ${options.map(([value, text]) => html`<option value=${value} .selected=${live(chosen === value)}>${text}</option>`)}
                </select>
            </div>`;
    }

    protected override render() {
        return html`
            <div class="page-head"><h1 tabindex="-1">${this.heading}</h1><div class="row wrap">${this.head()}</div></div>
            ${this.lead()}
            ${this.filters.length === 0 ? nothing : html`
                <form class="filters" role="search" aria-label=${this.heading} @submit=${(event: Event) => event.preventDefault()}>
                    ${this.filterFields()}
                    ${this.filtered ? html`<button type="button" class="button bare" @click=${this.clear}>${icons.close}Clear filters</button>` : nothing}
                </form>`}
            ${this.items.show(`${this.one}s`, page => page.items.length === 0 ? this.none(page) : html`
                ${this.table(page.items)}
                ${pager(page, this.place.query, LIMIT, this.one)}`)}`;
    }

    protected readonly clear = () => {
        refine(Object.fromEntries([...this.filters, 'page', 'cursor'].map(name => [name, undefined])));
        this.querySelector<SearchField>('lk-search')?.reset();
    };

    private none(page: Page<T>) {
        if (this.place.query.has('page') || this.place.query.has('cursor')) {
            return html`${emptyState('Nothing on this page', 'The list has become shorter.')}${pager(page, this.place.query, LIMIT, this.one)}`;
        }
        return this.filtered ? emptyState(`No ${this.one} matches`, 'Change the filters, or clear them.',
            html`<button type="button" class="button" @click=${this.clear}>Clear filters</button>`) : this.empty();
    }

    private table(items: T[]) {
        const columns = this.columns();
        const rows = items.map(item => ({ item, actions: this.actions(item) }));
        const acts = rows.some(row => row.actions.length > 0);
        return html`
            <table class="cards" role="table" aria-label=${this.heading}>
                <thead role="rowgroup"><tr role="row">
                    ${columns.map(column => column.sort ? sortHead(column.label, column.sort, this.sort)
                        : html`<th scope="col" role="columnheader">${column.label}</th>`)}
                    ${acts ? html`<th role="columnheader" class="actions"><span class="visually-hidden">Actions</span></th>` : nothing}
                </tr></thead>
                <tbody role="rowgroup">${rows.map(({ item, actions }) => html`
                    <tr role="row">
                        ${columns.map((column, index) => index === 0 ? html`<th scope="row" role="rowheader" class="name">${column.cell(item)}</th>`
                            : html`<td role="cell" data-label=${column.label}>${column.cell(item)}</td>`)}
                        ${acts ? html`<td role="cell" class="actions">${actions.length === 0 ? nothing
                            : html`<lk-menu label="Actions for ${this.nameOf(item)}" .items=${actions}></lk-menu>`}</td>` : nothing}
                    </tr>`)}</tbody>
            </table>`;
    }

    /** Shows a dialog, and what the list is like if it did something. */
    protected async whenDone(dialog: { ask(): Promise<unknown> } | Promise<unknown>) {
        if (await (dialog instanceof Promise ? dialog : dialog.ask())) {
            await this.load();
        }
    }
}
