package dev.latchkey.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.UUID;

import org.junit.jupiter.api.Test;

import dev.latchkey.platform.RateLimit;
import dev.latchkey.verification.RateLimiter.Use;

/** Each process lets through its share, whatever happens to limits and to the number of processes. */
class RateLimiterTest {

    private static final UUID TOKEN = UUID.randomUUID();
    private static final RateLimit TWELVE = new RateLimit(12, 60);

    private long nanos;
    private int processes = 1;
    private final RateLimiter limiter = new RateLimiter(1_000, () -> processes, () -> nanos);

    @Test
    void aBurstOfTheLimitPassesAndTheNextWaitsForItsTurn() {
        assertThat(passing(TWELVE, 20)).isEqualTo(12);
        Use refused = limiter.take(TOKEN, TWELVE);
        assertThat(refused.isAllowed()).isFalse();
        assertThat(refused.status().remaining()).isZero();
        assertThat(refused.status().seconds()).isEqualTo(5);
        pass(Duration.ofSeconds(5));
        assertThat(passing(TWELVE, 20)).isEqualTo(1);
    }

    @Test
    void whatIsLeftIsTold() {
        assertThat(limiter.take(TOKEN, TWELVE).status().remaining()).isEqualTo(11);
        assertThat(limiter.take(TOKEN, TWELVE).status()).satisfies(status -> {
            assertThat(status.remaining()).isEqualTo(10);
            assertThat(status.seconds()).as("until all of it is there again").isEqualTo(10);
            assertThat(status.limit()).isEqualTo(TWELVE);
        });
    }

    @Test
    void anHourLaterThereIsNoMoreThanABurst() {
        passing(TWELVE, 12);
        pass(Duration.ofHours(1));
        assertThat(passing(TWELVE, 100)).isEqualTo(12);
    }

    @Test
    void eachOfThreeProcessesLetsThroughAThird() {
        processes = 3;
        assertThat(passing(TWELVE, 20)).isEqualTo(4);
        pass(Duration.ofMinutes(1));
        assertThat(passing(TWELVE, 20)).isEqualTo(4);
    }

    @Test
    void anotherProcessCountsFromTheNextRequestOn() {
        assertThat(passing(TWELVE, 6)).isEqualTo(6);
        processes = 2;
        assertThat(passing(TWELVE, 20)).isEqualTo(3);
    }

    @Test
    void aShareOfLessThanARequestIsOneInALongerTime() {
        RateLimit two = new RateLimit(2, 60);
        processes = 8;
        assertThat(passing(two, 5)).isEqualTo(1);
        pass(Duration.ofMinutes(3));
        assertThat(passing(two, 5)).as("eight processes, two requests a minute: one in four minutes each").isZero();
        pass(Duration.ofMinutes(1));
        assertThat(passing(two, 5)).isEqualTo(1);
    }

    @Test
    void changingALimitDoesNotFillTheBucket() {
        passing(TWELVE, 12);
        assertThat(passing(new RateLimit(100, 60), 5)).isZero();
        assertThat(passing(TWELVE, 5)).isZero();
        processes = 1_000;
        assertThat(passing(TWELVE, 5)).as("nor does the number of processes").isZero();
    }

    @Test
    void tokensAreCountedApart() {
        passing(TWELVE, 12);
        assertThat(limiter.take(UUID.randomUUID(), TWELVE).isAllowed()).isTrue();
    }

    @Test
    void memoryIsBoundedAndNothingIsRefusedForWantOfIt() {
        for (int i = 0; i < 10_000; i++) {
            assertThat(limiter.take(UUID.randomUUID(), TWELVE).isAllowed()).isTrue();
        }
        assertThat(limiter.size()).isLessThanOrEqualTo(1_000);
    }

    private int passing(RateLimit limit, int requests) {
        int passed = 0;
        for (int i = 0; i < requests; i++) {
            passed += limiter.take(TOKEN, limit).isAllowed() ? 1 : 0;
        }
        return passed;
    }

    private void pass(Duration time) {
        nanos += time.toNanos();
    }
}
