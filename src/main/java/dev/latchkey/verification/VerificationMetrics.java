package dev.latchkey.verification;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

import dev.latchkey.platform.Counts;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.smallrye.mutiny.Uni;

/** What operators see of verification; docs/verification.md explains each name. */
final class VerificationMetrics {

    private static final Duration[] BUCKETS = Stream.of(1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000).map(Duration::ofMillis)
            .toArray(Duration[]::new);

    private final LongAdder allowed;
    private final Map<Rejection, LongAdder> rejected = new EnumMap<>(Rejection.class);
    private final LongAdder hits;
    private final LongAdder misses;
    private final Timer lookups;
    private final MeterRegistry registry;

    VerificationMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.allowed = outcome(VerificationListener.ALLOWED);
        for (Rejection rejection : Rejection.values()) {
            rejected.put(rejection, outcome(rejection.name()));
        }
        this.hits = cacheGets("hit");
        this.misses = cacheGets("miss");
        this.lookups = Timer.builder("latchkey.lookup").description("Lookups of credentials at the source")
                .serviceLevelObjectives(BUCKETS).register(registry);
    }

    private LongAdder outcome(String outcome) {
        return Counts.register(registry, "latchkey.verifications", "Decisions about credentials that were presented",
                Tags.of("outcome", outcome));
    }

    private LongAdder cacheGets(String result) {
        return Counts.register(registry, "latchkey.cache.gets", "Whether a decision needed to ask the source",
                Tags.of("result", result));
    }

    /** Adds what is read when somebody asks for it. */
    void observe(FeedState feed, CredentialCache<?, ?> tokens, CredentialCache<?, ?> sessions, LookupSlots slots,
            RateLimiter limiter, Enforcers enforcers) {
        Gauge.builder("latchkey.ratelimit.tokens", limiter, RateLimiter::size)
                .description("Tokens whose use is counted against a limit").register(registry);
        Gauge.builder("latchkey.ratelimit.enforcers", enforcers, Enforcers::count)
                .description("Processes among which rate limits are divided").register(registry);
        size("token", tokens);
        size("session", sessions);
        Gauge.builder("latchkey.cache.unknown.size", tokens, CredentialCache::unknownSize)
                .description("Tokens that are remembered not to exist").register(registry);
        Gauge.builder("latchkey.lookups.active", slots, LookupSlots::taken).description("Lookups that are under way")
                .register(registry);
        Gauge.builder("latchkey.feed.connected", feed, state -> state.isConnected() ? 1 : 0)
                .description("Whether there is a connection on which changes are heard").register(registry);
        Gauge.builder("latchkey.feed.lease", feed, state -> state.isLeaseHeld() ? 1 : 0)
                .description("Whether cached answers may be used").register(registry);
        Gauge.builder("latchkey.feed.lag", feed, FeedState::lagSeconds).baseUnit("seconds")
                .description("Age of the newest evidence that the feed is alive").register(registry);
        FunctionCounter.builder("latchkey.feed.leases.lost", feed, FeedState::leasesLost)
                .description("How often the lease ended").register(registry);
        FunctionCounter.builder("latchkey.feed.invalidations", feed, FeedState::invalidations)
                .description("Changes that were heard").register(registry);
    }

    private void size(String kind, CredentialCache<?, ?> cache) {
        Gauge.builder("latchkey.cache.size", cache, CredentialCache::size).tag("kind", kind)
                .description("Credentials in the cache").register(registry);
    }

    void hit() {
        hits.increment();
    }

    void miss() {
        misses.increment();
    }

    Verification counted(Verification decision) {
        if (decision instanceof Rejection rejection) {
            rejected.get(rejection).increment();
        } else if (decision instanceof RateLimited) {
            rejected.get(Rejection.RATE_LIMITED).increment();
        } else {
            allowed.increment();
        }
        return decision;
    }

    /** The time until a lookup ends, however it ends. */
    <T> Uni<T> timed(Uni<T> lookup) {
        Timer.Sample sample = Timer.start(registry);
        return lookup.onTermination().invoke(() -> sample.stop(lookups));
    }
}
