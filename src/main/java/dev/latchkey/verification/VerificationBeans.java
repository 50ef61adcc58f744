package dev.latchkey.verification;

import java.time.Clock;
import java.time.Duration;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import dev.latchkey.platform.Committed;
import dev.latchkey.platform.InRole;
import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.token.TokenDigest;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;

/** Puts the parts together. */
@ApplicationScoped
class VerificationBeans {

    /** Invalidations that are remembered, about 100 bytes each. */
    private static final int LOG_CAPACITY = 65_536;
    /** A server hears of changes itself; what a sidecar hears took one step more. */
    private static final Duration LEASE_OF_SERVER = Duration.ofSeconds(1);

    private final FeedState feed;

    VerificationBeans(LatchkeyConfig config) {
        Duration lease = config.verification().lease()
                .orElse(config.role() == LatchkeyConfig.Role.SERVER ? LEASE_OF_SERVER : Lease.LONGEST);
        this.feed = new FeedState(new Lease(lease, System::nanoTime), new InvalidationLog(LOG_CAPACITY));
    }

    @Produces
    @Singleton
    ChangeListener changeListener() {
        return feed;
    }

    @Produces
    @Singleton
    ChangeSource changeSource() {
        return feed;
    }

    @Produces
    @Singleton
    TokenVerifier tokenVerifier(LatchkeyConfig config, @Any Instance<CredentialLookup> lookups, VerificationListener listener,
            Enforcers enforcers, Clock clock, MeterRegistry registry) {
        CredentialLookup lookup = InRole.Literal.choose(lookups, config.role());
        LatchkeyConfig.Verification limits = config.verification();
        LookupSlots slots = new LookupSlots(limits.maxLookups());
        VerificationMetrics metrics = new VerificationMetrics(registry);
        CredentialCache<TokenDigest, TokenRecord> tokens = new CredentialCache<>(limits.cacheSize(), limits.unknownCacheSize(),
                (digest, standing) -> metrics.timed(lookup.token(digest, standing)), feed, slots, System::nanoTime);
        CredentialCache<UUID, SessionRecord> sessions = new CredentialCache<>(limits.cacheSize(), limits.unknownCacheSize(),
                (id, standing) -> metrics.timed(lookup.session(id, standing)), feed, slots, System::nanoTime);
        RateLimiter limiter = new RateLimiter(limits.rateLimitBuckets(), enforcers::count, System::nanoTime);
        metrics.observe(feed, tokens, sessions, slots, limiter, enforcers);
        return new LeasedTokenVerifier(tokens, sessions, new UnknownThrottle(limits.unknownPerMinute()), limiter, listener,
                metrics, clock);
    }

    /** Its metrics tell of the lease before anybody has asked. */
    void start(@Observes StartupEvent event, TokenVerifier verifier) {
    }

    /** What this process itself changed is forgotten before it answers, not when the feed tells. */
    void committed(@Observes Committed change) {
        feed.forget(change.ids());
    }
}
