package dev.latchkey.database;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.database.DatabaseFailure;
import dev.latchkey.platform.database.DatabaseSettings;
import dev.latchkey.verification.CredentialLookup.Standing;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;

/**
 * The connections that serve lookups, and nothing else: what the rest of the service does to the database does not
 * keep them waiting.
 * <p>
 * Questions are pipelined: several are under way on one connection, and PostgreSQL answers them in order. One that
 * is not answered in time cuts its connection, and so ends all that wait on it. A quarter of the connections, at
 * least one, serves only credentials that were found before, so that a flood of invented ones cannot make them
 * wait. How many questions there are at once is bounded by whoever asks ({@code LookupSlots}).
 */
@ApplicationScoped
public class LookupConnections {

    private static final int CACHED_STATEMENTS = 16;
    /** After a failed attempt to connect, so long none is made: what needs the connection fails at once. */
    private static final long RETRY_NANOS = Duration.ofMillis(100).toNanos();

    private final Vertx vertx;
    private final LatchkeyConfig.Database config;
    private final boolean hasDatabase;
    private Lane[] lanes = {};
    private int reserved;
    private long watch;

    public LookupConnections(Vertx vertx, LatchkeyConfig config) {
        this.vertx = vertx;
        this.config = config.database();
        this.hasDatabase = config.role() == LatchkeyConfig.Role.SERVER;
    }

    void start(@Observes StartupEvent event) {
        if (!hasDatabase) {
            return;
        }
        PgConnectOptions options = DirectConnection.options(DatabaseSettings.of(config).reactive());
        options.setCachePreparedStatements(true).setPreparedStatementCacheMaxSize(CACHED_STATEMENTS);
        options.addProperty("application_name", "latchkey-lookup");
        lanes = new Lane[config.lookupConnections()];
        for (int i = 0; i < lanes.length; i++) {
            lanes[i] = new Lane(DirectConnection.newContext(vertx), options);
        }
        reserved = Math.max(1, lanes.length / 4);
        long timeoutMillis = config.lookupTimeout().toMillis();
        watch = vertx.setPeriodic(Math.min(50, Math.max(5, timeoutMillis / 10)), tick -> {
            for (Lane lane : lanes) {
                lane.context.runOnContext(ignored -> lane.cutIfLate());
            }
        });
    }

    void stop(@Observes ShutdownEvent event) {
        vertx.cancelTimer(watch);
        reconnect();
    }

    /** Asks on the least busy connection that may serve this one. Completes on that connection's event loop. */
    Uni<RowSet<Row>> ask(String sql, Tuple parameters, Standing standing) {
        return Uni.createFrom().emitter((UniEmitter<? super RowSet<Row>> emitter) -> leastBusy(standing)
                .submit(new Question(sql, parameters, emitter)));
    }

    private Lane leastBusy(Standing standing) {
        int first = standing == Standing.KNOWN ? 0 : reserved;
        Lane best = lanes[first];
        for (int i = first + 1; i < lanes.length; i++) {
            if (lanes[i].load.get() < best.load.get()) {
                best = lanes[i];
            }
        }
        return best;
    }

    /**
     * Cuts all connections: the next questions, and those under way once more, go to wherever the database is now.
     *
     * @return completes when no answer can come from the former connections any more
     */
    Future<Void> reconnect() {
        List<Future<Void>> all = new ArrayList<>();
        for (Lane lane : lanes) {
            Promise<Void> cut = Promise.promise();
            lane.context.runOnContext(ignored -> {
                lane.cut();
                cut.complete();
            });
            all.add(cut.future());
        }
        return Future.all(all).mapEmpty();
    }

    private static final class Question {

        final String sql;
        final Tuple parameters;
        final UniEmitter<? super RowSet<Row>> emitter;
        final long since = System.nanoTime();
        boolean isRepeated;

        Question(String sql, Tuple parameters, UniEmitter<? super RowSet<Row>> emitter) {
            this.sql = sql;
            this.parameters = parameters;
            this.emitter = emitter;
        }
    }

    /** One connection, and what waits on it. All but {@link #load} is touched on its event loop only. */
    private final class Lane {

        private final Context context;
        private final PgConnectOptions options;
        private final AtomicInteger load = new AtomicInteger();
        /** In the order in which they will be answered. */
        private final ArrayDeque<Question> waiting = new ArrayDeque<>();
        private DirectConnection connection;
        private boolean connecting;
        private int cuts;
        private long failedAt = System.nanoTime() - RETRY_NANOS;
        private Throwable failure;

        Lane(Context context, PgConnectOptions options) {
            this.context = context;
            this.options = options;
        }

        void submit(Question question) {
            load.incrementAndGet();
            context.runOnContext(ignored -> {
                waiting.add(question);
                if (connection != null) {
                    send(question);
                } else if (!connecting) {
                    connect();
                }
            });
        }

        private void send(Question question) {
            DirectConnection used = connection;
            used.sql().preparedQuery(question.sql).execute(question.parameters).onComplete(answer -> {
                if (answer.failed() && !question.isRepeated && waiting.contains(question)
                        && DatabaseFailure.isUnavailable(answer.cause())) {
                    repeat(question, used);
                } else if (waiting.remove(question)) {
                    load.decrementAndGet();
                    if (answer.succeeded()) {
                        question.emitter.complete(answer.result());
                    } else {
                        question.emitter.fail(answer.cause());
                    }
                }
            });
        }

        /** The connection ended before the answer: asked once more on the next one, within the same time. */
        private void repeat(Question question, DirectConnection ended) {
            question.isRepeated = true;
            waiting.remove(question);
            waiting.add(question);
            if (connection == ended) {
                cut();
            }
            if (connection != null) {
                send(question);
            } else if (!connecting) {
                connect();
            }
        }

        private void connect() {
            if (System.nanoTime() - failedAt < RETRY_NANOS) {
                giveUp(failure);
                return;
            }
            connecting = true;
            int begun = cuts;
            // The server gives up, too, and changes nothing whatever it is asked.
            DirectConnection.connect(vertx, options, "SET statement_timeout = " + 2 * config.lookupTimeout().toMillis()
                    + "; SET default_transaction_read_only = on").onComplete(connected -> {
                        connecting = false;
                        if (connected.failed()) {
                            failedAt = System.nanoTime();
                            failure = connected.cause();
                            giveUp(failure);
                            return;
                        }
                        DirectConnection mine = connected.result();
                        if (begun != cuts) {
                            // It was asked for before the cut, so it may lead to where nobody must ask any more.
                            mine.cut();
                            connect();
                            return;
                        }
                        connection = mine;
                        mine.sql().closeHandler(closed -> {
                            if (connection == mine) {
                                connection = null;
                            }
                        });
                        List.copyOf(waiting).forEach(this::send);
                    });
        }

        private void giveUp(Throwable reason) {
            Question question;
            while ((question = waiting.poll()) != null) {
                load.decrementAndGet();
                question.emitter.fail(reason);
            }
        }

        void cutIfLate() {
            Question oldest = waiting.peek();
            if (oldest != null && System.nanoTime() - oldest.since >= config.lookupTimeout().toNanos()) {
                cut();
                giveUp(new TimeoutException("a lookup took longer than " + config.lookupTimeout()));
            }
        }

        void cut() {
            cuts++;
            if (connection != null) {
                DirectConnection late = connection;
                connection = null;
                late.cut();
            }
        }
    }
}
