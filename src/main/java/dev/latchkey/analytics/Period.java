package dev.latchkey.analytics;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.http.Parameters;

/**
 * Whole hours or whole days (UTC): what is asked for, widened to their beginning and end.
 *
 * @param to not included any more
 */
record Period(Instant from, Instant to, Interval interval) {

    static final String FROM = "from";
    static final String TO = "to";
    static final String INTERVAL = "interval";

    /** How long a step is, and how many days are shown unless told otherwise and at most. */
    enum Interval {
        HOUR(ChronoUnit.HOURS, 7, 31),
        DAY(ChronoUnit.DAYS, 30, 400);

        private final ChronoUnit unit;
        private final int usualDays;
        private final int mostDays;

        Interval(ChronoUnit unit, int usualDays, int mostDays) {
            this.unit = unit;
            this.usualDays = usualDays;
            this.mostDays = mostDays;
        }

        /** As the API writes it, and date_trunc in SQL. */
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        private Instant floor(Instant time) {
            return time.truncatedTo(unit);
        }

        private Instant ceiling(Instant time) {
            Instant floor = floor(time);
            return floor.equals(time) ? time : floor.plus(1, unit);
        }
    }

    /**
     * What is asked for.
     *
     * @throws ApiException 400 if it is no period, or too long a one
     */
    static Period of(Parameters parameters, Instant now) {
        Optional<String> word = parameters.choice(INTERVAL, Arrays.stream(Interval.values()).map(Interval::word).toList());
        Interval interval = word.map(it -> Interval.valueOf(it.toUpperCase(Locale.ROOT))).orElse(Interval.HOUR);
        return of(parameters, now, interval, interval.usualDays, interval.mostDays);
    }

    /** The same by days, of which at most as many as in an hourly one. */
    static Period ofDays(Parameters parameters, Instant now) {
        return of(parameters, now, Interval.DAY, Interval.HOUR.usualDays, Interval.HOUR.mostDays);
    }

    private static Period of(Parameters parameters, Instant now, Interval interval, int usualDays, int mostDays) {
        Instant to = parameters.time(TO).orElse(now);
        Instant from = parameters.time(FROM).orElse(to.minus(Duration.ofDays(usualDays)));
        if (!from.isBefore(to)) {
            throw ApiException.invalid(FROM, "must be before " + TO + ", which is " + to);
        }
        if (Duration.between(from, to).compareTo(Duration.ofDays(mostDays)) > 0) {
            throw ApiException.invalid(FROM, "must be at most " + mostDays + " days before " + TO + ", which is " + to
                    + (interval == Interval.HOUR ? "; " + INTERVAL + "=day reaches back " + Interval.DAY.mostDays : ""));
        }
        return new Period(interval.floor(from), interval.ceiling(to), interval);
    }
}
