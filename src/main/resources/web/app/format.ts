/* Times, numbers and words in the person's own locale and time zone. */

const locales = () => navigator.languages?.length ? [...navigator.languages] : undefined;

const relative = new Intl.RelativeTimeFormat(locales(), { numeric: 'auto' });
const exactFormat = new Intl.DateTimeFormat(locales(), { dateStyle: 'medium', timeStyle: 'long' });
const dateFormat = new Intl.DateTimeFormat(locales(), { dateStyle: 'medium' });
const wordsFormat = new Intl.DateTimeFormat(locales(), { dateStyle: 'full', timeStyle: 'short' });
const numbers = new Intl.NumberFormat(locales());
const lists = new Intl.ListFormat('en', { type: 'conjunction' });

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
    ['year', 365 * 86_400], ['month', 30 * 86_400], ['day', 86_400], ['hour', 3_600], ['minute', 60]];

export const SECOND = 1_000;
export const DAY = 86_400_000;

/** "3 minutes ago", "in 5 days". */
export function ago(instant: string | Date, now = Date.now()): string {
    const seconds = (new Date(instant).getTime() - now) / 1000;
    for (const [unit, length] of UNITS) {
        if (Math.abs(seconds) >= length) {
            // What lies ahead is rounded: 30 days that began a second ago are still 30 days.
            return relative.format(seconds > 0 ? Math.round(seconds / length) : Math.trunc(seconds / length), unit);
        }
    }
    return relative.format(Math.trunc(seconds), 'second');
}

export const exact = (instant: string | Date) => exactFormat.format(new Date(instant));
export const date = (instant: string | Date) => dateFormat.format(new Date(instant));
export const inWords = (instant: Date) => wordsFormat.format(instant);
export const number = (value: number) => numbers.format(value);
export const listed = (values: string[]) => lists.format(values);

/** "1 token", "1,234 tokens". */
export const count = (value: number, one: string, many = `${one}s`) => `${number(value)} ${value === 1 ? one : many}`;

/** "0:42", "1:05:00": what is left of a wait. */
export function clock(seconds: number): string {
    const whole = Math.max(0, Math.ceil(seconds));
    const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    const two = (value: number) => String(value).padStart(2, '0');
    return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

/** "2 days 3 hours", the two largest units. */
export function duration(milliseconds: number): string {
    const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
    const parts: [number, string][] = [[Math.floor(seconds / 86_400), 'day'], [Math.floor(seconds / 3600) % 24, 'hour'],
        [Math.floor(seconds / 60) % 60, 'minute'], [seconds % 60, 'second']];
    const first = parts.findIndex(([value]) => value > 0);
    return first < 0 ? 'no time' : parts.slice(first, first + 2).filter(([value]) => value > 0)
        .map(([value, unit]) => count(value, unit)).join(' ');
}

/** The value of an input of type date, in the person's zone. */
export function dateValue(instant: Date): string {
    const two = (value: number) => String(value).padStart(2, '0');
    return `${instant.getFullYear()}-${two(instant.getMonth() + 1)}-${two(instant.getDate())}`;
}

/** "licenseTemplate" as words: "License template". */
export function words(name: string): string {
    const spaced = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
    return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** A code of the API as words: "TOKEN_EXPIRED" becomes "token expired". */
export const outcome = (code: string) => code.replaceAll('_', ' ').toLowerCase();
