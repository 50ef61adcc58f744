import { ApiError, get, request, type Me } from './api';

/** Who is signed in; null: nobody, as far as we know. */
let me: Me | null = null;

export const currentUser = () => me;

export function user(): Me {
    if (!me) {
        throw new Error('nobody is signed in');
    }
    return me;
}

/** Whether the person may use something; the API decides all the same. */
export const can = (scope: string) => me?.scopes.includes(scope) ?? false;

/** Whether the service has a route policy, which the portal can try. */
let policy = false;

export const hasPolicy = () => policy;

async function know(found: Me): Promise<Me> {
    me = found;
    policy = can('account:read') && await get<{ configured: boolean }>('/v3/policy').then(answer => answer.configured, () => false);
    return me;
}

/** Looks for a session, silently. */
export async function resume(): Promise<Me | null> {
    try {
        await know(await get<Me>('/v3/me'));
    } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 401) {
            throw error;
        }
        me = null;
    }
    return me;
}

export async function signIn(email: string, password: string, accountAlias: string, twoFactorCode: string): Promise<Me> {
    await request('/v3/accounts/login', {
        method: 'POST', anonymous: true, body: { email, password, ...(accountAlias ? { accountAlias } : {}), ...(twoFactorCode ? { twoFactorCode } : {}) },
    });
    return know(await get<Me>('/v3/me', { anonymous: true }));
}

export async function signOut() {
    try {
        await request('/v3/accounts/logout', { method: 'POST', body: {}, anonymous: true });
    } catch (error) {
        // With a session that has ended already, there is nothing left to end.
        if (!(error instanceof ApiError) || error.status !== 401) {
            throw error;
        }
    }
    me = null;
}

export async function signOutEverywhere() {
    await request('/v3/me/sessions', { method: 'DELETE' });
    me = null;
}
