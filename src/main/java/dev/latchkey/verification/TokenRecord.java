package dev.latchkey.verification;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import dev.latchkey.platform.AddressRange;

/**
 * What the database knows of a token, its owner, their role and their account: all that a decision needs, so that the clock and
 * the address can be judged anew at each use.
 *
 * @param validUntil when this value of the token ends: its expiry, or the end of the grace of a value that was rotated out
 */
public record TokenRecord(UUID id, UUID userId, UUID accountId, Set<String> scopes, Set<String> roleScopes,
        Optional<Instant> expiresAt, Optional<Instant> validUntil, boolean revoked, boolean ownerDisabled,
        List<AddressRange> allowedIps) {

    /** Whether the token may be used, and as what. */
    public Verification decide(Instant now, RequestFacts facts) {
        if (revoked) {
            return Rejection.REVOKED;
        }
        if (validUntil.isPresent() && !now.isBefore(validUntil.get())) {
            return Rejection.EXPIRED;
        }
        if (ownerDisabled) {
            return Rejection.OWNER_DISABLED;
        }
        if (!allowedIps.isEmpty() && allowedIps.stream().noneMatch(range -> range.contains(facts.address()))) {
            return Rejection.IP_NOT_ALLOWED;
        }
        Set<String> effective = new HashSet<>(scopes);
        effective.retainAll(roleScopes);
        return new VerifiedToken(id, userId, accountId, Set.copyOf(effective), validUntil, allowedIps);
    }
}
