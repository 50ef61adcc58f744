import { html, nothing } from 'lit';
import { get, idempotencyKey, request, type Webhook, type WebhookEvent } from '../api';
import { ActionDialog, confirm, showSecret } from '../components/action-dialog';
import { badge, described, emptyState, field, fieldError, time } from '../components/bits';
import '../components/chips';
import { Loader, problem } from '../components/element';
import { ListPage, type Column } from '../components/list-page';
import type { MenuItem } from '../components/menu';
import { toast } from '../components/toast';
import { words } from '../format';
import { icons } from '../icons';
import { go } from '../router';
import { can } from '../session';

const PATH = '/v3/webhooks';

/** Developer → Webhooks. */
export class WebhooksPage extends ListPage<Webhook> {

    protected override readonly heading = 'Webhooks';
    protected override readonly path = PATH;
    protected override readonly one = 'webhook';
    protected override readonly filters = ['query', 'active'];

    protected override nameOf(webhook: Webhook) {
        return webhook.name;
    }

    protected override head() {
        return html`
            <a class="button" href="/webhook-deliveries">${icons.clock}Deliveries</a>
            ${can('webhook:write') ? html`<button type="button" class="button primary" @click=${this.create}>${icons.add}New webhook</button>` : nothing}`;
    }

    protected override filterFields() {
        return html`${this.searchField('Words of the name')}${this.choice('active', 'State', [['true', 'Active'], ['false', 'Paused']])}`;
    }

    protected override empty() {
        return emptyState('No webhooks yet', 'A webhook tells a server of yours, by HTTP, when something happens here: when a token expires soon, or is used from a new address.');
    }

    protected override columns(): Column<Webhook>[] {
        return [
            { label: 'Name', sort: 'name', cell: webhook => html`<bdi>${webhook.name}</bdi><span class="sub"><code>${webhook.url}</code></span>` },
            { label: 'Events', cell: webhook => html`<lk-chips .values=${webhook.events} .max=${2} what="events"></lk-chips>` },
            { label: 'State', cell: webhook => webhook.active ? badge('Active', 'success', icons.check) : badge('Paused', 'plain', icons.block) },
            { label: 'Changed', sort: 'updatedAt', cell: webhook => time(webhook.updatedAt) },
            { label: 'Created', sort: 'createdAt', cell: webhook => time(webhook.createdAt) },
        ];
    }

    protected override actions(webhook: Webhook): MenuItem[] {
        const items: MenuItem[] = [{ label: 'Deliveries', icon: icons.clock, run: () => go(`/webhook-deliveries?webhookId=${webhook.id}`) }];
        if (can('webhook:write')) {
            items.push({ label: 'Edit', icon: icons.edit, run: () => void this.whenDone(new WebhookDialog(webhook)) },
                webhook.active ? { label: 'Pause', icon: icons.block, run: () => void this.whenDone(this.activate(webhook, false)) }
                    : { label: 'Activate', icon: icons.check, run: () => void this.whenDone(this.activate(webhook, true)) },
                { label: 'Delete', icon: icons.trash, danger: true, run: () => void this.whenDone(confirm({
                    heading: 'Delete webhook', action: 'Delete', danger: true, done: `Deleted ${webhook.name}`,
                    text: html`<strong><bdi>${webhook.name}</bdi></strong> is told nothing any more, not even what waits for it. Its deliveries are gone, too.`,
                    work: () => request(`${PATH}/${webhook.id}`, { method: 'DELETE' }),
                })) });
        }
        return items;
    }

    private activate(webhook: Webhook, active: boolean) {
        return confirm({
            heading: active ? 'Activate webhook' : 'Pause webhook', action: active ? 'Activate' : 'Pause', done: active ? `Activated ${webhook.name}` : `Paused ${webhook.name}`,
            text: active ? 'It is told what happens from now on, and first what waits for it.' : 'What happens from now on is not recorded for it; what waits, waits until it is active again.',
            work: () => request(`${PATH}/${webhook.id}`, { method: 'PATCH', body: { active } }),
        });
    }

    private async create() {
        await this.whenDone(new WebhookDialog(null));
    }
}

/** Makes a webhook, or changes one. */
class WebhookDialog extends ActionDialog<boolean> {

    protected override heading: string;
    protected override wide = true;
    private readonly key = idempotencyKey();
    private readonly catalogue = new Loader<WebhookEvent[]>(this);
    private readonly chosen: Set<string>;

    constructor(private readonly webhook: Webhook | null) {
        super();
        this.heading = webhook ? 'Edit webhook' : 'New webhook';
        this.chosen = new Set(webhook?.events ?? []);
    }

    override connectedCallback() {
        super.connectedCallback();
        void this.catalogue.load(signal => get(`${PATH}/events`, { signal }));
    }

    protected override content() {
        const { webhook } = this;
        const name = { error: this.error?.of('name') };
        const url = { error: this.error?.of('url'), hint: 'Of a server of yours, https. Addresses of private networks are refused unless the operator allows them.' };
        const token = {
            optional: true, error: this.error?.of('token'),
            hint: webhook ? 'The secret by which your server knows that a message is ours. Empty: it stays as it is.' : 'The secret by which your server knows that a message is ours. Empty: one is made, and shown once.',
        };
        return html`
            <form class="stack" novalidate @submit=${this.submit}>
                ${problem(this.error)}
                ${field('webhook-name', 'Name', html`<input id="webhook-name" name="name" maxlength="255" required autocomplete="off" .defaultValue=${webhook?.name ?? ''}
                    aria-invalid=${name.error ? 'true' : 'false'} aria-describedby=${described('webhook-name', name)}>`, name)}
                ${field('webhook-url', 'URL', html`<input id="webhook-url" name="url" type="url" maxlength="2000" required autocomplete="off" .defaultValue=${webhook?.url ?? ''}
                    aria-invalid=${url.error ? 'true' : 'false'} aria-describedby=${described('webhook-url', url)}>`, url)}
                ${field('webhook-token', 'Signing secret', html`<input id="webhook-token" name="token" type="password" autocomplete="new-password"
                    aria-invalid=${token.error ? 'true' : 'false'} aria-describedby=${described('webhook-token', token)}>`, token)}
                ${this.catalogue.show('events', events => html`
                    ${[...new Set(events.map(event => event.resource))].map(resource => html`
                        <fieldset><legend>${words(resource.replaceAll('-', ' '))}</legend>
                            <div class="scope-list">${events.filter(event => event.resource === resource).map(event => html`
                                <label class="check" title=${event.description}><input type="checkbox" .checked=${this.chosen.has(event.name)}
                                    @change=${() => this.change(() => this.chosen.delete(event.name) || this.chosen.add(event.name))}><code>${event.name}</code></label>`)}</div>
                        </fieldset>`)}`)}
                ${fieldError('webhook-events', this.error?.of('events'))}
                ${this.buttons(webhook ? 'Save' : 'Create webhook')}
            </form>`;
    }

    private submit(event: Event) {
        event.preventDefault();
        const secret = this.querySelector<HTMLInputElement>('[name=token]')?.value ?? '';
        const body = { name: this.text('name'), url: this.text('url'), events: [...this.chosen], ...(secret ? { token: secret } : {}) };
        void this.act(async () => {
            if (this.webhook) {
                await request(`${PATH}/${this.webhook.id}`, { method: 'PATCH', body });
                toast(`Saved ${body.name}`);
                this.close(true);
                return;
            }
            const { body: made } = await request<Webhook & { token?: string }>(PATH, { method: 'POST', body, headers: { 'Idempotency-Key': this.key } });
            toast(`Created ${body.name}`);
            this.close(true);
            if (made.token) {
                await showSecret('Signing secret', 'Secret', made.token, 'Give it to the server that receives the messages: with it, it checks that they are ours.');
            }
        });
    }
}

customElements.define('lk-page-webhooks', WebhooksPage);
customElements.define('lk-webhook-dialog', WebhookDialog);
