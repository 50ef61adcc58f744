import { html, nothing, type PropertyValues } from 'lit';
import type { Usage } from '../api';
import type { Series } from '../chart-engine';
import { count, number, outcome } from '../format';
import { asApiError, Light } from './element';

const COLOURS = 6;
const HOUR = 3_600_000;

/** Requests over time, by outcome: as a chart, and as a table for those who do not see it. */
export class UsageChart extends Light {

    static override properties = { usage: { attribute: false }, label: {} };

    declare usage: Usage;
    declare label: string;
    private chart: { dispose(): void; resize(): void } | undefined;
    private drawing = 0;
    private readonly sizes = new ResizeObserver(() => this.chart?.resize());
    private readonly repaint = () => void this.draw();
    private readonly scheme = matchMedia('(prefers-color-scheme: dark)');

    override connectedCallback() {
        super.connectedCallback();
        addEventListener('latchkey-theme', this.repaint);
        this.scheme.addEventListener('change', this.repaint);
    }

    override disconnectedCallback() {
        super.disconnectedCallback();
        removeEventListener('latchkey-theme', this.repaint);
        this.scheme.removeEventListener('change', this.repaint);
        this.sizes.disconnect();
        this.chart?.dispose();
        this.chart = undefined;
    }

    private get data() {
        const { from, to, interval, points } = this.usage;
        const step = interval === 'hour' ? HOUR : 24 * HOUR;
        const times: number[] = [];
        for (let time = Math.floor(Date.parse(from) / step) * step; time < Date.parse(to) && times.length < 1000; time += step) {
            times.push(time);
        }
        const index = new Map(times.map((time, i) => [time, i]));
        const series = new Map<string, number[]>([['allowed', times.map(() => 0)]]);
        for (const point of points) {
            const at = index.get(Math.floor(Date.parse(point.time) / step) * step);
            if (at !== undefined) {
                const values = series.get(point.outcome) ?? times.map(() => 0);
                values[at]! += point.requests;
                series.set(point.outcome, values);
            }
        }
        // Of many reasons the rare ones are one.
        const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
        const [allowed, ...refusals] = [...series].map(([name, values]): Series => ({ name: name === 'allowed' ? 'Allowed' : `Refused: ${outcome(name)}`, values }));
        refusals.sort((a, b) => sum(b.values) - sum(a.values));
        const rare = refusals.splice(COLOURS - 2, refusals.length > COLOURS - 1 ? Infinity : 0);
        if (rare.length > 0) {
            refusals.push({ name: 'Refused: other reasons', values: times.map((_, i) => sum(rare.map(each => each.values[i]!))) });
        }
        // A day is the service's, in UTC; an hour is the person's.
        const format = new Intl.DateTimeFormat(navigator.languages as string[], interval === 'day' ? { day: 'numeric', month: 'short', timeZone: 'UTC' }
            : times.length > 25 ? { day: 'numeric', month: 'short', hour: 'numeric' } : { hour: 'numeric', minute: '2-digit' });
        return { labels: times.map(time => format.format(time)), series: [allowed!, ...refusals], sums: [allowed!, ...refusals].map(each => sum(each.values)) };
    }

    protected override render() {
        const { labels, series, sums } = this.data;
        if (sums.every(value => value === 0)) {
            return html`<p class="quiet none">No requests in this time.</p>`;
        }
        const rows = labels.map((label, i) => ({ label, values: series.map(each => each.values[i]!) })).filter(row => row.values.some(value => value > 0));
        return html`
            <div class="chart" role="img" aria-label="${this.label}: ${series.map((each, i) => `${each.name}, ${count(sums[i]!, 'request')}`).join('; ')}. The table below has the numbers."></div>
            <details><summary class="small">Show as a table</summary>
                <div class="scroll" tabindex="0" role="group" aria-label="${this.label}, as a table">
                    <table><thead><tr><th scope="col">${this.usage.interval === 'day' ? 'Day (UTC)' : 'Hour'}</th>${series.map(each => html`<th scope="col" class="number">${each.name}</th>`)}</tr></thead>
                        <tbody>${rows.map(row => html`<tr><th scope="row">${row.label}</th>${row.values.map(value => html`<td class="number">${number(value)}</td>`)}</tr>`)}</tbody>
                        <tfoot><tr><th scope="row">Total</th>${sums.map(value => html`<td class="number">${number(value)}</td>`)}</tr></tfoot></table></div>
            </details>
            ${this.failed ? html`<p class="bad" role="alert">The chart could not be drawn; the table has the numbers.</p>` : nothing}`;
    }

    private failed = false;

    protected override updated(changed: PropertyValues) {
        if (changed.has('usage')) {
            void this.draw();
        }
    }

    private async draw() {
        const turn = ++this.drawing;
        try {
            const { draw } = await import('../chart-engine');
            const element = this.querySelector<HTMLElement>('.chart');
            if (turn !== this.drawing || !this.isConnected) {
                return;
            }
            this.chart?.dispose();
            this.chart = undefined;
            this.sizes.disconnect();
            if (element) {
                const { labels, series } = this.data;
                this.chart = draw(element, labels, series, this.look(element), number);
                this.sizes.observe(element);
            }
        } catch (error) {
            asApiError(error);
            this.change(() => this.failed = true);
        }
    }

    /** The design tokens as colours that a canvas knows. */
    private look(element: HTMLElement) {
        const probe = document.createElement('span');
        this.append(probe);
        const colour = (token: string) => {
            probe.style.color = `var(--${token})`;
            return getComputedStyle(probe).color;
        };
        const look = {
            text: colour('text'), quiet: colour('quiet'), line: colour('line'), surface: colour('surface'), font: getComputedStyle(element).fontFamily,
            colours: Array.from({ length: COLOURS }, (_, i) => colour(`chart-${i + 1}`)),
        };
        probe.remove();
        return look;
    }
}

customElements.define('lk-chart', UsageChart);
