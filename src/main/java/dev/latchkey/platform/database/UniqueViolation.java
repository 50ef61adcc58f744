package dev.latchkey.platform.database;

import java.util.function.Predicate;

import org.hibernate.exception.ConstraintViolationException;

/** That a unique index refused a row: somebody else was there first. */
public final class UniqueViolation {

    /** unique_violation, in PostgreSQL's appendix A. */
    private static final String SQL_STATE = "23505";

    private UniqueViolation() {
    }

    /** Whether a failure is this, of the index of that name. */
    public static Predicate<Throwable> of(String index) {
        return failure -> failure instanceof ConstraintViolationException refused && SQL_STATE.equals(refused.getSQLState())
                && refused.getMessage().contains('"' + index + '"');
    }
}
