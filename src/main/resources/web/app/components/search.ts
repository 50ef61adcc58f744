import { html, type PropertyValues } from 'lit';
import { icons } from '../icons';
import { Light } from './element';

/** A field to search by. Tells after a pause in typing by the event search, or at once on Enter. What is being typed is the person's:
 *  only another value changes it. */
export class SearchField extends Light {

    static override properties = { value: {}, placeholder: {} };

    declare value: string;
    declare placeholder: string;
    private typing: ReturnType<typeof setTimeout> | undefined;

    constructor() {
        super();
        this.value = '';
        this.placeholder = '';
    }

    override disconnectedCallback() {
        super.disconnectedCallback();
        clearTimeout(this.typing);
    }

    protected override updated(changed: PropertyValues) {
        if (changed.has('value') && this.input.value.trim() !== this.value) {
            this.input.value = this.value;
        }
    }

    private get input() {
        return this.querySelector('input')!;
    }

    /** Nothing is searched for, and the person is here. */
    reset() {
        clearTimeout(this.typing);
        this.input.value = '';
        this.input.focus();
    }

    protected override render() {
        return html`
            <div class="field grow">
                <label for="filter-query">Search</label>
                <div class="with-icon">${icons.search}
                    <input id="filter-query" type="search" placeholder=${this.placeholder} maxlength="200" @input=${this.typed} @change=${this.tell}></div>
            </div>`;
    }

    private readonly typed = () => {
        clearTimeout(this.typing);
        this.typing = setTimeout(this.tell, 300);
    };

    private readonly tell = () => {
        clearTimeout(this.typing);
        const text = this.input.value.trim();
        if (text !== this.value) {
            this.dispatchEvent(new CustomEvent('search', { detail: text }));
        }
    };
}

customElements.define('lk-search', SearchField);
