package dev.latchkey.platform;

import java.time.Duration;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * Allows each address so much in a minute.
 * <p>
 * Bounded: when too many addresses are counted, those that were not heard of for longest are forgotten.
 */
// The cache that Caffeine picks by name for these limits, and its entry; in a native executable names must be known.
@RegisterForReflection(classNames = { "com.github.benmanes.caffeine.cache.SSMSA", "com.github.benmanes.caffeine.cache.PSAMS" })
public final class AddressThrottle {

    private static final int MAX_ADDRESSES = 100_000;
    private static final Duration PERIOD = Duration.ofMinutes(1);

    private final Bandwidth limit;
    private final Cache<String, Bucket> counts = Caffeine.newBuilder().maximumSize(MAX_ADDRESSES).executor(Runnable::run)
            .expireAfterAccess(PERIOD).build();

    public AddressThrottle(int perMinute) {
        this.limit = Bandwidth.builder().capacity(perMinute).refillGreedy(perMinute, PERIOD).build();
    }

    /**
     * Counts one; false if it is one too many.
     *
     * @param counter what is counted apart: empty, or a name that cannot be the beginning of another
     */
    public boolean take(String counter, String address) {
        return bucket(counter, address).tryConsume(1);
    }

    /** One that was taken does not count. */
    public void giveBack(String counter, String address) {
        bucket(counter, address).addTokens(1);
    }

    private Bucket bucket(String counter, String address) {
        return counts.get(counter + AddressRange.network(address), ignored -> Bucket.builder().addLimit(limit).build());
    }
}
