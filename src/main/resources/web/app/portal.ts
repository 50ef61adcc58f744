import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { ApiError, whenSessionEnds } from './api';
import { asApiError, errorState, Light } from './components/element';
import { SignInDialog } from './components/sign-in-dialog';
import { icons } from './icons';
import { go, start, type PageName, type Place } from './router';
import { can, currentUser, hasPolicy, resume, signOut } from './session';
import { setTheme, theme, type Theme } from './theme';
import { toast } from './components/toast';

interface Entry {
    page: PageName;
    path: string;
    label: string;
    icon: TemplateResult;
    scope?: string;
    /** Whether there is anything to see. */
    present?: () => boolean;
}

/** The navigation, in groups. An entry appears for those who may use it. */
const NAVIGATION: { label: string; entries: Entry[] }[] = [
    {
        label: 'Account', entries: [
            { page: 'overview', path: '/overview', label: 'Overview', icon: icons.chart, scope: 'analytics:read' },
            { page: 'account', path: '/account', label: 'Account', icon: icons.company, scope: 'account:read' },
            { page: 'users', path: '/users', label: 'Users', icon: icons.people, scope: 'user:read' },
            { page: 'roles', path: '/roles', label: 'Roles', icon: icons.badge, scope: 'role:read' },
            { page: 'tags', path: '/tags', label: 'Tags', icon: icons.tag, scope: 'tag:read' },
            { page: 'event-log', path: '/event-log', label: 'Event log', icon: icons.log, scope: 'eventLog:read' },
        ],
    },
    {
        label: 'Developer', entries: [
            { page: 'access-tokens', path: '/access-tokens', label: 'Access Tokens', icon: icons.key, scope: 'personalAccessToken:write' },
            { page: 'scopes', path: '/scopes', label: 'Scopes', icon: icons.shield },
            { page: 'policy', path: '/policy', label: 'Policy tester', icon: icons.route, scope: 'account:read', present: hasPolicy },
            { page: 'webhooks', path: '/webhooks', label: 'Webhooks', icon: icons.hook, scope: 'webhook:read' },
        ],
    },
    { label: 'You', entries: [{ page: 'profile', path: '/profile', label: 'Profile', icon: icons.person }] },
];

const NEEDS: Partial<Record<PageName, string>> = {
    overview: 'analytics:read', 'access-tokens': 'personalAccessToken:write', 'token-new': 'personalAccessToken:write',
    token: 'personalAccessToken:write', policy: 'account:read', account: 'account:read', users: 'user:read', roles: 'role:read', tags: 'tag:read',
    'event-log': 'eventLog:read', webhooks: 'webhook:read', 'webhook-deliveries': 'webhook:read',
};

/** The frame around every page: navigation, who is signed in, and the page of the address. */
export class Portal extends Light {

    private place: Place | null = null;
    private started = false;
    private failure: ApiError | undefined;
    private navigationOpen = false;
    private reauthentication: Promise<boolean> | null = null;

    override connectedCallback() {
        this.replaceChildren();
        super.connectedCallback();
        void this.begin();
    }

    private async begin() {
        try {
            this.failure = undefined;
            await resume();
        } catch (error) {
            this.change(() => this.failure = asApiError(error));
            return;
        }
        this.started = true;
        whenSessionEnds(() => this.signInAgain());
        start((place, navigation) => this.show(place, navigation));
    }

    private show(place: Place, navigation: 'new' | 'same') {
        const signedIn = currentUser() !== null;
        if (!signedIn && place.page !== 'sign-in' && place.page !== 'set-password') {
            const from = location.pathname + location.search;
            go(from === '/' ? '/sign-in' : `/sign-in?from=${encodeURIComponent(from)}`, 'replace');
            return;
        }
        if (place.page === 'home' || signedIn && place.page === 'sign-in') {
            go(can('personalAccessToken:write') ? '/access-tokens' : can('analytics:read') ? '/overview' : '/scopes', 'replace');
            return;
        }
        const another = this.place?.page !== place.page || this.place.id !== place.id;
        this.change(() => {
            this.place = place;
            this.navigationOpen = false;
        });
        if (navigation === 'new' && another) {
            void this.announce();
        }
    }

    /** The focus goes to the heading of a new page, so that keyboard and screen reader begin there. */
    private async announce() {
        await this.updateComplete;
        scrollTo(0, 0);
        requestAnimationFrame(() => {
            if (!document.querySelector('dialog[open]')) {
                this.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
            }
        });
    }

    /** Several requests may find out at once: one dialog for all. */
    private signInAgain(): Promise<boolean> {
        if (!currentUser()) {
            go(`/sign-in?from=${encodeURIComponent(location.pathname + location.search)}`, 'replace');
            return Promise.resolve(false);
        }
        this.reauthentication ??= new SignInDialog().ask().then(done => {
            this.reauthentication = null;
            return done ?? false;
        });
        return this.reauthentication;
    }

    protected override render() {
        if (this.failure) {
            return html`<main class="alone">${errorState(this.failure, () => void this.begin())}</main>`;
        }
        if (!this.started || !this.place) {
            return html`<p class="boot" role="status">Latchkey</p>`;
        }
        if (this.place.page === 'sign-in') {
            return html`<main class="alone"><lk-page-sign-in .place=${this.place}></lk-page-sign-in></main>`;
        }
        if (this.place.page === 'set-password') {
            return html`<main class="alone"><lk-page-set-password .place=${this.place}></lk-page-set-password></main>`;
        }
        return html`
            <a class="skip" href="#main" @click=${this.skip}>Skip to content</a>
            <header class="top">
                <button type="button" class="button bare icon-only narrow-only" aria-label="Navigation" aria-expanded=${this.navigationOpen}
                        aria-controls="navigation" @click=${() => this.change(() => this.navigationOpen = !this.navigationOpen)}>${icons.menu}</button>
                <a class="brand" href="/">${icons.key}Latchkey</a>
                <span class="account quiet">${currentUser()?.account.company ?? currentUser()?.account.alias}</span>
            </header>
            <nav id="navigation" class="side ${this.navigationOpen ? 'open' : ''}" aria-label="Main"
                 @keydown=${(event: KeyboardEvent) => event.key === 'Escape' && this.change(() => this.navigationOpen = false)}>
                ${NAVIGATION.map(group => this.group(group.label, group.entries.filter(entry => (!entry.scope || can(entry.scope)) && (entry.present?.() ?? true))))}
                <div class="foot">
                    <label class="small quiet" for="theme">Theme</label>
                    <select id="theme" @change=${(event: Event) => setTheme((event.target as HTMLSelectElement).value as Theme)}>
                        ${(['system', 'light', 'dark'] as const).map(each => html`
                            <option value=${each} .selected=${live(theme() === each)}>${{ system: 'System', light: 'Light', dark: 'Dark' }[each]}</option>`)}
                    </select>
                    <p class="small quiet who" title=${currentUser()?.email ?? ''}>${currentUser()?.email}</p>
                    <button type="button" class="button bare" @click=${this.leave}>${icons.out}Sign out</button>
                </div>
            </nav>
            <main id="main" tabindex="-1">${this.page(this.place)}</main>`;
    }

    private group(label: string, entries: Entry[]) {
        const page = this.place?.page;
        return entries.length === 0 ? nothing : html`
            <h2 id="nav-${label}">${label}</h2>
            <ul aria-labelledby="nav-${label}">
                ${entries.map(entry => html`
                    <li><a href=${entry.path} aria-current=${page === entry.page ? 'page'
                        : entry.page === 'access-tokens' && (page === 'token' || page === 'token-new')
                            || entry.page === 'webhooks' && page === 'webhook-deliveries' ? 'true' : nothing}>${entry.icon}${entry.label}</a></li>`)}
            </ul>`;
    }

    private page(place: Place) {
        const needed = NEEDS[place.page];
        if (needed && !can(needed)) {
            document.title = 'Not permitted · Latchkey';
            return html`<h1 tabindex="-1">Not permitted</h1>
                <p class="measure">Your role, ${currentUser()?.role}, does not have <code>${needed}</code>, which this page needs. An administrator can give it to you.</p>`;
        }
        switch (place.page) {
            case 'access-tokens': return html`<lk-page-tokens .place=${place}></lk-page-tokens>`;
            case 'token': return html`<lk-page-token .place=${place}></lk-page-token>`;
            case 'token-new': return html`<lk-page-token-new .place=${place}></lk-page-token-new>`;
            case 'overview': return html`<lk-page-overview .place=${place}></lk-page-overview>`;
            case 'scopes': return html`<lk-page-scopes .place=${place}></lk-page-scopes>`;
            case 'policy': return html`<lk-page-policy .place=${place}></lk-page-policy>`;
            case 'account': return html`<lk-page-account .place=${place}></lk-page-account>`;
            case 'users': return html`<lk-page-users .place=${place}></lk-page-users>`;
            case 'roles': return html`<lk-page-roles .place=${place}></lk-page-roles>`;
            case 'tags': return html`<lk-page-tags .place=${place}></lk-page-tags>`;
            case 'event-log': return html`<lk-page-event-log .place=${place}></lk-page-event-log>`;
            case 'webhooks': return html`<lk-page-webhooks .place=${place}></lk-page-webhooks>`;
            case 'webhook-deliveries': return html`<lk-page-webhook-deliveries .place=${place}></lk-page-webhook-deliveries>`;
            case 'profile': return html`<lk-page-profile .place=${place}></lk-page-profile>`;
            default:
                document.title = 'Not found · Latchkey';
                return html`<h1 tabindex="-1">Not found</h1><p>There is no page at this address. <a href="/">Go to the start</a></p>`;
        }
    }

    private skip(event: Event) {
        event.preventDefault();
        this.querySelector<HTMLElement>('main')?.focus();
    }

    private async leave() {
        try {
            await signOut();
            go('/sign-in');
        } catch (error) {
            toast(`You are still signed in: ${asApiError(error).message}`);
        }
    }
}
