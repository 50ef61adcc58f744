package dev.latchkey.webhook;

import java.time.Duration;
import java.util.function.DoubleSupplier;

/**
 * How long to wait after a failed attempt: doubled each time up to an hour, and of that between a half and all by chance, so
 * that what failed together does not come again together.
 *
 * @param first about how long after the first one
 * @param random from 0 to 1
 */
record Backoff(Duration first, DoubleSupplier random) {

    static final Duration LONGEST = Duration.ofHours(1);
    private static final int MOST_DOUBLINGS = 30;

    /** @param failures how many attempts have failed, 1 or more */
    Duration after(int failures) {
        long doubled = first.toMillis() << Math.min(failures - 1, MOST_DOUBLINGS);
        long longest = Math.min(doubled, LONGEST.toMillis());
        return Duration.ofMillis((long) (longest * (0.5 + 0.5 * random.getAsDouble())));
    }
}
