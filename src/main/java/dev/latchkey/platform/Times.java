package dev.latchkey.platform;

import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** The precision of all times that are stored and answered: milliseconds, as in every client's language. */
public final class Times {

    private Times() {
    }

    public static Instant now(Clock clock) {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
