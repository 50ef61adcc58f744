package dev.latchkey.verification;

import java.util.concurrent.atomic.AtomicInteger;

import dev.latchkey.verification.CredentialLookup.Standing;

/**
 * How many questions may be under way at once. Credentials that were never found before get at most half of the
 * slots, so that a flood of invented ones leaves the others their share. When no slot is free the question is
 * refused, not queued.
 */
final class LookupSlots {

    private final int all;
    private final int forNew;
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger takenByNew = new AtomicInteger();

    /** @param all how many at once, 2 or more */
    LookupSlots(int all) {
        this.all = all;
        this.forNew = all / 2;
    }

    /** Takes a slot, which {@link #release} must give back; false if there is none for this one. */
    boolean take(Standing standing) {
        if (standing == Standing.NEW && !increment(takenByNew, forNew)) {
            return false;
        }
        if (increment(taken, all)) {
            return true;
        }
        if (standing == Standing.NEW) {
            takenByNew.decrementAndGet();
        }
        return false;
    }

    void release(Standing standing) {
        taken.decrementAndGet();
        if (standing == Standing.NEW) {
            takenByNew.decrementAndGet();
        }
    }

    int taken() {
        return taken.get();
    }

    private static boolean increment(AtomicInteger counter, int limit) {
        int before = counter.getAndUpdate(value -> value < limit ? value + 1 : value);
        return before < limit;
    }
}
