package dev.latchkey.verification;

import java.time.Duration;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

import dev.latchkey.platform.AddressRange;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * Slows down an address that presents tokens that do not exist. Whoever presents one that was found before is not
 * affected, whatever others do from the same address.
 * <p>
 * Bounded: when too many addresses are counted, those that were not heard of for longest are forgotten.
 */
@RegisterForReflection(classNames = { "com.github.benmanes.caffeine.cache.SSMSA", "com.github.benmanes.caffeine.cache.PSAMS" })
final class UnknownThrottle {

    private static final int MAX_ADDRESSES = 100_000;
    private static final Duration PERIOD = Duration.ofMinutes(1);

    private final Bandwidth limit;
    private final Cache<String, Bucket> counts = Caffeine.newBuilder().maximumSize(MAX_ADDRESSES).executor(Runnable::run)
            .expireAfterAccess(PERIOD).build();

    /** @param perMinute how many unknown tokens an address may present in a minute */
    UnknownThrottle(int perMinute) {
        this.limit = Bandwidth.builder().capacity(perMinute).refillGreedy(perMinute, PERIOD).build();
    }

    /** Counts a token of which nothing is known yet, so that many at once do not slip through; false if it is one too many. */
    boolean take(String address) {
        return bucket(address).tryConsume(1);
    }

    /** The token exists. */
    void giveBack(String address) {
        bucket(address).addTokens(1);
    }

    private Bucket bucket(String address) {
        return counts.get(AddressRange.network(address), ignored -> Bucket.builder().addLimit(limit).build());
    }
}
