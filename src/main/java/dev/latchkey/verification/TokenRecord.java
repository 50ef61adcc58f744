package dev.latchkey.verification;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

import dev.latchkey.platform.RateLimit;

/**
 * What the database knows of a token, its owner, their role and their account: all that a decision needs, so that
 * the clock and the address can be judged anew at each use.
 *
 * @param granted what it is good for if nothing speaks against it; made once, so that a decision allocates nothing
 * @param roleId the owner's role
 * @param rateLimit empty: none
 */
public record TokenRecord(VerifiedToken granted, UUID roleId, boolean revoked, boolean ownerDisabled,
        Optional<RateLimit> rateLimit)
        implements
            CredentialRecord {

    /** One without a rate limit. */
    public TokenRecord(VerifiedToken granted, UUID roleId, boolean revoked, boolean ownerDisabled) {
        this(granted, roleId, revoked, ownerDisabled, Optional.empty());
    }

    @Override
    public UUID id() {
        return granted.id();
    }

    @Override
    public UUID userId() {
        return granted.userId();
    }

    @Override
    public UUID accountId() {
        return granted.accountId();
    }

    /** Whether the token may be used, and as what; how often is for the {@link RateLimiter} to say. */
    public Verification decide(Instant now, RequestFacts facts) {
        if (revoked) {
            return Rejection.REVOKED;
        }
        if (granted.validUntil().isPresent() && !now.isBefore(granted.validUntil().get())) {
            return Rejection.EXPIRED;
        }
        if (ownerDisabled) {
            return Rejection.OWNER_DISABLED;
        }
        if (!granted.allowedIps().isEmpty()
                && granted.allowedIps().stream().noneMatch(range -> range.contains(facts.address()))) {
            return Rejection.IP_NOT_ALLOWED;
        }
        return granted;
    }
}
