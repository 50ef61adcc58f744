package dev.latchkey.security;

import dev.latchkey.token.TokenDigest;
import dev.latchkey.verification.RequestFacts;
import io.quarkus.security.identity.request.BaseAuthenticationRequest;

/** Asks for the identity behind a personal access token. Carries its digest: the token itself stays in the mechanism. */
final class PersonalAccessTokenRequest extends BaseAuthenticationRequest {

    private final TokenDigest digest;
    private final RequestFacts facts;

    PersonalAccessTokenRequest(TokenDigest digest, RequestFacts facts) {
        this.digest = digest;
        this.facts = facts;
    }

    TokenDigest digest() {
        return digest;
    }

    RequestFacts facts() {
        return facts;
    }
}
