package dev.latchkey.security;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Caller;
import dev.latchkey.platform.Credentials;
import dev.latchkey.verification.RateLimited;
import dev.latchkey.verification.Rejection;
import dev.latchkey.verification.Verification;
import dev.latchkey.verification.VerifiedSession;
import dev.latchkey.verification.VerifiedToken;
import io.quarkus.security.identity.SecurityIdentity;

/** Turns what the verifier answers into the framework's identity. */
final class Identities {

    private Identities() {
    }

    /**
     * @throws RejectedCredential if the credential is refused
     * @throws ApiException 503 if it could not be checked, 429 if it was used too often, or too many unknown ones were
     *         presented
     */
    static SecurityIdentity of(Verification verification) {
        if (verification instanceof VerifiedToken token) {
            return new CallerIdentity(new Caller(token.accountId(), token.userId(), token.scopes(),
                    new Caller.Token(token.id(), token.presented().bytes(), token.validUntil())),
                    Credentials.TOKEN);
        }
        if (verification instanceof VerifiedSession session) {
            return new CallerIdentity(new Caller(session.accountId(), session.userId(), session.scopes(),
                    new Caller.Session(session.id())), Credentials.SESSION);
        }
        if (verification == Rejection.RATE_LIMITED) {
            throw ApiException.tooManyRequests(Rejection.RATE_LIMITED.remedy(), 1);
        }
        if (verification == Rejection.UNAVAILABLE) {
            throw ApiException.unavailable(Rejection.UNAVAILABLE.remedy());
        }
        if (verification instanceof RateLimited limited) {
            throw ApiException.tooManyRequests(limited.rate().remedy(), limited.rate().seconds());
        }
        throw new RejectedCredential((Rejection) verification);
    }
}
