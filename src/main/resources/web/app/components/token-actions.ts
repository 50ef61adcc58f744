import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { get, list, request, type IssuedToken, type Page, type Token } from '../api';
import { ago, count, dateValue, DAY, exact, inWords } from '../format';
import { icons } from '../icons';
import { go } from '../router';
import { user } from '../session';
import { described, field, fieldError } from './bits';
import { ActionDialog } from './action-dialog';
import type { Modal } from './dialog';
import { problem } from './element';
import type { MenuItem } from './menu';
import { showOnce } from './show-once-dialog';
import { toast } from './toast';
import { parseRanges } from './ranges';
import './ranges';

const PATH = '/v3/personal-access-tokens';

/** What a person may do with a token: everything with their own, end and remove those of others. */
export function tokenActions(token: Token, changed: (deleted: boolean) => void, withView: boolean): MenuItem[] {
    const own = token.userId === user().id;
    const after = async (dialog: Modal<boolean>, deleted = false) => {
        if (await dialog.ask()) {
            changed(deleted);
        }
    };
    const items: MenuItem[] = [];
    if (withView) {
        items.push({ label: 'View', icon: icons.eye, run: () => go(`/access-tokens/${token.id}`) });
    }
    if (own && token.status === 'active') {
        items.push({ label: 'Rotate', icon: icons.rotate, run: () => void rotate(token, () => changed(false)) });
    }
    if (own && token.status !== 'revoked') {
        items.push({ label: 'Edit', icon: icons.edit, run: () => void after(new EditDialog(token)) });
    }
    if (token.status !== 'revoked') {
        items.push({ label: 'Revoke', icon: icons.block, danger: true, run: () => void after(new RevokeDialog(token)) });
    }
    items.push({ label: 'Delete', icon: icons.trash, danger: true, run: () => void after(new DeleteDialog(token), true) });
    return items;
}

/** Rotates, and shows the new value once. */
export async function rotate(token: Token, changed: () => void) {
    const issued = await new RotateDialog(token).ask();
    if (issued) {
        await showOnce(issued, 'rotated');
        changed();
    }
}

/** A dialog that does one thing to a token. */
abstract class TokenDialog<R> extends ActionDialog<R> {

    constructor(protected readonly token: Token) {
        super();
    }
}

/** What would stop working, as far as it is known. */
function consequences(token: Token) {
    const recently = token.lastUsedAt && Date.now() - new Date(token.lastUsedAt).getTime() < 30 * DAY;
    if (token.status === 'expired') {
        return html`<p>It has expired: nothing can be using it.</p>`;
    }
    if (!token.lastUsedAt) {
        return html`<p>It has never been used: nothing that we know of will break.</p>`;
    }
    return html`
        <div class="notice ${recently ? 'warning' : 'info'}">${recently ? icons.warning : icons.info}
            <p>It was last used <strong><time title=${exact(token.lastUsedAt)}>${ago(token.lastUsedAt)}</time></strong>${token.lastUsedIp ? html` from <strong>${token.lastUsedIp}</strong>` : nothing}.
            ${recently ? 'Whatever uses it will be refused at once.' : 'Whatever may still use it will be refused at once.'}</p></div>`;
}

abstract class EndingDialog extends TokenDialog<boolean> {

    protected made = 0;
    protected cascade = false;

    override connectedCallback() {
        super.connectedCallback();
        void list<Token>(PATH, { parentId: this.token.id, limit: 1 }).then((page: Page<Token>) =>
            this.change(() => this.made = page.count ?? page.items.length), () => { /* Then the choice is not offered. */ });
    }

    protected descendants() {
        return this.made === 0 ? nothing : html`
            <label class="check"><input type="checkbox" .checked=${this.cascade}
                @change=${(event: Event) => this.cascade = (event.target as HTMLInputElement).checked}>
                Revoke the ${count(this.made, 'token')} that it made too</label>`;
    }
}

export class RevokeDialog extends EndingDialog {

    protected override heading = 'Revoke token';

    protected override content() {
        return html`
            <form class="stack" @submit=${this.submit}>
                ${problem(this.error)}
                <p>Revoke <strong><bdi>${this.token.name}</bdi></strong> <code>${this.token.hint}</code>? It stops working at once, for ever: a revoked token cannot be brought back.</p>
                ${consequences(this.token)}
                ${this.descendants()}
                ${this.buttons('Revoke', true)}
            </form>`;
    }

    private submit(event: Event) {
        event.preventDefault();
        void this.act(async () => {
            await request(`${PATH}/${this.token.id}?cascade=${this.cascade}`, { method: 'PATCH', body: { revoked: true } });
            toast(`Revoked ${this.token.name}`);
            this.close(true);
        });
    }
}

export class DeleteDialog extends EndingDialog {

    protected override heading = 'Delete token';

    protected override content() {
        return html`
            <form class="stack" @submit=${this.submit}>
                ${problem(this.error)}
                <p>Delete <strong><bdi>${this.token.name}</bdi></strong> <code>${this.token.hint}</code>? It stops working at once and disappears from this list;
                    the event log keeps what it was. To end it and keep it in sight, revoke it instead.</p>
                ${this.token.status === 'revoked' ? nothing : consequences(this.token)}
                ${this.descendants()}
                ${this.buttons('Delete', true)}
            </form>`;
    }

    private submit(event: Event) {
        event.preventDefault();
        void this.act(async () => {
            await request(`${PATH}/${this.token.id}?cascade=${this.cascade}`, { method: 'DELETE' });
            toast(`Deleted ${this.token.name}`);
            this.close(true);
        });
    }
}

const GRACES: [number, string][] = [[0, 'None: the old value stops at once'], [3600, '1 hour'], [86_400, '1 day'], [3 * 86_400, '3 days'], [7 * 86_400, '7 days']];

class RotateDialog extends TokenDialog<IssuedToken> {

    protected override heading = 'Rotate token';
    private grace = 86_400;
    private newExpiry = '';

    protected override content() {
        const expiry = this.expiry();
        return html`
            <form class="stack" novalidate @submit=${this.submit}>
                ${problem(this.error)}
                <p><strong><bdi>${this.token.name}</bdi></strong> gets a new value with the same scopes. During the grace period both values work, so that you can exchange
                    them without an interruption.</p>
                ${field('rotate-grace', 'Grace period of the old value', html`
                    <select id="rotate-grace" @change=${(event: Event) => this.change(() => this.grace = Number((event.target as HTMLSelectElement).value))}>
                        ${GRACES.map(([seconds, label]) => html`<option value=${seconds} .selected=${live(seconds === this.grace)}>${label}</option>`)}
                    </select>`, { hint: this.graceInWords(), error: this.error?.of('gracePeriodSeconds') })}
                ${field('rotate-expiry', 'New expiration date', html`
                    <input id="rotate-expiry" type="date" min=${dateValue(new Date())} .value=${this.newExpiry}
                           aria-describedby=${described('rotate-expiry', { hint: true, error: this.error?.of('expiresAt') })}
                           @change=${(event: Event) => this.change(() => this.newExpiry = (event.target as HTMLInputElement).value)}>`,
                    {
                        optional: true, error: this.error?.of('expiresAt'),
                        hint: expiry ? `The end of that day: ${inWords(expiry)}.`
                            : this.token.expiresAt ? `Empty: as before, ${inWords(new Date(this.token.expiresAt))}.` : 'Empty: as before, never.',
                    })}
                ${this.grace === 0 ? consequences(this.token) : nothing}
                ${this.buttons('Rotate')}
            </form>`;
    }

    private expiry(): Date | null {
        return this.newExpiry ? new Date(`${this.newExpiry}T23:59:59`) : null;
    }

    private graceInWords() {
        if (this.grace === 0) {
            return 'Whatever uses the old value is refused until it has the new one.';
        }
        const until = Date.now() + this.grace * 1000;
        const expires = this.token.expiresAt ? new Date(this.token.expiresAt).getTime() : Infinity;
        return expires < until ? `The old value works until the token would have expired: ${inWords(new Date(expires))}.`
            : `The old value works until ${inWords(new Date(until))}.`;
    }

    private submit(event: Event) {
        event.preventDefault();
        void this.act(async () => {
            const expiry = this.expiry();
            const answer = await request<IssuedToken>(`${PATH}/${this.token.id}/rotate`, {
                method: 'POST', body: { gracePeriodSeconds: this.grace, ...(expiry ? { expiresAt: expiry.toISOString() } : {}) },
            });
            this.close(answer.body);
        });
    }
}

class EditDialog extends TokenDialog<boolean> {

    protected override heading = 'Edit token';
    protected override wide = true;
    private ranges = (this.token.allowedIps ?? []).join(', ');
    private readonly kept = new Set(this.token.scopes);
    private wrong: Record<string, string> = {};

    protected override content() {
        const error = (name: string) => this.wrong[name] ?? this.error?.of(name);
        return html`
            <form class="stack" novalidate @submit=${this.submit}>
                ${problem(this.error)}
                ${field('edit-name', 'Name', html`<input id="edit-name" name="name" maxlength="255" required .defaultValue=${this.token.name}
                    aria-invalid=${error('name') ? 'true' : 'false'} aria-describedby=${described('edit-name', { error: error('name') })}>`, { error: error('name') })}
                ${field('edit-description', 'Description', html`<textarea id="edit-description" name="description" rows="2" maxlength="1000"
                    .defaultValue=${this.token.description ?? ''}></textarea>`, { optional: true, error: error('description') })}
                <lk-ranges .value=${this.ranges} .error=${error('allowedIps')} @ranges=${(event: CustomEvent<string>) => this.ranges = event.detail}></lk-ranges>
                ${field('edit-tags', 'Tags', html`<input id="edit-tags" name="tags" .defaultValue=${this.token.tags.join(', ')}>`,
                    { optional: true, hint: 'Separated by commas.', error: error('tags') })}
                <fieldset>
                    <legend>Scopes</legend>
                    <p class="hint">Scopes may only become fewer. For more, create another token.</p>
                    <div class="scope-list">${this.token.scopes.map(scope => html`
                        <label class="check"><input type="checkbox" .checked=${this.kept.has(scope)}
                            @change=${() => this.change(() => this.kept.delete(scope) || this.kept.add(scope))}><code>${scope}</code></label>`)}</div>
                    ${fieldError('edit-scopes', error('scopes'))}
                </fieldset>
                ${this.buttons('Save')}
            </form>`;
    }

    private submit(event: Event) {
        event.preventDefault();
        const { ranges, problems } = parseRanges(this.ranges);
        this.wrong = {
            ...this.text('name') ? {} : { name: 'Give the token a name.' },
            ...problems.length === 0 ? {} : { allowedIps: 'Correct the entries that are marked.' },
            ...this.kept.size > 0 ? {} : { scopes: 'Keep at least one scope, or revoke the token.' },
        };
        if (Object.keys(this.wrong).length > 0) {
            this.requestUpdate();
            return;
        }
        const fewer = this.kept.size < this.token.scopes.length;
        void this.act(async () => {
            await request(`${PATH}/${this.token.id}`, {
                method: 'PATCH', body: {
                    name: this.text('name'), description: this.text('description') || null, allowedIps: ranges.length > 0 ? ranges : null,
                    tags: this.text('tags').split(',').map(tag => tag.trim()).filter(tag => tag),
                    ...(fewer ? { scopes: [...this.kept] } : {}),
                },
            });
            toast(`Saved ${this.text('name')}`);
            this.close(true);
        });
    }
}

/** A token as it is now. */
export const fetchToken = (id: string, signal?: AbortSignal) => get<Token>(`${PATH}/${encodeURIComponent(id)}`, { signal });

customElements.define('lk-revoke-dialog', RevokeDialog);
customElements.define('lk-delete-dialog', DeleteDialog);
customElements.define('lk-rotate-dialog', RotateDialog);
customElements.define('lk-edit-dialog', EditDialog);
