package dev.latchkey.account;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import jakarta.enterprise.context.ApplicationScoped;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

import dev.latchkey.platform.AddressRange;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.LatchkeyConfig;
import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * Slows down guessing: all sign-ins from one address, and the failed ones of one user, in {@code
 * latchkey.sign-in.window}. Counts are per process. A user who does not exist is throttled like one who does.
 * <p>
 * Both maps are bounded; when one is full, the counts that were not used for longest are forgotten.
 */
// The cache that Caffeine picks by name for these limits, and its entry; in a native executable names must be known.
@RegisterForReflection(classNames = { "com.github.benmanes.caffeine.cache.SSMSA", "com.github.benmanes.caffeine.cache.PSAMS" })
@ApplicationScoped
public class SignInThrottle {

    private static final int MAX_COUNTED = 100_000;

    private final Duration window;
    private final Cache<String, Bucket> perAddress;
    private final Cache<String, Bucket> failuresPerUser;
    private final Bandwidth addressLimit;
    private final Bandwidth userLimit;

    public SignInThrottle(LatchkeyConfig config) {
        window = config.signIn().window();
        addressLimit = limit(config.signIn().attemptsPerAddress());
        userLimit = limit(config.signIn().failuresPerUser());
        perAddress = counts();
        failuresPerUser = counts();
    }

    private Bandwidth limit(int capacity) {
        return Bandwidth.builder().capacity(capacity).refillGreedy(capacity, window).build();
    }

    private Cache<String, Bucket> counts() {
        return Caffeine.newBuilder().maximumSize(MAX_COUNTED).expireAfterAccess(window).build();
    }

    /**
     * Counts an attempt.
     *
     * @param user whoever is tried, in a form that is the same however it was written
     * @throws ApiException 429 with the time after which the next attempt is allowed
     */
    void attempt(String address, String user) {
        ConsumptionProbe probe = bucket(perAddress, AddressRange.network(address), addressLimit)
                .tryConsumeAndReturnRemaining(1);
        if (!probe.isConsumed()) {
            throw tooMany("from this address", probe.getNanosToWaitForRefill());
        }
        Bucket failures = bucket(failuresPerUser, user, userLimit);
        ConsumptionProbe failure = failures.tryConsumeAndReturnRemaining(1);
        if (!failure.isConsumed()) {
            throw tooMany("for this user", failure.getNanosToWaitForRefill());
        }
    }

    /** Takes back the failure that {@link #attempt} counted beforehand, so that many at once cannot exceed the limit. */
    void succeeded(String user) {
        bucket(failuresPerUser, user, userLimit).addTokens(1);
    }

    private static Bucket bucket(Cache<String, Bucket> cache, String key, Bandwidth limit) {
        return cache.get(key, ignored -> Bucket.builder().addLimit(limit).build());
    }

    private static ApiException tooMany(String what, long waitNanos) {
        long seconds = TimeUnit.NANOSECONDS.toSeconds(waitNanos) + 1;
        return ApiException.tooManyRequests("too many sign-ins " + what + ": try again in " + seconds + " seconds", seconds);
    }
}
