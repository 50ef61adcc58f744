import { svg, type SVGTemplateResult } from 'lit';

/** The portal's icons: 24 × 24, one line weight, in the colour of the text. They are decoration: a label stands beside each. */
const icon = (paths: SVGTemplateResult) =>
    svg`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false" fill="none" stroke="currentColor"
             stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">${paths}</svg>`;

export const icons = {
    key: icon(svg`<circle cx="8" cy="15" r="4.5"/><path d="m11.5 11.5 8-8M16 7l3 3M13.5 9.5l2 2"/>`),
    chart: icon(svg`<path d="M4 4v16h16"/><path d="m7 15 4-5 3 3 5-7"/>`),
    shield: icon(svg`<path d="M12 3 5 6v5c0 4.5 3 8 7 10 4-2 7-5.500 7-10V6z"/><path d="m9 12 2 2 4-4"/>`),
    route: icon(svg`<circle cx="6" cy="19" r="2"/><circle cx="18" cy="5" r="2"/><path d="M8 19h7a3.500 3.500 0 0 0 0-7H9a3.500 3.500 0 0 1 0-7h7"/>`),
    person: icon(svg`<circle cx="12" cy="8" r="4"/><path d="M4.500 20.500c1-4 4-6 7.500-6s6.500 2 7.500 6"/>`),
    people: icon(svg`<circle cx="9" cy="8" r="3.500"/><path d="M2.500 19.500c.800-3.500 3.300-5.300 6.500-5.300s5.700 1.800 6.500 5.300M16 5a3.500 3.500 0 0 1 0 6.500M18.500 14.800c1.600.800 2.600 2.400 3 4.700"/>`),
    company: icon(svg`<path d="M4 20.500V5.500l8-2.500v17.500M12 8.500l8 2v10M3 20.500h18M7.500 8.500h1M7.500 12.500h1M7.500 16.500h1M15.500 13.500h1M15.500 17h1"/>`),
    badge: icon(svg`<rect x="4.500" y="5.500" width="15" height="15" rx="2"/><path d="M12 3v4"/><circle cx="12" cy="12.500" r="2"/><path d="M8.500 18c.500-1.700 1.800-2.500 3.500-2.500s3 .800 3.500 2.500"/>`),
    tag: icon(svg`<path d="M4 4.500h7.500l8 8-7 7-8-8zM8 8.500h.01"/>`),
    log: icon(svg`<path d="M5 3.500h14v17H5zM8.500 8h7M8.500 12h7M8.500 16h4"/>`),
    hook: icon(svg`<circle cx="7" cy="16.500" r="3"/><circle cx="17" cy="16.500" r="3"/><circle cx="12" cy="6.500" r="3"/><path d="M10.500 9 8.300 13.800M13.500 9l2.200 4.800M10 16.500h4"/>`),
    add: icon(svg`<path d="M12 5v14M5 12h14"/>`),
    search: icon(svg`<circle cx="11" cy="11" r="6.500"/><path d="m16 16 4.500 4.500"/>`),
    more: icon(svg`<path d="M12 5.500h.01M12 12h.01M12 18.500h.01" stroke-width="3"/>`),
    close: icon(svg`<path d="m6 6 12 12M18 6 6 18"/>`),
    copy: icon(svg`<rect x="9" y="9" width="11" height="11" rx="2"/><path d="M5 15H4.500A1.500 1.500 0 0 1 3 13.500v-9A1.500 1.500 0 0 1 4.500 3h9A1.500 1.500 0 0 1 15 4.500V5"/>`),
    check: icon(svg`<path d="m5 12.500 4.500 4.500L19 7.500"/>`),
    download: icon(svg`<path d="M12 4v11m-4.500-4 4.500 4.500 4.500-4.500M4.500 19.500h15"/>`),
    warning: icon(svg`<path d="M12 4 2.500 20h19zM12 10v4.500M12 17.300h.01"/>`),
    error: icon(svg`<circle cx="12" cy="12" r="9"/><path d="M12 7.500v5.500M12 16.300h.01"/>`),
    info: icon(svg`<circle cx="12" cy="12" r="9"/><path d="M12 11v5.500M12 7.700h.01"/>`),
    clock: icon(svg`<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.500 2"/>`),
    block: icon(svg`<circle cx="12" cy="12" r="9"/><path d="m5.700 5.700 12.600 12.600"/>`),
    offline: icon(svg`<path d="M3 3l18 18M8.500 15.500a5 5 0 0 1 7 0M5 12a10 10 0 0 1 4-2.400M19 12a10 10 0 0 0-5-2.700M2 8.500a15 15 0 0 1 4-2.500M22 8.500A15 15 0 0 0 11 5M12 19h.01"/>`),
    rotate: icon(svg`<path d="M20 11a8 8 0 0 0-14.500-3.500L4 9M4 4.500V9h4.500M4 13a8 8 0 0 0 14.500 3.500L20 15M20 19.500V15h-4.500"/>`),
    edit: icon(svg`<path d="M4 20h4L19.500 8.500l-4-4L4 16zM13 7l4 4"/>`),
    trash: icon(svg`<path d="M4 6.500h16M9 6.500V4h6v2.500M6.500 6.500 7.500 20h9l1-13.500M10 10.500v6M14 10.500v6"/>`),
    eye: icon(svg`<path d="M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12z"/><circle cx="12" cy="12" r="2.800"/>`),
    out: icon(svg`<path d="M14 4.500H6A1.500 1.500 0 0 0 4.500 6v12A1.500 1.500 0 0 0 6 19.500h8M10 12h10.500m-4-4 4 4-4 4"/>`),
    menu: icon(svg`<path d="M4 7h16M4 12h16M4 17h16"/>`),
    up: icon(svg`<path d="m7 14 5-5 5 5"/>`),
    down: icon(svg`<path d="m7 10 5 5 5-5"/>`),
    left: icon(svg`<path d="m14 7-5 5 5 5"/>`),
    right: icon(svg`<path d="m10 7 5 5-5 5"/>`),
    both: icon(svg`<path d="m8 10 4-4 4 4M8 14l4 4 4-4"/>`),
};
