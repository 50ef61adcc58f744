import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { ApiError } from '../api';
import { icons } from '../icons';
import type { Place } from '../router';

/** An element without a shadow: one style sheet for all, and labels that reach their fields. */
export abstract class Light extends LitElement {

    protected override createRenderRoot(): HTMLElement {
        return this;
    }

    /** Does something that the element shows. */
    protected change(work: () => void) {
        work();
        this.requestUpdate();
    }
}

/** A page of the portal. */
export abstract class PageElement extends Light {

    static override properties = { place: { attribute: false } };

    declare place: Place;

    /** What the window and the history call the page. */
    protected name(text: string) {
        document.title = `${text} · Latchkey`;
    }
}

/** Something that comes from the service, with the states of waiting for it. */
export class Loader<T> {

    value: T | undefined;
    error: ApiError | undefined;
    pending = false;
    private controller: AbortController | undefined;
    private work: ((signal: AbortSignal) => Promise<T>) | undefined;

    constructor(private readonly host: LitElement) {
    }

    /** Loads; what was being loaded before is not waited for any more. What there was stays until the new is there. */
    async load(work: (signal: AbortSignal) => Promise<T>): Promise<void> {
        this.controller?.abort();
        const controller = this.controller = new AbortController();
        this.work = work;
        this.pending = true;
        this.host.requestUpdate();
        try {
            const value = await work(controller.signal);
            if (this.controller === controller) {
                this.value = value;
                this.error = undefined;
            }
        } catch (error) {
            if (this.controller !== controller || controller.signal.aborted) {
                return;
            }
            this.error = asApiError(error);
        } finally {
            if (this.controller === controller) {
                this.pending = false;
                this.host.requestUpdate();
            }
        }
    }

    async again(): Promise<void> {
        if (this.work) {
            await this.load(this.work);
        }
    }

    stop() {
        this.controller?.abort();
    }

    /** What there is, or why not. A 404 of something that an older service lacks can be shown as nothing at all. */
    show(what: string, render: (value: T) => TemplateResult | typeof nothing, absent: TemplateResult | typeof nothing | null = null) {
        if (this.error && absent !== null && (this.error.status === 404 || this.error.status === 405)) {
            return absent;
        }
        if (this.error) {
            return errorState(this.error, () => void this.again());
        }
        if (this.value === undefined) {
            return this.pending ? loadingState(what) : nothing;
        }
        return html`<div aria-busy=${this.pending ? 'true' : 'false'}>${render(this.value)}</div>`;
    }
}

export function asApiError(error: unknown): ApiError {
    if (error instanceof ApiError) {
        return error;
    }
    console.error(error instanceof Error ? error.stack : 'something was thrown that is no error');
    return new ApiError(-1, 'DEFECT', 'The portal has a defect here. Reload the page; if it stays, tell its operator.');
}

export const loadingState = (what: string) => html`
    <div class="state" role="status"><span class="spinner" aria-hidden="true"></span><p>Loading ${what}…</p></div>`;

export const errorState = (error: ApiError, retry?: () => void) => html`
    <div class="state error" role="alert">
        ${error.lost ? icons.offline : icons.error}
        <p class="strong">${error.lost ? 'No connection' : error.status === 403 ? 'Not permitted' : 'That did not work'}</p>
        <p>${sentence(error.message)}</p>
        ${requestId(error)}
        ${retry ? html`<button type="button" class="button" @click=${retry}>Try again</button>` : nothing}
    </div>`;

/** What is against a form, above its fields. */
export const problem = (error: ApiError | undefined) => error ? html`
    <div class="notice danger" role="alert" tabindex="-1">${error.lost ? icons.offline : icons.error}
        <div><p>${sentence(error.message)}</p>${requestId(error)}</div></div>` : nothing;

const requestId = (error: ApiError) => error.requestId ? html`<p class="quiet small">Request <code>${error.requestId}</code></p>` : nothing;

export function sentence(text: string): string {
    const first = text.charAt(0).toUpperCase() + text.slice(1);
    return /[.!?]$/.test(first) ? first : `${first}.`;
}
