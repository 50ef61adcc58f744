package dev.latchkey.verification;

import java.time.Duration;
import java.util.UUID;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

import dev.latchkey.platform.RateLimit;
import dev.latchkey.platform.RateStatus;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.github.bucket4j.TokensInheritanceStrategy;

/**
 * Counts the use of tokens against their limits, in memory. A bucket holds as many units as its limit has requests and is
 * refilled evenly; a request costs as many units as there are processes that enforce the limit, so that each lets through the
 * share of one, from the moment on at which it hears of another. A share smaller than a request becomes one request in a
 * longer time: the bucket is made large enough for it.
 * <p>
 * Bounded: when more tokens with limits are in use than there is room for, those that are used least are forgotten, and begin
 * anew with a full bucket. Nothing is refused for want of room.
 */
final class RateLimiter {

    private final Cache<UUID, Limited> buckets;
    private final IntSupplier processes;
    private final TimeMeter clock;

    /** @param capacity in units */
    private record Limited(RateLimit limit, long capacity, Bucket bucket) {

        boolean fits(RateLimit other, int cost) {
            return limit.equals(other) && capacity == RateLimiter.capacity(other, cost);
        }
    }

    RateLimiter(int maxBuckets, IntSupplier processes, LongSupplier nanoTime) {
        this.buckets = Caffeine.newBuilder().maximumSize(maxBuckets).executor(Runnable::run).build();
        this.processes = processes;
        this.clock = new TimeMeter() {
            @Override
            public long currentTimeNanos() {
                return nanoTime.getAsLong();
            }

            @Override
            public boolean isWallClockBased() {
                return false;
            }
        };
    }

    /** Counts a use; a limit that changed applies from now on. */
    Use take(UUID token, RateLimit limit) {
        int cost = processes.getAsInt();
        Limited limited = buckets.getIfPresent(token);
        if (limited == null || !limited.fits(limit, cost)) {
            limited = buckets.asMap().compute(token, (id, known) -> fitting(known, limit, cost));
        }
        ConsumptionProbe probe = limited.bucket.tryConsumeAndReturnRemaining(cost);
        long nanos = probe.isConsumed() ? probe.getNanosToWaitForReset() : probe.getNanosToWaitForRefill();
        return new Use(probe.isConsumed(),
                new RateStatus(limit, probe.isConsumed() ? probe.getRemainingTokens() / cost : 0, seconds(nanos)));
    }

    /** @param isAllowed false if it was one too many, and is not counted */
    record Use(boolean isAllowed, RateStatus status) {
    }

    /** Whoever changes a limit, or starts another server, does not fill the bucket by that. */
    private Limited fitting(Limited known, RateLimit limit, int cost) {
        if (known != null && known.fits(limit, cost)) {
            return known;
        }
        long capacity = capacity(limit, cost);
        Bandwidth bandwidth = Bandwidth.builder().capacity(capacity)
                .refillGreedy(limit.requests(), Duration.ofSeconds(limit.window())).build();
        if (known == null) {
            return new Limited(limit, capacity, Bucket.builder().addLimit(bandwidth).withCustomTimePrecision(clock).build());
        }
        known.bucket.replaceConfiguration(BucketConfiguration.builder().addLimit(bandwidth).build(),
                TokensInheritanceStrategy.PROPORTIONALLY);
        return new Limited(limit, capacity, known.bucket);
    }

    private static long capacity(RateLimit limit, int cost) {
        return Math.max(limit.requests(), cost);
    }

    /** Rounded up: whoever comes then is early for nothing. */
    private static long seconds(long nanos) {
        return Math.max(1, Math.floorDiv(nanos + 999_999_999L, 1_000_000_000L));
    }

    /** Tokens whose use is counted. */
    long size() {
        return buckets.estimatedSize();
    }
}
