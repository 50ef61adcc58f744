/*
 * The portal's only way to the service: the public API under /v3, with the session in HttpOnly cookies. A session that has run out is
 * refreshed silently; when that fails, the person signs in over the page, and the request goes on as if nothing had happened.
 */

export interface FieldError {
    field: string;
    message: string;
}

export interface Account {
    id: string;
    alias: string;
    company: string | null;
    tokenPolicy?: { maxLifetimeSeconds: number | null; expiryRequired: boolean };
}

export interface Me {
    id: string;
    email: string;
    firstName: string | null;
    lastName: string | null;
    account: Account;
    role: string;
    scopes: string[];
}

export type TokenStatus = 'active' | 'expired' | 'revoked';

export interface Token {
    id: string;
    name: string;
    description: string | null;
    hint: string;
    scopes: string[];
    effectiveScopes?: string[];
    expiresAt: string | null;
    revoked: boolean;
    revokedAt: string | null;
    status: TokenStatus;
    allowedIps: string[] | null;
    tags: string[];
    userId: string;
    ownerEmail?: string;
    parentId: string | null;
    lastUsedAt: string | null;
    lastUsedIp: string | null;
    graceUntil?: string | null;
    createdAt: string;
    updatedAt: string;
}

/** The only kind of answer that carries the token itself. */
export interface IssuedToken extends Token {
    token: string;
}

export interface Scope {
    name: string;
    action: string;
    description: string;
}

export interface ScopeGroup {
    resource: string;
    scopes: Scope[];
}

export interface UsagePoint {
    time: string;
    outcome: string;
    requests: number;
}

export interface Usage {
    from: string;
    to: string;
    interval: 'hour' | 'day';
    points: UsagePoint[];
    addresses?: { address: string; lastUsedAt: string }[];
}

export interface EventLog {
    id: string;
    action: string;
    resource: string;
    resourceId: string;
    changes: { field: string; old: unknown; new: unknown }[] | null;
    userId: string | null;
    credential: { type: string; id: string } | null;
    ipAddress: string | null;
    userAgent: string | null;
    requestId: string | null;
    createdAt: string;
}

export interface Session {
    id: string;
    createdAt: string;
    lastUsedAt: string | null;
    expiresAt: string;
    address: string | null;
    userAgent: string | null;
    current: boolean;
}

export interface User {
    id: string;
    email: string;
    firstName: string | null;
    lastName: string | null;
    company: string | null;
    role: string;
    disabled: boolean;
    /** Has no password yet. */
    invited: boolean;
    twoFactorEnabled: boolean;
    tags: string[];
    metadata: { key: string; value: string }[];
    lastSeenAt: string | null;
    createdAt: string;
}

export interface Role {
    id: string;
    name: string;
    description: string | null;
    claims: string[];
    /** Built in: nobody changes it. */
    reserved: boolean;
    createdAt: string;
}

export interface Tag {
    id: string;
    name: string;
    description: string | null;
    createdAt: string;
}

export interface Webhook {
    id: string;
    name: string;
    url: string;
    events: string[];
    active: boolean;
    createdAt: string;
    updatedAt: string;
}

export interface WebhookEvent {
    name: string;
    resource: string;
    description: string;
}

/** One event for one webhook; payload and answer only in the answer for one. */
export interface Delivery {
    id: string;
    webhookId: string;
    event: string;
    resourceId: string;
    status: 'pending' | 'delivered' | 'dead-letter';
    attempts: number;
    triggeredAt: string;
    lastAttemptAt: string | null;
    nextAttemptAt: string | null;
    responseStatus: number | null;
    error: string | null;
    durationMs: number | null;
    payload?: unknown;
    responseBody?: string | null;
}

export interface TokenPolicy {
    maxLifetimeSeconds: number | null;
    expiryRequired: boolean;
    allowedIps: string[] | null;
    deniedScopes: string[];
    maxIdleDays: number | null;
    tokensPerUser: number;
    rateLimit: { requests: number; window: number } | null;
    rateLimitIsMaximum: boolean;
}

export interface AccountDetails {
    id: string;
    alias: string;
    company: string | null;
    email: string;
    website: string | null;
    tokenPolicy: TokenPolicy;
}

/** Tokens that a policy would break. */
export interface PolicyPreview {
    count: number;
    tokens: { id: string; name: string; ownerEmail: string; expiresAt: string | null; fields: string[] }[];
}

export interface PolicyResult {
    canonicalPath: string;
    outcome: 'PUBLIC' | 'ANY_TOKEN' | 'SCOPES' | 'DENIED';
    rule?: { name: string; line: number; methods: string[]; path: string; require: string[]; anyOf: string[] };
}

export interface TopToken {
    id: string;
    name: string;
    hint: string;
    ownerEmail: string;
    requests: number;
    refused: number;
}

/** A page of a list, with what its headers say. */
export interface Page<T> {
    items: T[];
    /** Exact; null beyond 10,000. */
    count: number | null;
    /** The cursor of the page after this one. */
    next: string | null;
    previous: string | null;
}

/** What the API, or the way to it, has against a request. */
export class ApiError extends Error {
    constructor(readonly status: number, readonly code: string, message: string, readonly errors: FieldError[] = [],
        readonly requestId: string | null = null, readonly retryAfter: number | null = null) {
        super(message);
    }

    /** Whether the request may have reached the service without us hearing of it. */
    get lost() {
        return this.status === 0;
    }

    of(field: string): string | undefined {
        return this.errors.find(error => error.field === field || error.field.startsWith(`${field}[`)
            || error.field.startsWith(`${field}.`))?.message;
    }
}

export interface Answer<T> {
    status: number;
    headers: Headers;
    body: T;
}

export interface Options {
    method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
    body?: unknown;
    headers?: Record<string, string>;
    signal?: AbortSignal;
    /** Sign-in and the look for a session take a 401 as it is. */
    anonymous?: boolean;
}

const TIME_OUT_MS = 20_000;
const REFRESHED_AT = 'latchkey.refreshed-at';

/** Asks the person to sign in again over the page; set by the shell. Answers whether they did. */
let signInAgain: () => Promise<boolean> = async () => false;

export function whenSessionEnds(ask: () => Promise<boolean>) {
    signInAgain = ask;
}

export async function request<T>(path: string, options: Options = {}): Promise<Answer<T>> {
    const sentAt = Date.now();
    const answer = await send<T>(path, options);
    if (!(answer instanceof ApiError)) {
        return answer;
    }
    if (answer.status !== 401 || options.anonymous) {
        throw answer;
    }
    if (!await refresh(sentAt) && !await signInAgain()) {
        throw new ApiError(401, 'SIGNED_OUT', 'Your session has ended: sign in to go on.', [], answer.requestId);
    }
    options.signal?.throwIfAborted();
    const second = await send<T>(path, options);
    if (second instanceof ApiError) {
        throw second;
    }
    return second;
}

export const get = async <T>(path: string, options: Options = {}) => (await request<T>(path, options)).body;

/** One page of a list. Empty parameters are left out. */
export async function list<T>(path: string, parameters: Record<string, string | number | undefined>, signal?: AbortSignal): Promise<Page<T>> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) {
        if (value !== undefined && value !== '') {
            query.set(name, String(value));
        }
    }
    const answer = await request<T[]>(`${path}?${query}`, { signal });
    const count = answer.headers.get('Pagination-Count');
    return {
        items: answer.body,
        count: count === null ? null : Number(count),
        next: cursor(answer.headers, 'next'),
        previous: cursor(answer.headers, 'prev'),
    };
}

function cursor(headers: Headers, relation: string): string | null {
    for (const link of (headers.get('Link') ?? '').split(/,\s*(?=<)/)) {
        const [, target, rel] = /^<([^>]*)>;\s*rel="([^"]*)"/.exec(link) ?? [];
        if (target && rel === relation) {
            return new URL(target, location.origin).searchParams.get('cursor');
        }
    }
    return null;
}

async function send<T>(path: string, options: Options): Promise<Answer<T> | ApiError> {
    const timeOut = AbortSignal.timeout(TIME_OUT_MS);
    const headers: Record<string, string> = { Accept: 'application/json', ...options.headers };
    if (options.body !== undefined) {
        headers['Content-Type'] = 'application/json';
    }
    let response: Response;
    let text: string;
    try {
        response = await fetch(path, {
            method: options.method ?? 'GET',
            headers,
            body: options.body === undefined ? null : JSON.stringify(options.body),
            credentials: 'same-origin',
            cache: 'no-store',
            redirect: 'error',
            signal: options.signal ? AbortSignal.any([options.signal, timeOut]) : timeOut,
        });
        text = await response.text();
    } catch (error) {
        if (options.signal?.aborted) {
            throw error;
        }
        return timeOut.aborted
            ? new ApiError(0, 'TIME_OUT', 'The service did not answer in time. Try again.')
            : new ApiError(0, 'OFFLINE', 'The service cannot be reached. Check your connection and try again.');
    }
    const requestId = response.headers.get('X-Request-Id');
    const retryAfter = Number(response.headers.get('Retry-After')) || null;
    let body: unknown = null;
    try {
        body = text === '' ? null : JSON.parse(text);
    } catch {
        return new ApiError(response.ok ? 502 : response.status, 'NOT_JSON', 'Something between you and the service answered in its place.', [], requestId);
    }
    if (response.ok) {
        return { status: response.status, headers: response.headers, body: body as T };
    }
    const error = body as { message?: string; code?: string; errors?: FieldError[] } | null;
    return new ApiError(response.status, error?.code ?? `HTTP_${response.status}`,
        error?.message ?? `The service answered ${response.status}.`, error?.errors ?? [], requestId, retryAfter);
}

/**
 * Exchanges the refresh cookie. Tabs take turns, and whoever waited uses what the one before has got: the cookies are shared.
 *
 * @returns whether there is a session again
 */
async function refresh(sentAt: number): Promise<boolean> {
    const exchange = async () => {
        if (refreshedAt() > sentAt) {
            return true;
        }
        for (let attempt = 0; attempt < 3; attempt++) {
            const answer = await send('/v3/accounts/refresh', { method: 'POST', body: {} });
            if (!(answer instanceof ApiError)) {
                rememberRefresh();
                return true;
            }
            if (answer.lost || answer.status >= 500 || answer.status === 429) {
                throw answer;
            }
            if (answer.status !== 409) {
                return false;
            }
            // A tab that knows nothing of our lock was faster: its cookies arrive in a moment.
            await new Promise(resolve => setTimeout(resolve, 300));
        }
        return true;
    };
    // Browsers have locks only on https and localhost; without, the service's 409 does.
    return navigator.locks ? navigator.locks.request('latchkey-refresh', exchange) : exchange();
}

function refreshedAt(): number {
    try {
        return Number(localStorage.getItem(REFRESHED_AT));
    } catch {
        return 0;
    }
}

function rememberRefresh() {
    try {
        localStorage.setItem(REFRESHED_AT, String(Date.now()));
    } catch {
        // A browser without storage refreshes once more than it needs to.
    }
}

/** A key that makes a repeated request harmless. */
export function idempotencyKey(): string {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');
}
