import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import type { Scope, ScopeGroup } from '../api';
import { count, listed, words } from '../format';
import { icons } from '../icons';
import { user } from '../session';
import { fieldError } from './bits';
import { Light } from './element';

/** Scopes that can do lasting harm, or hand out more: what a warning names first. */
const SENSITIVE: Record<string, string> = {
    'account:write': 'delete the account', 'user:write': 'change and delete users', 'role:write': 'change what roles may do',
    'personalAccessToken:write': 'create further tokens',
};
const MANY = 10;

/**
 * The choice of scopes: a matrix of resources and actions. A scope that the person's role lacks is there, with the reason, but cannot be
 * chosen. Tells by the event scopes, with the names in the order of the catalogue.
 */
export class ScopeMatrix extends Light {

    static override properties = { groups: { attribute: false }, chosen: { attribute: false }, error: {}, lead: {} };

    declare groups: ScopeGroup[];
    declare chosen: string[];
    declare error: string | undefined;
    /** What they are chosen for. */
    declare lead: string;
    private query = '';

    constructor() {
        super();
        this.groups = [];
        this.chosen = [];
        this.lead = 'What the token may do. Choose as little as the program needs.';
    }

    private get all(): Scope[] {
        return this.groups.flatMap(group => group.scopes);
    }

    private grantable(scope: Scope) {
        return user().scopes.includes(scope.name);
    }

    protected override render() {
        const wanted = this.query.trim().toLowerCase().split(/\s+/);
        const matches = (group: ScopeGroup, scope: Scope) => wanted.every(word =>
            `${group.resource} ${scope.name} ${scope.description}`.toLowerCase().includes(word));
        const shown = this.groups.map(group => ({ ...group, scopes: group.scopes.filter(scope => matches(group, scope)) }))
            .filter(group => group.scopes.length > 0);
        const others = this.all.some(scope => scope.action !== 'read' && scope.action !== 'write');
        const readable = this.all.filter(scope => scope.action === 'read' && this.grantable(scope)).map(scope => scope.name);
        const allRead = readable.length > 0 && readable.every(name => this.chosen.includes(name));
        return html`
            <fieldset aria-describedby=${this.error ? 'scopes-error' : nothing}>
                <legend>Scopes</legend>
                <p class="hint">${this.lead} A scope to write does not include the one to read.</p>
                <div class="row wrap scope-tools">
                    <div class="with-icon grow">${icons.search}<input type="search" aria-label="Search scopes" placeholder="Search scopes" .value=${this.query}
                        @input=${(event: Event) => this.change(() => this.query = (event.target as HTMLInputElement).value)}
                        @keydown=${(event: KeyboardEvent) => event.key === 'Enter' && event.preventDefault()}></div>
                    <button type="button" class="button" aria-pressed=${allRead} @click=${() => this.choose(readable, !allRead)}>All read</button>
                    <button type="button" class="button bare" ?disabled=${this.chosen.length === 0} @click=${() => this.choose(this.chosen, false)}>Clear</button>
                    <p role="status" class="count"><strong>${this.chosen.length}</strong> of ${count(this.all.length, 'scope')} selected</p>
                </div>
                ${fieldError('scopes', this.error)}
                ${shown.length === 0 ? html`<p class="quiet none">No scope matches “${this.query}”.</p>` : html`
                    <table class="matrix" role="table" aria-label="Scopes by resource">
                        <thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">Resource</th><th scope="col" role="columnheader">Read</th>
                            <th scope="col" role="columnheader">Write</th>${others ? html`<th scope="col" role="columnheader">Other</th>` : nothing}</tr></thead>
                        <tbody role="rowgroup">${shown.map(group => html`
                            <tr role="row">
                                <th scope="row" role="rowheader">${words(group.resource)}</th>
                                ${this.cell(group.scopes.filter(scope => scope.action === 'read'), 'Read')}
                                ${this.cell(group.scopes.filter(scope => scope.action === 'write'), 'Write')}
                                ${others ? this.cell(group.scopes.filter(scope => scope.action !== 'read' && scope.action !== 'write'), 'Other') : nothing}
                            </tr>`)}</tbody>
                    </table>`}
                <div role="status">${this.warning()}</div>
            </fieldset>`;
    }

    private cell(scopes: Scope[], label: string) {
        return html`<td role="cell" class=${scopes.length === 0 ? 'empty' : ''} data-label=${label}>${scopes.map(scope => {
            const allowed = this.grantable(scope);
            const id = `scope-${scope.name.replaceAll(':', '-')}`;
            return html`
                <div class="scope ${allowed ? '' : 'barred'}">
                    <input type="checkbox" id=${id} aria-describedby="${id}-text" ?disabled=${!allowed} .checked=${live(this.chosen.includes(scope.name))}
                           @change=${(event: Event) => this.choose([scope.name], (event.target as HTMLInputElement).checked)}>
                    <label for=${id}><code>${scope.name}</code></label>
                    <p id="${id}-text">${scope.description}${allowed ? nothing : html` <em>Your role, ${user().role}, does not have it.</em>`}</p>
                </div>`;
        })}</td>`;
    }

    private warning() {
        const sensitive = this.chosen.filter(name => name in SENSITIVE);
        const writes = this.all.filter(scope => scope.action !== 'read' && this.chosen.includes(scope.name)).length;
        if (sensitive.length === 0 && writes < MANY && this.chosen.length < this.all.length / 2) {
            return nothing;
        }
        return html`
            <div class="notice warning">${icons.warning}<div>
                <p><strong>This is a broad grant.</strong>
                ${sensitive.length > 0 ? html` Whoever has the token can ${listed(sensitive.map(name => SENSITIVE[name]!))}.` : html` ${count(this.chosen.length, 'scope')} are more than most programs need.`}
                Consider several tokens with fewer scopes, an expiration date, and allowed IP ranges.</p></div></div>`;
    }

    private choose(names: string[], chosen: boolean) {
        const changed = new Set(this.chosen);
        names.forEach(name => chosen ? changed.add(name) : changed.delete(name));
        this.chosen = this.all.map(scope => scope.name).filter(name => changed.has(name));
        this.dispatchEvent(new CustomEvent('scopes', { detail: this.chosen }));
    }
}

customElements.define('lk-scope-matrix', ScopeMatrix);
