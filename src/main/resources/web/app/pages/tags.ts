import { html, nothing } from 'lit';
import { idempotencyKey, request, type Tag } from '../api';
import { ActionDialog, confirm } from '../components/action-dialog';
import { described, emptyState, field, time } from '../components/bits';
import { problem } from '../components/element';
import { ListPage, type Column } from '../components/list-page';
import type { MenuItem } from '../components/menu';
import { toast } from '../components/toast';
import { icons } from '../icons';
import { can } from '../session';

const PATH = '/v3/tags';

/** Account → Tags. */
export class TagsPage extends ListPage<Tag> {

    protected override readonly heading = 'Tags';
    protected override readonly path = PATH;
    protected override readonly one = 'tag';
    protected override readonly firstSort = 'name';

    protected override nameOf(tag: Tag) {
        return tag.name;
    }

    protected override head() {
        return can('tag:write') ? html`<button type="button" class="button primary" @click=${this.create}>${icons.add}New tag</button>` : nothing;
    }

    protected override empty() {
        return emptyState('No tags yet', 'A tag is a word by which tokens and users are found. One that is described here has the same name on all of them.');
    }

    protected override columns(): Column<Tag>[] {
        return [
            { label: 'Name', sort: 'name', cell: tag => html`<bdi>${tag.name}</bdi>` },
            { label: 'Description', cell: tag => tag.description ? html`<bdi class="wrapped">${tag.description}</bdi>` : html`<span class="quiet">None</span>` },
            { label: 'Created', sort: 'createdAt', cell: tag => time(tag.createdAt) },
        ];
    }

    protected override actions(tag: Tag): MenuItem[] {
        return !can('tag:write') ? [] : [
            { label: 'Edit', icon: icons.edit, run: () => void this.whenDone(new TagDialog(tag)) },
            { label: 'Delete', icon: icons.trash, danger: true, run: () => void this.whenDone(confirm({
                heading: 'Delete tag', action: 'Delete', danger: true, done: `Deleted ${tag.name}`,
                text: html`<strong><bdi>${tag.name}</bdi></strong> is taken off all tokens and users that have it. None of them ends.`,
                work: () => request(`${PATH}/${tag.id}`, { method: 'DELETE' }),
            })) },
        ];
    }

    private async create() {
        await this.whenDone(new TagDialog(null));
    }
}

/** Makes a tag, or changes one. */
class TagDialog extends ActionDialog<boolean> {

    protected override heading: string;
    private readonly key = idempotencyKey();

    constructor(private readonly tag: Tag | null) {
        super();
        this.heading = tag ? 'Edit tag' : 'New tag';
    }

    protected override content() {
        const taken = this.error?.code === 'TAG_NAME_TAKEN' ? this.error.message : undefined;
        const name = { error: this.error?.of('name') ?? taken, hint: this.tag ? 'A new name replaces the old one on all that carry it.' : undefined };
        return html`
            <form class="stack" novalidate @submit=${this.submit}>
                ${problem(this.error)}
                ${field('tag-name', 'Name', html`<input id="tag-name" name="name" maxlength="64" required autocomplete="off" .defaultValue=${this.tag?.name ?? ''}
                    aria-invalid=${name.error ? 'true' : 'false'} aria-describedby=${described('tag-name', name)}>`, name)}
                ${field('tag-description', 'Description', html`<input id="tag-description" name="description" maxlength="1000" autocomplete="off"
                    .defaultValue=${this.tag?.description ?? ''}>`, { optional: true, error: this.error?.of('description') })}
                ${this.buttons(this.tag ? 'Save' : 'Create tag')}
            </form>`;
    }

    private submit(event: Event) {
        event.preventDefault();
        const body = { name: this.text('name'), description: this.text('description') };
        void this.act(async () => {
            await (this.tag ? request(`${PATH}/${this.tag.id}`, { method: 'PATCH', body })
                : request(PATH, { method: 'POST', body, headers: { 'Idempotency-Key': this.key } }));
            toast(`Saved ${body.name}`);
            this.close(true);
        });
    }
}

customElements.define('lk-page-tags', TagsPage);
customElements.define('lk-tag-dialog', TagDialog);
