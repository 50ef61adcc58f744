package dev.latchkey.platform.database;

import java.util.function.Predicate;
import java.util.regex.Pattern;

import org.hibernate.exception.ConstraintViolationException;

/** That a unique index refused a row: somebody else was there first. */
public final class UniqueViolation {

    /** unique_violation, in PostgreSQL's appendix A. */
    private static final String SQL_STATE = "23505";

    private UniqueViolation() {
    }

    /** Whether a failure is this, of the index of that name. */
    public static Predicate<Throwable> of(String index) {
        // Which marks stand around the name depends on the language of the server's messages.
        Predicate<String> names = Pattern.compile("\\b" + Pattern.quote(index) + "\\b").asPredicate();
        return failure -> failure instanceof ConstraintViolationException refused && SQL_STATE.equals(refused.getSQLState())
                && names.test(refused.getMessage());
    }
}
