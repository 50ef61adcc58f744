package dev.latchkey.security;

import java.security.Principal;
import java.util.Set;
import java.util.UUID;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Caller;
import dev.latchkey.platform.Credentials;
import dev.latchkey.verification.Rejection;
import dev.latchkey.verification.Verification;
import dev.latchkey.verification.VerifiedSession;
import dev.latchkey.verification.VerifiedToken;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;

/** Turns what the verifier answers into the framework's identity. */
final class Identities {

    /** The {@link Caller}. */
    static final String CALLER = "latchkey.caller";
    static final String TOKEN_ID = "tokenId";
    static final String USER_ID = "userId";
    static final String ACCOUNT_ID = "accountId";

    private Identities() {
    }

    /**
     * @throws RejectedCredential if the credential is refused
     * @throws ApiException 503 if it could not be checked, 429 if too many unknown ones were presented
     */
    static SecurityIdentity of(Verification verification) {
        if (verification instanceof VerifiedToken token) {
            Caller caller = new Caller(token.accountId(), token.userId(), token.scopes(),
                    new Caller.Token(token.id(), token.presented().bytes(), token.validUntil(), token.allowedIps()));
            return identity(caller, Credentials.TOKEN).addAttribute(TOKEN_ID, token.id()).build();
        }
        if (verification instanceof VerifiedSession session) {
            Caller caller = new Caller(session.accountId(), session.userId(), session.scopes(),
                    new Caller.Session(session.id()));
            return identity(caller, Credentials.SESSION).build();
        }
        if (verification == Rejection.RATE_LIMITED) {
            throw ApiException
                    .tooManyRequests("too many tokens that do not exist came from this address: try again in a second", 1);
        }
        if (verification == Rejection.UNAVAILABLE) {
            throw ApiException.unavailable("the credential cannot be checked at the moment: try again");
        }
        throw new RejectedCredential((Rejection) verification);
    }

    private static QuarkusSecurityIdentity.Builder identity(Caller caller, String kind) {
        return QuarkusSecurityIdentity.builder()
                .setPrincipal(new UserPrincipal(caller.userId()))
                .addRoles(Set.copyOf(caller.scopes()))
                .addRole(kind)
                .addAttribute(CALLER, caller)
                .addAttribute(USER_ID, caller.userId())
                .addAttribute(ACCOUNT_ID, caller.accountId());
    }

    private record UserPrincipal(UUID id) implements Principal {
        @Override
        public String getName() {
            return id.toString();
        }
    }
}
