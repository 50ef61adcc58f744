import { html, nothing } from 'lit';
import { list, type EventLog, type Page, type User } from '../api';
import { emptyState } from '../components/bits';
import { Loader } from '../components/element';
import { ListPage, type Column } from '../components/list-page';
import { ago, count, dateValue, exact } from '../format';
import { icons } from '../icons';
import { can } from '../session';

const RESOURCES: [string, string][] = [['personal-access-token', 'Access tokens'], ['user', 'Users'], ['role', 'Roles'], ['tag', 'Tags'],
    ['webhook', 'Webhooks'], ['account', 'Account']];

/** Account → Event log: who did what. Whatever it shows was somebody's input: it is text. */
export class EventLogPage extends ListPage<EventLog> {

    protected override readonly heading = 'Event log';
    protected override readonly path = '/v3/event-logs';
    protected override readonly one = 'entry';
    protected override readonly filters = ['resource', 'action', 'userId', 'ipAddress', 'resourceId', 'createdAt[gte]', 'createdAt[lt]'];
    private readonly users = new Loader<Page<User>>(this);

    override connectedCallback() {
        super.connectedCallback();
        if (can('user:read')) {
            void this.users.load(signal => list('/v3/users', { limit: 100, sort: 'email' }, signal));
        }
    }

    protected override nameOf(event: EventLog) {
        return event.action;
    }

    protected override head() {
        const query = new URLSearchParams(this.filters.flatMap(name => this.place.query.has(name) ? [[name, this.place.query.get(name)!]] : []));
        return html`<a class="button" href="/v3/event-logs/export?${query}" download="event-log.csv">${icons.download}Export CSV</a>`;
    }

    protected override filterFields() {
        return html`
            ${this.choice('resource', 'What', RESOURCES)}
            ${this.words('action', 'Action', 'user.signed-in')}
            ${can('user:read') ? this.choice('userId', 'Who', (this.users.value?.items ?? []).map(user => [user.id, user.email]), 'Everyone') : nothing}
            ${this.words('ipAddress', 'Address', '203.0.113.7')}
            ${this.day('createdAt[gte]', 'From')}
            ${this.day('createdAt[lt]', 'Until')}`;
    }

    private words(name: string, label: string, example: string) {
        return html`
            <div class="field">
                <label for="filter-${name}">${label}</label>
                <input id="filter-${name}" autocomplete="off" spellcheck="false" placeholder=${example} .value=${this.place.query.get(name) ?? ''}
                       @change=${(event: Event) => this.filter(name, (event.target as HTMLInputElement).value.trim())}>
            </div>`;
    }

    /** A day as the person means it, which the address has as an instant. */
    private day(name: string, label: string) {
        const instant = this.place.query.get(name);
        const id = `filter-${label.toLowerCase()}`;
        return html`
            <div class="field">
                <label for=${id}>${label}</label>
                <input id=${id} type="date" .value=${instant ? dateValue(new Date(instant)) : ''}
                       @change=${(event: Event) => this.filter(name, midnight((event.target as HTMLInputElement).value))}>
            </div>`;
    }

    protected override empty() {
        return emptyState('Nothing has happened yet', 'Every change and every sign-in will be here.');
    }

    protected override columns(): Column<EventLog>[] {
        const emails = new Map((this.users.value?.items ?? []).map(user => [user.id, user.email]));
        return [
            { label: 'Action', cell: event => html`<code>${event.action}</code>${event.resourceId ? html`<span class="sub"><code>${event.resourceId}</code></span>` : nothing}` },
            { label: 'When', sort: 'createdAt', cell: event => html`<time class="wrapped" datetime=${event.createdAt}>${exact(event.createdAt)}</time><span class="sub">${ago(event.createdAt)}</span>` },
            { label: 'Who', cell: event => html`<bdi>${event.userId ? emails.get(event.userId) ?? event.userId : 'Nobody of the account'}</bdi>
                ${event.credential ? html`<span class="sub">by ${event.credential.type}</span>` : nothing}` },
            { label: 'From', cell: event => html`${event.ipAddress ?? html`<span class="quiet">Unknown</span>`}
                ${event.userAgent ? html`<span class="sub wrapped"><bdi>${event.userAgent}</bdi></span>` : nothing}` },
            { label: 'Changes', cell: changes },
        ];
    }
}

function changes(event: EventLog) {
    const all = event.changes ?? [];
    return all.length === 0 ? html`<span class="quiet">None</span>` : html`
        <details class="wrapped"><summary>${count(all.length, 'field')}</summary>
            <dl class="facts">${all.map(change => html`<div><dt><code>${change.field}</code></dt>
                <dd class="lines"><bdi>${shown(change.old)}</bdi> → <bdi>${shown(change.new)}</bdi></dd></div>`)}</dl></details>`;
}

const shown = (value: unknown) => value === null || value === undefined || value === '' ? 'nothing'
    : Array.isArray(value) ? value.length === 0 ? 'nothing' : value.join(', ') : typeof value === 'object' ? JSON.stringify(value) : String(value);


const midnight = (day: string) => day ? new Date(`${day}T00:00:00`).toISOString() : '';

customElements.define('lk-page-event-log', EventLogPage);
