import { html, nothing } from 'lit';
import { get, request, type Session } from '../api';
import { badge, time } from '../components/bits';
import { Modal } from '../components/dialog';
import { asApiError, Loader, PageElement, problem } from '../components/element';
import { toast } from '../components/toast';
import type { ApiError } from '../api';
import { icons } from '../icons';
import { go } from '../router';
import { signOutEverywhere, user } from '../session';

/** Who one is, and where one is signed in. */
export class ProfilePage extends PageElement {

    private readonly sessions = new Loader<Session[]>(this);

    override connectedCallback() {
        super.connectedCallback();
        this.name('Profile');
        void this.sessions.load(signal => get('/v3/me/sessions', { signal }));
    }

    protected override render() {
        const me = user();
        const fact = (label: string, content: unknown) => html`<div><dt>${label}</dt><dd>${content}</dd></div>`;
        const name = [me.firstName, me.lastName].filter(part => part).join(' ');
        return html`
            <div class="page-head"><h1 tabindex="-1">Profile</h1></div>
            <div class="stack sections">
                <section class="card" aria-labelledby="you"><h2 id="you">You</h2>
                    <dl class="facts">
                        ${name ? fact('Name', html`<bdi>${name}</bdi>`) : nothing}
                        ${fact('E-mail', me.email)}
                        ${fact('Role', me.role)}
                        ${fact('Account', html`${me.account.company ?? me.account.alias} <code class="quiet">${me.account.alias}</code>`)}
                        ${fact('Your scopes', html`<span class="chips">${me.scopes.map(scope => html`<span class="chip">${scope}</span>`)}</span>`)}
                    </dl></section>
                <section class="card" aria-labelledby="sessions">
                    <div class="row between"><h2 id="sessions">Where you are signed in</h2>
                        <button type="button" class="button outline-danger" @click=${this.everywhere}>${icons.out}Sign out everywhere</button></div>
                    ${this.sessions.show('your sessions', sessions => this.table(sessions), html`<p class="quiet">This service does not tell.</p>`)}</section>
            </div>`;
    }

    private table(sessions: Session[]) {
        return html`
            <div class="scroll" tabindex="0" role="group" aria-label="Your sessions"><table>
                <thead><tr><th scope="col">Browser</th><th scope="col">Address</th><th scope="col">Signed in</th><th scope="col">Last used</th><th scope="col">Ends</th>
                    <th scope="col"><span class="visually-hidden">Actions</span></th></tr></thead>
                <tbody>${sessions.map(session => html`
                    <tr><th scope="row" title=${session.userAgent ?? ''}>${browser(session.userAgent)} ${session.current ? badge('This one', 'success', icons.check) : nothing}</th>
                        <td>${session.address ?? ''}</td><td>${time(session.createdAt)}</td><td>${time(session.lastUsedAt, 'Not yet')}</td><td>${time(session.expiresAt)}</td>
                        <td>${session.current ? nothing : html`<button type="button" class="button" aria-label="Sign out ${browser(session.userAgent)} from ${session.address ?? 'an unknown address'}"
                            @click=${() => this.end(session)}>Sign out</button>`}</td></tr>`)}</tbody>
            </table></div>`;
    }

    private async end(session: Session) {
        try {
            await request(`/v3/me/sessions/${session.id}`, { method: 'DELETE' });
            toast('Signed out there');
            await this.sessions.again();
            this.querySelector<HTMLElement>('h1')?.focus();
        } catch (error) {
            toast(asApiError(error).message);
        }
    }

    private async everywhere() {
        if (await new SignOutEverywhereDialog().ask()) {
            go('/sign-in');
        }
    }
}

class SignOutEverywhereDialog extends Modal<boolean> {

    protected override heading = 'Sign out everywhere';
    private error: ApiError | undefined;

    protected override content() {
        return html`
            <form class="stack" @submit=${this.submit}>
                ${problem(this.error)}
                <p>All your sessions end at once, this one included. Your tokens keep working: revoke those that you no longer trust.</p>
                <footer><button type="button" class="button" @click=${() => this.leave()}>Cancel</button><button class="button danger">Sign out everywhere</button></footer>
            </form>`;
    }

    private async submit(event: Event) {
        event.preventDefault();
        try {
            await signOutEverywhere();
            this.close(true);
        } catch (error) {
            this.change(() => this.error = asApiError(error));
        }
    }
}

/** As much of a user agent as a person wants to know. */
function browser(agent: string | null): string {
    if (!agent) {
        return 'Unknown';
    }
    const name = /Edg\//.test(agent) ? 'Edge' : /Firefox\//.test(agent) ? 'Firefox' : /Chrome\//.test(agent) ? 'Chrome' : /Safari\//.test(agent) ? 'Safari' : agent.split(/[/ ]/)[0]!;
    const system = /Android/.test(agent) ? 'Android' : /iPhone|iPad/.test(agent) ? 'iOS' : /Windows/.test(agent) ? 'Windows' : /Mac OS/.test(agent) ? 'macOS' : /Linux/.test(agent) ? 'Linux' : '';
    return system ? `${name} on ${system}` : name;
}

customElements.define('lk-page-profile', ProfilePage);
customElements.define('lk-sign-out-everywhere-dialog', SignOutEverywhereDialog);
