package dev.latchkey.verification;

import java.util.Set;
import java.util.UUID;

/**
 * A person's session that may be used now.
 *
 * @param scopes those of the person's role
 */
public record VerifiedSession(UUID id, UUID userId, UUID accountId, Set<String> scopes) implements Verification {
}
