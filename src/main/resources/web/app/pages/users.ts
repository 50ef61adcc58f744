import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { get, idempotencyKey, list, request, type Page, type Role, type Tag, type User } from '../api';
import { ActionDialog, confirm, showSecret } from '../components/action-dialog';
import { badge, described, emptyState, field, time } from '../components/bits';
import '../components/chips';
import { Loader, problem } from '../components/element';
import { ListPage, type Column } from '../components/list-page';
import type { MenuItem } from '../components/menu';
import { toast } from '../components/toast';
import { inWords } from '../format';
import { icons } from '../icons';
import { can, user as me } from '../session';

const PATH = '/v3/users';

/** A link by which somebody sets a password. */
interface PasswordLink {
    token: string;
    url: string;
    expiresAt: string;
}

const nameOf = (user: User) => [user.firstName, user.lastName].filter(part => part).join(' ');

/** Account → Users. */
export class UsersPage extends ListPage<User> {

    protected override readonly heading = 'Users';
    protected override readonly path = PATH;
    protected override readonly one = 'user';
    protected override readonly filters = ['query', 'role', 'tag'];
    private readonly roles = new Loader<Page<Role>>(this);
    private readonly tags = new Loader<Page<Tag>>(this);

    override connectedCallback() {
        super.connectedCallback();
        if (can('role:read')) {
            void this.roles.load(signal => list('/v3/roles', { limit: 100, sort: 'name' }, signal));
        }
        if (can('tag:read')) {
            void this.tags.load(signal => list('/v3/tags', { limit: 100, sort: 'name' }, signal));
        }
    }

    protected override nameOf(user: User) {
        return user.email;
    }

    protected override head() {
        const query = new URLSearchParams(this.filters.flatMap(name => this.place.query.has(name) ? [[name, this.place.query.get(name)!]] : []));
        return html`
            <a class="button" href="${PATH}/export?${query}" download="users.csv">${icons.download}Export CSV</a>
            ${can('user:write') ? html`<button type="button" class="button primary" @click=${this.create}>${icons.add}New user</button>` : nothing}`;
    }

    protected override filterFields() {
        const names = (page: Page<{ name: string }> | undefined): [string, string][] => (page?.items ?? []).map(({ name }) => [name, name]);
        return html`
            ${this.searchField('Name or e-mail address')}
            ${can('role:read') ? this.choice('role', 'Role', names(this.roles.value)) : nothing}
            ${can('tag:read') ? this.choice('tag', 'Tag', names(this.tags.value)) : nothing}`;
    }

    protected override empty() {
        return emptyState('No users', 'Whoever is to sign in here gets a user of their own.');
    }

    protected override columns(): Column<User>[] {
        return [
            { label: 'User', sort: 'email', cell: user => html`<bdi>${user.email}</bdi>${nameOf(user) ? html`<span class="sub"><bdi>${nameOf(user)}</bdi></span>` : nothing}` },
            { label: 'Role', cell: user => html`<bdi>${user.role}</bdi>` },
            { label: 'Status', cell: status },
            { label: 'Second factor', cell: user => user.twoFactorEnabled ? badge('On', 'success', icons.check) : html`<span class="quiet">Off</span>` },
            { label: 'Tags', cell: user => user.tags.length === 0 ? html`<span class="quiet">None</span>` : html`<lk-chips .values=${user.tags} .max=${2} what="tags"></lk-chips>` },
            { label: 'Last seen', cell: user => time(user.lastSeenAt) },
            { label: 'Created', sort: 'createdAt', cell: user => time(user.createdAt) },
        ];
    }

    protected override actions(user: User): MenuItem[] {
        if (!can('user:write')) {
            return [];
        }
        const items: MenuItem[] = [{ label: 'Edit', icon: icons.edit, run: () => void this.whenDone(new UserDialog(user)) }];
        if (user.invited && !user.disabled) {
            items.push({ label: 'Invite again', icon: icons.rotate, run: () => void this.link(user, 'invitation', 'Invitation') });
        } else if (user.role === 'user' && !user.disabled) {
            items.push({ label: 'Reset link', icon: icons.rotate, run: () => void this.link(user, 'reset-password-token', 'Link to set a new password') });
        }
        items.push(user.disabled
            ? { label: 'Enable', icon: icons.check, run: () => void this.whenDone(this.enable(user)) }
            : { label: 'Disable', icon: icons.block, danger: true, run: () => void this.whenDone(this.disable(user)) });
        items.push({ label: 'Delete', icon: icons.trash, danger: true, run: () => void this.whenDone(this.deleteUser(user)) });
        return items;
    }

    private async create() {
        await this.whenDone(new UserDialog(null));
    }

    private async link(user: User, kind: string, heading: string) {
        let link: PasswordLink | undefined;
        const made = await confirm({
            heading, action: 'Make the link', done: 'The link is made',
            text: html`A new link for <strong><bdi>${user.email}</bdi></strong>. Any link made before stops working. Whoever has it sets their password: send it only to them.`,
            work: async () => link = (await request<PasswordLink>(`${PATH}/${user.id}/${kind}`, { method: 'POST', body: {} })).body,
        });
        if (made && link) {
            await showLink(heading, link);
        }
    }

    private enable(user: User) {
        return confirm({
            heading: 'Enable user', action: 'Enable', done: `Enabled ${user.email}`,
            text: html`<strong><bdi>${user.email}</bdi></strong> can sign in again, and their tokens work again.`,
            work: () => request(`${PATH}/${user.id}`, { method: 'PATCH', body: { disabled: false } }),
        });
    }

    private disable(user: User) {
        return confirm({
            heading: 'Disable user', action: 'Disable', danger: true, done: `Disabled ${user.email}`,
            text: html`<strong><bdi>${user.email}</bdi></strong> is signed out, and their tokens are refused, at once, until somebody enables them again.`,
            work: () => request(`${PATH}/${user.id}`, { method: 'PATCH', body: { disabled: true } }),
        });
    }

    private deleteUser(user: User) {
        return confirm({
            heading: 'Delete user', action: 'Delete', danger: true, done: `Deleted ${user.email}`,
            text: html`<strong><bdi>${user.email}</bdi></strong> and all their tokens are gone at once, and cannot be brought back.`,
            work: () => request(`${PATH}/${user.id}`, { method: 'DELETE' }),
        });
    }
}

const status = (user: User) => user.disabled ? badge('Disabled', 'danger', icons.block)
    : user.invited ? badge('Invited', 'warning', icons.clock) : badge('Active', 'success', icons.check);

const showLink = (heading: string, link: PasswordLink) => showSecret(heading, 'Link', link.url,
    `It works once, until ${inWords(new Date(link.expiresAt))}. Send it only to the person it is for.`);

/** Makes a user, or changes one. */
class UserDialog extends ActionDialog<boolean> {

    protected override heading: string;
    protected override wide = true;
    private readonly key = idempotencyKey();
    private roles: string[];

    constructor(private readonly user: User | null) {
        super();
        this.heading = user ? 'Edit user' : 'New user';
        this.roles = user ? [user.role] : ['user'];
    }

    override connectedCallback() {
        super.connectedCallback();
        if (can('role:read')) {
            void get<Role[]>('/v3/roles?limit=100&sort=name').then(found => this.change(() =>
                this.roles = [...new Set([...this.roles, ...found.map(role => role.name)])]), () => { /* Then there is no other to choose. */ });
        }
    }

    protected override content() {
        const { user } = this;
        const own = user?.id === me().id;
        const input = (name: keyof User & string, label: string, type = 'text', optional = true, hint?: string) => {
            const texts = { optional, hint, error: this.error?.of(name) ?? (this.error?.code === 'EMAIL_TAKEN' && name === 'email' ? this.error.message : undefined) };
            return field(`user-${name}`, label, html`<input id="user-${name}" name=${name} type=${type} autocomplete="off" ?required=${!optional} ?readonly=${own && name === 'email'}
                .defaultValue=${String(user?.[name] ?? '')} aria-invalid=${texts.error ? 'true' : 'false'} aria-describedby=${described(`user-${name}`, texts)}>`, texts);
        };
        return html`
            <form class="stack" novalidate @submit=${this.submit}>
                ${problem(this.error)}
                ${input('email', 'E-mail', 'email', false, own ? 'You change your own address in your profile.' : undefined)}
                ${input('firstName', 'First name')}
                ${input('lastName', 'Last name')}
                ${input('company', 'Company')}
                ${field('user-role', 'Role', html`<select id="user-role" name="role">
                    ${this.roles.map(role => html`<option value=${role} .selected=${live(role === (user?.role ?? 'user'))}>${role}</option>`)}</select>`,
                    { error: this.error?.of('role'), hint: 'What they, and their tokens, may do at most.' })}
                ${user ? nothing : field('user-password', 'Password', html`<input id="user-password" name="password" type="password" autocomplete="new-password">`,
                    { optional: true, error: this.error?.of('password'), hint: '12 to 128 characters. Empty: you get a link by which they set one themselves.' })}
                ${field('user-tags', 'Tags', html`<input id="user-tags" name="tags" autocomplete="off" .defaultValue=${(user?.tags ?? []).join(', ')}>`,
                    { optional: true, hint: 'Separated by commas.', error: this.error?.of('tags') })}
                ${field('user-metadata', 'Metadata', html`<textarea id="user-metadata" name="metadata" rows="2" spellcheck="false"
                    .defaultValue=${(user?.metadata ?? []).map(({ key, value }) => `${key}=${value}`).join('\n')}></textarea>`,
                    { optional: true, hint: 'key=value, one a line.', error: this.error?.of('metadata') })}
                ${this.buttons(user ? 'Save' : 'Create user')}
            </form>`;
    }

    private submit(event: Event) {
        event.preventDefault();
        const { user } = this;
        const email = this.text('email');
        const password = this.querySelector<HTMLInputElement>('[name=password]')?.value ?? '';
        const body: Record<string, unknown> = {
            firstName: this.text('firstName'), lastName: this.text('lastName'), company: this.text('company'),
            tags: this.text('tags').split(',').map(tag => tag.trim()).filter(tag => tag),
            metadata: this.text('metadata').split('\n').filter(line => line.trim()).map(line => {
                const [key = '', ...value] = line.split('=');
                return { key: key.trim(), value: value.join('=').trim() };
            }),
        };
        if (email !== user?.email) {
            body['email'] = email;
        }
        if (this.text('role') !== user?.role) {
            body['role'] = this.text('role');
        }
        void this.act(async () => {
            if (user) {
                await request(`${PATH}/${user.id}`, { method: 'PATCH', body });
                toast(`Saved ${email}`);
                this.close(true);
                return;
            }
            const { body: made } = await request<User & { invitation?: PasswordLink }>(PATH, {
                method: 'POST', headers: { 'Idempotency-Key': this.key }, body: password ? { ...body, password } : body,
            });
            toast(`Created ${email}`);
            this.close(true);
            if (made.invitation) {
                await showLink('Invitation', made.invitation);
            }
        });
    }
}

customElements.define('lk-page-users', UsersPage);
customElements.define('lk-user-dialog', UserDialog);
