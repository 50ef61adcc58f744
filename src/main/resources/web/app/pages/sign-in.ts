import { html } from 'lit';
import { PageElement } from '../components/element';
import '../components/sign-in-form';
import { icons } from '../icons';
import { go, safeReturn } from '../router';

export class SignInPage extends PageElement {

    protected override render() {
        this.name('Sign in');
        return html`
            <div class="sign-in">
                <p class="brand">${icons.key}Latchkey</p>
                <h1 tabindex="-1">Sign in</h1>
                <lk-sign-in-form @signed-in=${() => go(safeReturn(this.place.query.get('from')), 'replace')}></lk-sign-in-form>
            </div>`;
    }
}

customElements.define('lk-page-sign-in', SignInPage);
