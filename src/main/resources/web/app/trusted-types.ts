/*
 * The Content-Security-Policy of the portal lets no text become HTML but through a policy named there. Lit has its own. The charts empty
 * their element by assigning the empty text to innerHTML: this default policy allows that, and nothing else.
 */
interface Policies {
    createPolicy(name: string, rules: { createHTML(text: string): string }): unknown;
}

const { trustedTypes } = globalThis as { trustedTypes?: Policies };
trustedTypes?.createPolicy('default', {
    createHTML(text) {
        if (text !== '') {
            throw new TypeError('text does not become HTML here');
        }
        return text;
    },
});

export {};
