package dev.latchkey.verification;

import java.time.Clock;
import java.time.Duration;
import java.util.UUID;

import dev.latchkey.token.TokenDigest;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

/** Verification as a process has it, put together for tests of what it is connected to. */
public final class TestVerification {

    private final FeedState feed;
    private CredentialCache<TokenDigest, TokenRecord> tokens;

    public TestVerification(Duration lease) {
        feed = new FeedState(new Lease(lease, System::nanoTime), new InvalidationLog(1_024));
    }

    public ChangeListener listener() {
        return feed;
    }

    public ChangeSource source() {
        return feed;
    }

    public boolean hasLease() {
        return feed.isLeaseHeld();
    }

    /** Whether a token is answered from memory now. */
    public boolean isInMemory(TokenDigest digest) {
        return tokens.cached(digest) != null;
    }

    public TokenVerifier verifier(CredentialLookup lookup) {
        LookupSlots slots = new LookupSlots(1_000);
        tokens = new CredentialCache<>(1_000, 1_000, lookup::token, feed, slots, System::nanoTime);
        CredentialCache<UUID, SessionRecord> sessions = new CredentialCache<>(1_000, 1_000, lookup::session, feed, slots,
                System::nanoTime);
        return new LeasedTokenVerifier(tokens, sessions, new UnknownThrottle(1_000_000),
                new RateLimiter(1_000, () -> 1, System::nanoTime), (id, outcome, address, at) -> {
                }, new VerificationMetrics(new SimpleMeterRegistry()), Clock.systemUTC());
    }
}
