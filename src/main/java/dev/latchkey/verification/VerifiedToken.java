package dev.latchkey.verification;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import dev.latchkey.platform.AddressRange;
import dev.latchkey.platform.RateStatus;
import dev.latchkey.token.TokenDigest;

/**
 * A token that may be used now.
 *
 * @param presented the digest of the value that was presented
 * @param scopes the effective ones: the token's that the owner's role still has; in the order of their names
 * @param validUntil when the value that was presented ends: its expiry, or the end of its grace after a rotation, so that an
 *        old value cannot hand out what outlives it; empty: never
 * @param allowedIps empty: any address
 * @param rate what is left of its rate limit after this use; empty: it has none, or this is no use
 */
public record VerifiedToken(TokenDigest presented, UUID id, UUID userId, UUID accountId, Set<String> scopes,
        Optional<Instant> validUntil, List<AddressRange> allowedIps,
        Optional<RateStatus> rate) implements Verification {

    /** One of which nothing was counted. */
    public VerifiedToken(TokenDigest presented, UUID id, UUID userId, UUID accountId, Set<String> scopes,
            Optional<Instant> validUntil, List<AddressRange> allowedIps) {
        this(presented, id, userId, accountId, scopes, validUntil, allowedIps, Optional.empty());
    }

    /** The same after a use was counted. */
    VerifiedToken with(RateStatus status) {
        return new VerifiedToken(presented, id, userId, accountId, scopes, validUntil, allowedIps, Optional.of(status));
    }
}
