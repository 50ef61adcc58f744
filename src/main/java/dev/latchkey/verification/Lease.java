package dev.latchkey.verification;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The right to use a cached answer without asking.
 * <p>
 * Invariant: while {@link #isHeld()}, a piece of evidence that the feed is alive was sent less than the lease's
 * duration ago, and was heard, and with it everything that was committed before it was sent. The evidence is dated
 * by the sender's monotonic clock when it was <em>sent</em>: one that was held back on its way is old when it
 * arrives, and renews nothing.
 */
final class Lease {

    /** The longest duration that can be configured; what is left to the bound of 2 s covers everything that is not waiting. */
    static final Duration LONGEST = Duration.ofMillis(1_500);

    private static final long NONE = Long.MIN_VALUE;

    private final long durationNanos;
    private final LongSupplier nanoTime;
    /** When the newest evidence was sent, since {@link #origin}; {@link #NONE}: there is none. */
    private final AtomicLong evidence = new AtomicLong(NONE);
    /** Makes times comparable by their size: a monotonic clock may start anywhere. */
    private final long origin;

    /** @param nanoTime the monotonic clock, such as {@link System#nanoTime()}; it must go on while the process is stopped */
    Lease(Duration duration, LongSupplier nanoTime) {
        this.durationNanos = duration.toNanos();
        this.nanoTime = nanoTime;
        this.origin = nanoTime.getAsLong();
    }

    /** Evidence was heard; older evidence than the newest changes nothing. */
    void renew(long sentNanos) {
        evidence.accumulateAndGet(sentNanos - origin, Math::max);
    }

    /** There is no evidence any more. */
    void lose() {
        evidence.set(NONE);
    }

    boolean isHeld() {
        long newest = evidence.get();
        return newest != NONE && nanoTime.getAsLong() - origin - newest < durationNanos;
    }

    /** How old the newest evidence is, in nanoseconds; empty-handed: {@link Long#MAX_VALUE}. */
    long ageNanos() {
        long newest = evidence.get();
        return newest == NONE ? Long.MAX_VALUE : nanoTime.getAsLong() - origin - newest;
    }
}
