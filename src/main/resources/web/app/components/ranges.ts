import { html, nothing, type TemplateResult } from 'lit';
import { icons } from '../icons';
import { described, field } from './bits';
import { Light } from './element';

/* Addresses and CIDR ranges, read as the service reads them (AddressRange.java). */

export interface Problem {
    entry: string;
    message: string;
}

const MAX_RANGES = 100;

export function parseRanges(text: string): { ranges: string[]; problems: Problem[] } {
    const ranges: string[] = [];
    const problems: Problem[] = [];
    for (const entry of new Set(text.split(/[\s,;]+/).filter(part => part))) {
        const message = problemOf(entry);
        if (message) {
            problems.push({ entry, message });
        } else {
            ranges.push(entry);
        }
    }
    if (ranges.length > MAX_RANGES) {
        problems.push({ entry: `${ranges.length} entries`, message: `at most ${MAX_RANGES}` });
    }
    return { ranges, problems };
}

function problemOf(entry: string): string | null {
    const [address = '', length, ...more] = entry.split('/');
    const v4 = !address.includes(':');
    const bytes = v4 ? bytesOfV4(address) : bytesOfV6(address);
    if (!bytes || more.length > 0) {
        return 'is neither an address nor a range, such as 203.0.113.7 or 10.0.0.0/8';
    }
    if (length === undefined) {
        return null;
    }
    const bits = bytes.length * 8;
    if (!/^(0|[1-9][0-9]{0,2})$/.test(length) || Number(length) > bits) {
        return `has a prefix length that is not 0 to ${bits}`;
    }
    const masked = bytes.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, Number(length) - i * 8))) & 0xff);
    return masked.every((byte, i) => byte === bytes[i]) ? null
        : v4 ? `has bits beyond its prefix: write ${masked.join('.')}/${length}` : 'has bits beyond its prefix: set them to zero';
}

function bytesOfV4(text: string): number[] | null {
    const parts = text.split('.');
    return parts.length === 4 && parts.every(part => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256) ? parts.map(Number) : null;
}

function bytesOfV6(text: string): number[] | null {
    const last = text.lastIndexOf(':') + 1;
    if (text.includes('.')) {
        const v4 = bytesOfV4(text.slice(last));
        return v4 && bytesOfV6(`${text.slice(0, last)}${((v4[0]! << 8) | v4[1]!).toString(16)}:${((v4[2]! << 8) | v4[3]!).toString(16)}`);
    }
    const halves = text.split('::');
    if (halves.length > 2) {
        return null;
    }
    const groups = halves.map(half => half === '' ? [] : half.split(':'));
    const given = groups.flat();
    if (!given.every(group => /^[0-9a-fA-F]{1,4}$/.test(group)) || (halves.length === 1 ? given.length !== 8 : given.length > 7)) {
        return null;
    }
    const zeros: string[] = halves.length === 2 ? Array(8 - given.length).fill('0') : [];
    return [...groups[0]!, ...zeros, ...groups[1] ?? []].flatMap(group => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]);
}

/** The field for IP ranges: whatever is pasted is split, and judged as it is typed. */
export class Ranges extends Light {

    static override properties = { value: {}, error: {} };

    declare value: string;
    declare error: string | undefined;

    constructor() {
        super();
        this.value = '';
    }

    protected override render() {
        const { ranges, problems } = parseRanges(this.value);
        const texts = { optional: true, error: this.error, hint: 'Addresses or ranges, separated by commas, spaces or lines. Empty: from anywhere.' };
        return html`
            ${field('ranges', 'Allowed IP ranges', html`
                <textarea id="ranges" rows="2" spellcheck="false" autocapitalize="none" .value=${this.value} placeholder="203.0.113.7, 10.0.0.0/8, 2001:db8::/32"
                          aria-invalid=${problems.length > 0 || this.error ? 'true' : 'false'} aria-describedby=${described('ranges', texts)}
                          @input=${this.typed}></textarea>`, texts)}
            <div role="status">${ranges.length + problems.length === 0 ? nothing : html`
                <ul class="ranges" aria-label="Ranges">
                    ${ranges.map(range => entry('good', html`${icons.check}<code>${range}</code>`))}
                    ${problems.map(({ entry: text, message }) => entry('bad', html`${icons.error}<span><code>${text}</code> ${message}</span>`))}
                </ul>`}</div>`;
    }

    private typed(event: Event) {
        this.value = (event.target as HTMLTextAreaElement).value;
        this.dispatchEvent(new CustomEvent('ranges', { detail: this.value }));
    }
}

const entry = (tone: string, content: TemplateResult) => html`<li class=${tone}>${content}</li>`;

customElements.define('lk-ranges', Ranges);
