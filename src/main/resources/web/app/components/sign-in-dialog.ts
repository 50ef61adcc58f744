import { html } from 'lit';
import { currentUser } from '../session';
import { Modal } from './dialog';
import './sign-in-form';

/** Signs in over a page whose session has ended, so that nothing that was typed there is lost. */
export class SignInDialog extends Modal<boolean> {

    protected override heading = 'Your session has ended';
    private readonly signedInBefore = currentUser();

    protected override content() {
        return html`
            <p>Sign in to go on. What you have typed is still here.</p>
            <lk-sign-in-form .over=${true} .email=${this.signedInBefore?.email ?? ''} @signed-in=${this.signedIn}
                             .alias=${this.signedInBefore && this.signedInBefore.account.alias !== 'default' ? this.signedInBefore.account.alias : ''}></lk-sign-in-form>
            <p><button type="button" class="button bare" @click=${() => this.close(false)}>Not now</button></p>`;
    }

    private signedIn() {
        if (this.signedInBefore && currentUser()?.id !== this.signedInBefore.id) {
            // Another person: nothing on this page is theirs.
            location.assign('/');
            return;
        }
        this.close(true);
    }
}

customElements.define('lk-sign-in-dialog', SignInDialog);
