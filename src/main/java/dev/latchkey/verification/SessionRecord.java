package dev.latchkey.verification;

import java.time.Instant;
import java.util.Set;
import java.util.UUID;

/**
 * What the database knows of a session, its user, their role and their account.
 *
 * @param roleScopes what the role holds now
 * @param expiresAt its absolute end
 */
public record SessionRecord(UUID id, UUID userId, UUID roleId, UUID accountId, Set<String> roleScopes, Instant expiresAt,
        boolean ended, boolean userDisabled) implements CredentialRecord {

    /** Whether the session may be used, and as what. */
    public Verification decide(Instant now) {
        if (ended) {
            return Rejection.REVOKED;
        }
        if (!now.isBefore(expiresAt)) {
            return Rejection.EXPIRED;
        }
        if (userDisabled) {
            return Rejection.OWNER_DISABLED;
        }
        return new VerifiedSession(id, userId, accountId, roleScopes);
    }
}
