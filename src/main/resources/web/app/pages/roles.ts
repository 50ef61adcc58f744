import { html, nothing } from 'lit';
import { get, idempotencyKey, request, type Role, type ScopeGroup } from '../api';
import { ActionDialog, confirm } from '../components/action-dialog';
import { badge, described, emptyState, field, time } from '../components/bits';
import '../components/chips';
import { Loader, problem } from '../components/element';
import { ListPage, type Column } from '../components/list-page';
import type { MenuItem } from '../components/menu';
import '../components/scope-matrix';
import { toast } from '../components/toast';
import { icons } from '../icons';
import { can } from '../session';

const PATH = '/v3/roles';

/** Account → Roles. */
export class RolesPage extends ListPage<Role> {

    protected override readonly heading = 'Roles';
    protected override readonly path = PATH;
    protected override readonly one = 'role';
    protected override readonly firstSort = 'name';

    protected override nameOf(role: Role) {
        return role.name;
    }

    protected override head() {
        return can('role:write') ? html`<button type="button" class="button primary" @click=${this.create}>${icons.add}New role</button>` : nothing;
    }

    protected override lead() {
        return html`<p class="measure lead">A role is what people, and their tokens, may do at most. What a role loses, its users’ tokens lose at once.</p>`;
    }

    protected override empty() {
        return emptyState('No roles', 'There are always some: reload the page.');
    }

    protected override columns(): Column<Role>[] {
        return [
            { label: 'Name', sort: 'name', cell: role => html`<bdi>${role.name}</bdi>${role.description ? html`<span class="sub"><bdi>${role.description}</bdi></span>` : nothing}` },
            { label: 'Scopes', cell: role => role.claims.length === 0 ? html`<span class="quiet">None</span>` : html`<lk-chips .values=${role.claims} .max=${3}></lk-chips>` },
            { label: 'Kind', cell: role => role.reserved ? badge('Built in', 'plain') : html`<span class="quiet">Your own</span>` },
            { label: 'Created', sort: 'createdAt', cell: role => time(role.createdAt) },
        ];
    }

    protected override actions(role: Role): MenuItem[] {
        if (role.reserved || !can('role:write')) {
            return [];
        }
        return [
            { label: 'Edit', icon: icons.edit, run: () => void this.whenDone(new RoleDialog(role)) },
            { label: 'Delete', icon: icons.trash, danger: true, run: () => void this.whenDone(confirm({
                heading: 'Delete role', action: 'Delete', danger: true, done: `Deleted ${role.name}`,
                text: html`The role <strong><bdi>${role.name}</bdi></strong> is gone for ever. A role that users have cannot be deleted.`,
                work: () => request(`${PATH}/${role.id}`, { method: 'DELETE' }),
            })) },
        ];
    }

    private async create() {
        await this.whenDone(new RoleDialog(null));
    }
}

/** Makes a role, or changes one. */
class RoleDialog extends ActionDialog<boolean> {

    protected override heading: string;
    protected override wide = true;
    private readonly key = idempotencyKey();
    private readonly catalogue = new Loader<ScopeGroup[]>(this);
    private claims: string[];

    constructor(private readonly edited: Role | null) {
        super();
        this.heading = edited ? 'Edit role' : 'New role';
        this.claims = edited?.claims ?? [];
    }

    override connectedCallback() {
        super.connectedCallback();
        void this.catalogue.load(signal => get('/v3/scopes', { signal }));
    }

    protected override content() {
        const taken = this.error?.code === 'ROLE_NAME_TAKEN' ? this.error.message : undefined;
        const name = { error: this.error?.of('name') ?? taken };
        return html`
            <form class="stack" novalidate @submit=${this.submit}>
                ${problem(this.error)}
                ${field('role-name', 'Name', html`<input id="role-name" name="name" maxlength="255" required autocomplete="off" .defaultValue=${this.edited?.name ?? ''}
                    aria-invalid=${name.error ? 'true' : 'false'} aria-describedby=${described('role-name', name)}>`, name)}
                ${field('role-description', 'Description', html`<input id="role-description" name="description" maxlength="1000" autocomplete="off"
                    .defaultValue=${this.edited?.description ?? ''}>`, { optional: true, error: this.error?.of('description') })}
                ${this.catalogue.show('scopes', groups => html`
                    <lk-scope-matrix .groups=${groups} .chosen=${this.claims} .error=${this.error?.of('claims')} lead="What whoever has the role may do at most."
                        @scopes=${(event: CustomEvent<string[]>) => this.claims = event.detail}></lk-scope-matrix>`)}
                ${this.buttons(this.edited ? 'Save' : 'Create role')}
            </form>`;
    }

    private submit(event: Event) {
        event.preventDefault();
        const body = { name: this.text('name'), description: this.text('description'), claims: this.claims };
        void this.act(async () => {
            await (this.edited ? request(`${PATH}/${this.edited.id}`, { method: 'PATCH', body })
                : request(PATH, { method: 'POST', body, headers: { 'Idempotency-Key': this.key } }));
            toast(`Saved ${body.name}`);
            this.close(true);
        });
    }
}

customElements.define('lk-page-roles', RolesPage);
customElements.define('lk-role-dialog', RoleDialog);
