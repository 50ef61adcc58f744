import { html, nothing } from 'lit';
import { live } from 'lit/directives/live.js';
import { count, dateValue, DAY, duration, inWords } from '../format';
import { icons } from '../icons';
import { user } from '../session';
import { described, field, fieldError } from './bits';
import { Light } from './element';

export type Choice = '7' | '30' | '90' | '365' | 'date' | 'none';

const PRESETS: Choice[] = ['7', '30', '90', '365'];

/** When a token ends: some days from now, at the end of a day, or never. */
export class Expiry extends Light {

    static override properties = { choice: { attribute: false }, date: { attribute: false }, error: {} };

    declare choice: Choice;
    /** As the date field writes it. */
    declare date: string;
    declare error: string | undefined;

    constructor() {
        super();
        this.date = '';
        this.choice = this.longest >= 30 * DAY ? '30' : this.longest >= 7 * DAY ? '7' : 'date';
    }

    /** In milliseconds; infinity if the account sets no limit. */
    private get longest() {
        const seconds = user().account.tokenPolicy?.maxLifetimeSeconds;
        return seconds ? seconds * 1000 : Infinity;
    }

    private get required() {
        return this.longest < Infinity || (user().account.tokenPolicy?.expiryRequired ?? false);
    }

    /** Null: never, or not chosen yet. */
    instant(now = Date.now()): Date | null {
        if (this.choice === 'none' || this.choice === 'date' && !this.date) {
            return null;
        }
        // The end of the day, as the person's calendar has it.
        const wanted = this.choice === 'date' ? new Date(`${this.date}T23:59:59`).getTime() : now + Number(this.choice) * DAY;
        // On the last day that the account allows, the service's clock may be a little behind ours.
        return new Date(wanted > now + this.longest && wanted < now + this.longest + DAY ? now + this.longest - 60_000 : wanted);
    }

    /** What is wrong with the choice. */
    problem(now = Date.now()): string | undefined {
        if (this.choice !== 'date') {
            return undefined;
        }
        const instant = this.instant(now);
        return !this.date ? 'Choose a date.' : instant === null || Number.isNaN(instant.getTime()) ? 'Write a date.'
            : instant.getTime() <= now ? 'The date is in the past: choose a later one.'
            : instant.getTime() > now + this.longest ? `Your account allows tokens of at most ${duration(this.longest)}.` : undefined;
    }

    protected override render() {
        const problem = this.error ?? (this.choice === 'date' && this.date ? this.problem() : undefined);
        const instant = this.instant();
        return html`
            <fieldset>
                <legend>Expiration date</legend>
                <div class="row wrap choices">
                    ${PRESETS.map(days => this.radio(days, `${days} days`, Number(days) * DAY > this.longest))}
                    ${this.radio('date', 'On a date', false)}
                    ${this.radio('none', 'No expiration', this.required)}
                </div>
                ${this.longest < Infinity ? html`<p class="hint">Your account allows tokens of at most ${duration(this.longest)}.</p>`
                    : this.required ? html`<p class="hint">Your account requires an expiration date.</p>` : nothing}
                ${this.choice === 'date' ? field('expiry-date', 'Date', html`
                    <input id="expiry-date" type="date" min=${dateValue(new Date())} max=${this.longest < Infinity ? dateValue(new Date(Date.now() + this.longest)) : nothing}
                           .value=${this.date} aria-invalid=${problem ? 'true' : 'false'} aria-describedby=${described('expiry-date', { error: problem })}
                           @input=${(event: Event) => this.pick('date', (event.target as HTMLInputElement).value)}>`, { error: problem })
                    : fieldError('expiry', this.error)}
                <p role="status" class="result">${this.choice === 'none'
                    ? html`<span class="warned">${icons.warning}</span><span class="warned">The token works until somebody revokes it. A date limits the harm if it leaks.</span>`
                    : instant && !problem ? html`${icons.clock}<span>Expires on <strong>${inWords(instant)}</strong>, in ${count(Math.max(1, Math.round((instant.getTime() - Date.now()) / DAY)), 'day')}.</span>` : nothing}</p>
            </fieldset>`;
    }

    private radio(choice: Choice, label: string, barred: boolean) {
        return html`<label class="check"><input type="radio" name="expiry" value=${choice} ?disabled=${barred} .checked=${live(this.choice === choice)}
            @change=${() => this.pick(choice, this.date)}>${label}</label>`;
    }

    private pick(choice: Choice, date: string) {
        this.choice = choice;
        this.date = date;
        this.error = undefined;
    }
}

customElements.define('lk-expiry', Expiry);
