package dev.latchkey.database;

import java.util.concurrent.TimeUnit;

import jakarta.inject.Singleton;

import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.database.DatabaseSettings;
import io.quarkus.reactive.pg.client.PgPoolCreator;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;

/**
 * Makes the pool of Hibernate Reactive from {@code latchkey.database.*}, bounded in every direction:
 * connections, waiters, the wait, connecting, and silence on a connection.
 */
@Singleton
public class DatabasePool implements PgPoolCreator {

    private static final int CONNECT_TIMEOUT_MS = 2_000;
    private static final int CACHED_STATEMENTS = 256;
    /** The pool looks for connections that are not used once a second. */
    private static final int POOL_CLEANING_SECONDS = 2;

    private final LatchkeyConfig.Database config;

    public DatabasePool(LatchkeyConfig config) {
        this.config = config.database();
    }

    @Override
    public Pool create(Input input) {
        int timeoutSeconds = (int) Math.max(1, config.timeout().toSeconds());
        PgConnectOptions connection = DatabaseSettings.of(config).reactive();
        connection.setConnectTimeout(CONNECT_TIMEOUT_MS);
        // Closes a connection on which nothing arrives, so that a stalled server cannot hold the pool for ever.
        connection.setReadIdleTimeout(2 * timeoutSeconds + POOL_CLEANING_SECONDS);
        connection.setIdleTimeoutUnit(TimeUnit.SECONDS);
        connection.setMetricsName("postgresql");
        // PostgreSQL gives up, too: a statement that nobody waits for any more does not keep its connection.
        connection.addProperty("statement_timeout", Long.toString(config.timeout().toMillis()));
        connection.setCachePreparedStatements(true);
        connection.setPreparedStatementCacheMaxSize(CACHED_STATEMENTS);
        PoolOptions options = new PoolOptions(input.poolOptions())
                .setMaxSize(config.poolSize())
                .setMaxWaitQueueSize(config.poolQueue())
                // Those that nobody uses the pool closes itself, and earlier: it does not close one that is just being taken.
                .setIdleTimeout(timeoutSeconds)
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setConnectionTimeout(timeoutSeconds)
                .setConnectionTimeoutUnit(TimeUnit.SECONDS);
        return PgBuilder.pool().with(options).connectingTo(connection).using(input.vertx()).build();
    }
}
