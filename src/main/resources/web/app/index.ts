import './trusted-types';
import './tokens.css';
import './base.css';
import './theme';
import './pages/overview';
import './pages/policy';
import './pages/profile';
import './pages/scopes';
import './pages/set-password';
import './pages/sign-in';
import './pages/token';
import './pages/token-new';
import './pages/tokens';
import { Portal } from './portal';
import { apply } from './theme';

apply();
customElements.define('lk-portal', Portal);
