/** Light, dark, or as the system has it; kept in this browser. */
export type Theme = 'system' | 'light' | 'dark';

const KEY = 'latchkey.theme';

export function theme(): Theme {
    try {
        const kept = localStorage.getItem(KEY);
        return kept === 'light' || kept === 'dark' ? kept : 'system';
    } catch {
        return 'system';
    }
}

export function setTheme(chosen: Theme) {
    try {
        if (chosen === 'system') {
            localStorage.removeItem(KEY);
        } else {
            localStorage.setItem(KEY, chosen);
        }
    } catch {
        // It holds for this page then.
    }
    apply(chosen);
}

export function apply(chosen = theme()) {
    if (chosen === 'system') {
        delete document.documentElement.dataset['theme'];
    } else {
        document.documentElement.dataset['theme'] = chosen;
    }
    dispatchEvent(new Event('latchkey-theme'));
}
