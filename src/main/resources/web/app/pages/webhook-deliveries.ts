import { html, nothing } from 'lit';
import { get, list, request, type Delivery, type Page, type Webhook } from '../api';
import { confirm } from '../components/action-dialog';
import { badge, emptyState, time } from '../components/bits';
import { Modal } from '../components/dialog';
import { Loader } from '../components/element';
import { ListPage, type Column } from '../components/list-page';
import type { MenuItem } from '../components/menu';
import { number } from '../format';
import { icons } from '../icons';
import { can } from '../session';

const PATH = '/v3/webhook-event-logs';

/** Developer → Webhooks → Deliveries: what webhooks were told, and what became of it. */
export class WebhookDeliveriesPage extends ListPage<Delivery> {

    protected override readonly heading = 'Deliveries';
    protected override readonly path = PATH;
    protected override readonly one = 'delivery';
    protected override readonly filters = ['status', 'webhookId', 'event', 'resourceId'];
    private readonly webhooks = new Loader<Page<Webhook>>(this);

    override connectedCallback() {
        super.connectedCallback();
        void this.webhooks.load(signal => list('/v3/webhooks', { limit: 100, sort: 'name' }, signal));
    }

    protected override nameOf(delivery: Delivery) {
        return delivery.event;
    }

    protected override head() {
        return html`<a class="button" href="/webhooks">${icons.left}Webhooks</a>`;
    }

    protected override filterFields() {
        return html`
            ${this.choice('status', 'State', [['pending', 'Waiting'], ['delivered', 'Delivered'], ['dead-letter', 'Given up']])}
            ${this.choice('webhookId', 'Webhook', (this.webhooks.value?.items ?? []).map(webhook => [webhook.id, webhook.name]))}`;
    }

    protected override empty() {
        return emptyState('Nothing to deliver yet', 'What webhooks are told will be here, for as long as the operator keeps it.');
    }

    protected override columns(): Column<Delivery>[] {
        const names = new Map((this.webhooks.value?.items ?? []).map(webhook => [webhook.id, webhook.name]));
        return [
            { label: 'Event', cell: delivery => html`<code>${delivery.event}</code><span class="sub"><code>${delivery.resourceId}</code></span>` },
            { label: 'Webhook', cell: delivery => html`<bdi class="wrapped">${names.get(delivery.webhookId) ?? delivery.webhookId}</bdi>` },
            { label: 'State', cell: delivery => html`${state(delivery)}${delivery.error ? html`<span class="sub wrapped"><bdi>${delivery.error}</bdi></span>` : nothing}` },
            { label: 'Attempts', cell: delivery => number(delivery.attempts) },
            { label: 'Last', cell: delivery => time(delivery.lastAttemptAt) },
            { label: 'Next', cell: delivery => time(delivery.nextAttemptAt, 'None') },
            { label: 'Happened', sort: 'createdAt', cell: delivery => time(delivery.triggeredAt) },
        ];
    }

    protected override actions(delivery: Delivery): MenuItem[] {
        const items: MenuItem[] = [{ label: 'Details', icon: icons.eye, run: () => void new DeliveryDialog(delivery.id).ask() }];
        if (can('webhook:write')) {
            items.push({ label: 'Send again', icon: icons.rotate, run: () => void this.whenDone(confirm({
                heading: 'Send again', action: 'Send again', done: 'It is sent again',
                text: html`<code>${delivery.event}</code> is sent to the webhook once more, with the same <code>webhook-id</code>, after what already waits for the same thing.`,
                work: () => request(`${PATH}/${delivery.id}/replay`, { method: 'POST' }),
            })) });
        }
        return items;
    }
}

const state = (delivery: Delivery) => delivery.status === 'delivered' ? badge('Delivered', 'success', icons.check)
    : delivery.status === 'pending' ? badge(delivery.attempts > 0 ? 'Retrying' : 'Waiting', 'warning', icons.clock) : badge('Given up', 'danger', icons.block);

/** What was sent, and what was answered: somebody else's text, shown as text. */
class DeliveryDialog extends Modal<void> {

    protected override heading = 'Delivery';
    protected override wide = true;
    private readonly delivery = new Loader<Delivery>(this);

    constructor(private readonly delivered: string) {
        super();
    }

    override connectedCallback() {
        super.connectedCallback();
        void this.delivery.load(signal => get(`${PATH}/${this.delivered}`, { signal }));
    }

    protected override content() {
        return html`
            <div class="stack">
                ${this.delivery.show('the delivery', delivery => html`
                    <dl class="facts">
                        <div><dt>Event</dt><dd><code>${delivery.event}</code></dd></div>
                        <div><dt>State</dt><dd>${state(delivery)}</dd></div>
                        <div><dt>Attempts</dt><dd>${number(delivery.attempts)}</dd></div>
                        <div><dt>Answer</dt><dd>${delivery.responseStatus ?? html`<span class="quiet">None</span>`}${delivery.durationMs === null ? nothing : ` in ${number(delivery.durationMs)} ms`}</dd></div>
                        ${delivery.error ? html`<div><dt>Error</dt><dd><bdi>${delivery.error}</bdi></dd></div>` : nothing}
                    </dl>
                    <h3 id="delivery-sent">Sent</h3>
                    <pre class="scroll" tabindex="0" role="region" aria-labelledby="delivery-sent"><code>${JSON.stringify(delivery.payload, null, 2)}</code></pre>
                    ${delivery.responseBody ? html`<h3 id="delivery-answered">Answered</h3>
                        <pre class="scroll" tabindex="0" role="region" aria-labelledby="delivery-answered"><code>${delivery.responseBody}</code></pre>` : nothing}`)}
                <footer><button type="button" class="button primary" @click=${() => this.close()}>Close</button></footer>
            </div>`;
    }
}

customElements.define('lk-page-webhook-deliveries', WebhookDeliveriesPage);
customElements.define('lk-delivery-dialog', DeliveryDialog);
