import { html, nothing } from 'lit';
import { request, type Token } from '../api';
import { ago, count, DAY } from '../format';
import { icons } from '../icons';
import { Modal } from './dialog';
import { asApiError } from './element';

type Result = { state: 'waiting' | 'done' } | { state: 'failed'; message: string };

/** Revokes several tokens, one after the other, and says of each how it went. */
export class BulkRevokeDialog extends Modal<void> {

    readonly revoked: string[] = [];
    protected override heading: string;
    protected override wide = true;
    private readonly results = new Map<string, Result>();
    private state: 'asking' | 'running' | 'ended' = 'asking';
    private stopped = false;

    constructor(private readonly tokens: Token[]) {
        super();
        this.heading = `Revoke ${count(tokens.length, 'token')}`;
    }

    protected override content() {
        const finished = [...this.results.values()].filter(result => result.state !== 'waiting').length;
        const failed = [...this.results.values()].filter(result => result.state === 'failed').length;
        const busy = this.tokens.filter(token => token.lastUsedAt && Date.now() - new Date(token.lastUsedAt).getTime() < 30 * DAY).length;
        return html`
            <form class="stack" @submit=${this.submit}>
                ${this.state === 'asking' ? html`
                    <p>They stop working at once, for ever: a revoked token cannot be brought back.</p>
                    ${busy > 0 ? html`<div class="notice warning">${icons.warning}<p>${count(busy, 'of them was', 'of them were')} used in the last 30 days: whatever uses
                        ${busy === 1 ? 'it' : 'them'} will be refused.</p></div>` : nothing}`
                    : html`
                    <div><progress max=${this.tokens.length} value=${finished} aria-label="Progress"></progress>
                        <p role="status">${this.state === 'ended' ? failed === 0 ? `Revoked ${count(this.revoked.length, 'token')}.`
                            : `Revoked ${this.revoked.length} of ${this.tokens.length}; ${failed} failed.` : `${finished} of ${this.tokens.length} done`}</p></div>`}
                <ul class="results">${this.tokens.map(token => html`
                    <li><span><bdi>${token.name}</bdi> <code>${token.hint}</code></span>${this.result(token)}</li>`)}</ul>
                <footer>
                    ${this.state === 'asking' ? html`
                        <button type="button" class="button" @click=${() => this.leave()}>Cancel</button>
                        <button class="button danger">Revoke ${count(this.tokens.length, 'token')}</button>`
                        : this.state === 'running' ? html`<button type="button" class="button" @click=${() => this.leave()}>Stop</button>`
                        : html`<button type="button" class="button primary" @click=${() => this.close()}>Done</button>`}
                </footer>
            </form>`;
    }

    private result(token: Token) {
        const result = this.results.get(token.id);
        switch (result?.state) {
            case 'done': return html`<span class="good">${icons.check}Revoked</span>`;
            case 'failed': return html`<span class="bad">${icons.error}${result.message}</span>`;
            case 'waiting': return html`<span class="quiet">Waiting</span>`;
            default: return html`<span class="quiet">${token.lastUsedAt ? `Last used ${ago(token.lastUsedAt)}` : 'Never used'}</span>`;
        }
    }

    /** What has been revoked stays revoked; the rest is left alone. */
    protected override leave() {
        if (this.state === 'running') {
            this.stopped = true;
        } else {
            this.close();
        }
    }

    private async submit(event: Event) {
        event.preventDefault();
        this.change(() => {
            this.state = 'running';
            this.tokens.forEach(token => this.results.set(token.id, { state: 'waiting' }));
        });
        for (const token of this.tokens) {
            if (this.stopped) {
                this.results.set(token.id, { state: 'failed', message: 'Left alone' });
                continue;
            }
            try {
                await request(`/v3/personal-access-tokens/${token.id}`, { method: 'PATCH', body: { revoked: true } });
                this.revoked.push(token.id);
                this.results.set(token.id, { state: 'done' });
            } catch (error) {
                this.results.set(token.id, { state: 'failed', message: asApiError(error).message });
            }
            this.requestUpdate();
        }
        this.change(() => this.state = 'ended');
        await this.updateComplete;
        this.querySelector<HTMLElement>('footer button')?.focus();
    }
}

customElements.define('lk-bulk-revoke-dialog', BulkRevokeDialog);
