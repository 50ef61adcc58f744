/* The part of ECharts that the portal needs. It is large: only charts load it, when they are on the page. */
import { BarChart } from 'echarts/charts';
import { GridComponent, LegendPlainComponent, TooltipComponent } from 'echarts/components';
import { init, use, type EChartsType } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

use([BarChart, GridComponent, LegendPlainComponent, TooltipComponent, CanvasRenderer]);

export interface Series {
    name: string;
    values: number[];
}

export interface Look {
    text: string;
    quiet: string;
    line: string;
    surface: string;
    font: string;
    colours: string[];
}

/** Draws stacked bars over time. */
export function draw(element: HTMLElement, labels: string[], series: Series[], look: Look, number: (value: number) => string): EChartsType {
    const chart = init(element, null, { renderer: 'canvas' });
    const label = { color: look.quiet, fontFamily: look.font, fontSize: 11 };
    chart.setOption({
        animation: false,
        color: look.colours,
        textStyle: { fontFamily: look.font, color: look.text },
        grid: { left: 8, right: 8, top: series.length > 1 ? 36 : 12, bottom: 4, containLabel: true },
        legend: {
            show: series.length > 1, top: 0, left: 0, icon: 'roundRect', itemWidth: 10, itemHeight: 10, selectedMode: false,
            textStyle: { color: look.text, fontFamily: look.font, fontSize: 12 },
        },
        // HTML would need inline styles, which the Content-Security-Policy forbids.
        tooltip: {
            trigger: 'axis', renderMode: 'richText', confine: true, backgroundColor: look.surface, borderColor: look.line, axisPointer: { type: 'shadow' },
            textStyle: { color: look.text, fontFamily: look.font, fontSize: 12 },
            formatter: (parts: { dataIndex: number }[]) => {
                const at = parts[0]?.dataIndex ?? 0;
                return [labels[at], ...series.filter(each => each.values[at]).map(each => `${each.name}: ${number(each.values[at]!)}`)].join('\n');
            },
        },
        xAxis: {
            type: 'category', data: labels, axisLabel: { ...label, hideOverlap: true }, axisLine: { lineStyle: { color: look.line } }, axisTick: { show: false },
        },
        yAxis: {
            type: 'value', minInterval: 1, splitNumber: 3, axisLabel: { ...label, formatter: number }, splitLine: { lineStyle: { color: look.line } },
        },
        series: series.map(each => ({ type: 'bar', stack: 'all', name: each.name, data: each.values, barCategoryGap: '25%' })),
    });
    return chart;
}
