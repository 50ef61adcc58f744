package dev.latchkey.verification;

import java.time.Instant;

import io.smallrye.mutiny.Uni;

/** Makes a signed statement of what a token was verified as, for an API that trusts the signature. */
public interface IdentityIssuer {

    /**
     * A statement.
     *
     * @param jwt JWS compact serialisation (RFC 7515 section 7.1)
     * @param expiresAt its {@code exp}
     */
    record SignedIdentity(String jwt, Instant expiresAt) {

        /** Never the statement. */
        @Override
        public String toString() {
            return "SignedIdentity[expiresAt=" + expiresAt + "]";
        }
    }

    /**
     * Signs, or has it signed; for at most a minute, and never beyond the token's own end. May complete on any thread.
     *
     * @param audience whom it is for ({@code aud})
     */
    Uni<SignedIdentity> issue(VerifiedToken token, String audience);
}
