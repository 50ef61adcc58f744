/*
 * Addresses and pages. What a page shows is in its address, filters and all, so that a link shows the same to a colleague.
 * The first segments are those that the service answers with the portal (Portal.java).
 */

export type PageName = 'sign-in' | 'set-password' | 'overview' | 'access-tokens' | 'token-new' | 'token' | 'scopes' | 'policy' | 'profile'
    | 'account' | 'users' | 'roles' | 'tags' | 'event-log' | 'webhooks' | 'webhook-deliveries' | 'home' | 'not-found';

export interface Place {
    page: PageName;
    /** Of the token, on its page. */
    id: string;
    query: URLSearchParams;
}

type Listener = (place: Place, navigation: 'new' | 'same') => void;

let listener: Listener = () => {};
/** While it is set, nobody leaves the page without its consent. */
let guard: (() => boolean) | null = null;
let guarded = '';

export function currentPlace(): Place {
    const query = new URLSearchParams(location.search);
    const [first = '', second = '', ...more] = location.pathname.split('/').slice(1).map(decode);
    const page = (name: PageName, id = ''): Place => ({ page: name, id, query });
    if (more.length > 0) {
        return page('not-found');
    }
    if (first === 'access-tokens' && second !== '') {
        return second === 'new' ? page('token-new') : page('token', second);
    }
    if (second !== '') {
        return page('not-found');
    }
    switch (first) {
        case '': return page('home');
        case 'sign-in': case 'set-password': case 'overview': case 'access-tokens': case 'scopes': case 'policy': case 'profile':
        case 'account': case 'users': case 'roles': case 'tags': case 'event-log': case 'webhooks': case 'webhook-deliveries': return page(first);
        default: return page('not-found');
    }
}

function decode(segment: string): string {
    try {
        return decodeURIComponent(segment);
    } catch {
        return segment;
    }
}

export function start(onChange: Listener) {
    listener = onChange;
    addEventListener('popstate', () => {
        if (guard && !guard()) {
            history.pushState(null, '', guarded);
            return;
        }
        listener(currentPlace(), 'new');
    });
    document.addEventListener('click', event => {
        const link = (event.target as Element | null)?.closest?.('a');
        if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey
            || link.target || link.hasAttribute('download') || link.origin !== location.origin || link.pathname.startsWith('/q/')) {
            return;
        }
        if (link.hash && link.pathname === location.pathname) {
            return;
        }
        event.preventDefault();
        go(link.pathname + link.search);
    });
    listener(currentPlace(), 'new');
}

/** Goes to another page. */
export function go(address: string, how: 'push' | 'replace' = 'push') {
    if (guard && !guard()) {
        return;
    }
    if (how === 'replace') {
        history.replaceState(null, '', address);
    } else {
        history.pushState(null, '', address);
    }
    listener(currentPlace(), 'new');
}

/** Changes what the page shows: parameters that are empty go. */
export function refine(changes: Record<string, string | undefined>, how: 'push' | 'replace' = 'push') {
    const query = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(changes)) {
        if (value) {
            query.set(name, value);
        } else {
            query.delete(name);
        }
    }
    const text = query.toString().replaceAll('%3A', ':').replaceAll('%2C', ',');
    const address = location.pathname + (text ? `?${text}` : '');
    if (how === 'replace') {
        history.replaceState(null, '', address);
    } else {
        history.pushState(null, '', address);
    }
    listener(currentPlace(), 'same');
}

/** Asks before anybody leaves; null: no more. */
export function guardLeaving(consent: (() => boolean) | null) {
    guard = consent;
    guarded = location.pathname + location.search;
    if (consent) {
        // The back button then leads to this very page, where we hear of it, instead of out of the portal.
        history.pushState(null, '', guarded);
    }
}

/** A path of the portal, or nothing: where to go after sign-in must not lead elsewhere. */
export function safeReturn(address: string | null): string {
    if (address && /^\/(?![/\\])/.test(address)) {
        const url = new URL(address, location.origin);
        if (url.origin === location.origin && url.pathname !== '/sign-in') {
            return url.pathname + url.search;
        }
    }
    return '/';
}
