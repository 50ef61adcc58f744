package dev.latchkey.platform.database;

import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.sql.SQLException;
import java.util.concurrent.TimeoutException;

import io.vertx.core.VertxException;
import io.vertx.core.impl.NoStackTraceThrowable;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;

/** Tells a database that cannot be asked from a defect. */
public final class DatabaseFailure {

    private DatabaseFailure() {
    }

    /** As the client has it, or Hibernate, which replaces the client's exception by this; null: neither. */
    private static String sqlState(Throwable failure) {
        return failure instanceof PgException pg ? pg.getSqlState()
                : failure instanceof SQLException sql ? sql.getSQLState() : null;
    }

    /**
     * Whether this failure means that the database is gone, starting, stopping, overloaded or too slow: SQLSTATE
     * classes 08 (connection exception), 53 (insufficient resources), 57P (operator intervention), 40P01 and 40001 (gave way to
     * another transaction) and 25006 (a standby) of PostgreSQL's
     * appendix A, and what the client says when it has no connection.
     */
    public static boolean isUnavailable(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SocketException || cause instanceof UnknownHostException
                    || cause instanceof ClosedChannelException
                    || cause instanceof TimeoutException || cause instanceof ClosedConnectionException
                    || cause instanceof io.smallrye.mutiny.TimeoutException) {
                return true;
            }
            String state = sqlState(cause);
            if (state != null) {
                return state.equals("40P01") || state.equals("40001") || state.equals("25006") || state.startsWith("08")
                        || state.startsWith("53") || state.startsWith("57P");
            }
            // "Timeout" (waited too long for a connection), "Max waiter size reached", "Connection is closed"
            if (cause instanceof NoStackTraceThrowable || cause.getClass() == VertxException.class) {
                return true;
            }
            if (cause.getCause() == cause) {
                return false;
            }
        }
        return false;
    }
}
