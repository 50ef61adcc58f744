/** Puts something that floats under an element, or above it where there is no room, and keeps it on the screen. */
export function place(floating: HTMLElement, beside: Element, end = false) {
    const anchor = beside.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = floating;
    const below = anchor.bottom + 4;
    const top = below + height > innerHeight && anchor.top - height - 4 > 0 ? anchor.top - height - 4 : below;
    const left = Math.min(end ? anchor.right - width : anchor.left, innerWidth - width - 8);
    floating.style.top = `${top}px`;
    floating.style.left = `${Math.max(8, left)}px`;
}
