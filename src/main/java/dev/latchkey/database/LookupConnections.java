package dev.latchkey.database;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;

import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.database.DatabaseFailure;
import dev.latchkey.platform.database.DatabaseSettings;
import dev.latchkey.verification.CredentialLookup.Standing;
import io.netty.channel.EventLoop;
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
 * The connections that serve lookups, and nothing else: what the rest of the service does to the database does not keep
 * them waiting.
 * <p>
 * A connection has one statement under way, and the questions that come meanwhile are sent together with the next: alone
 * a question is sent at once, and the more there are, the less each costs. A statement that is not answered in time cuts
 * its connection, and so ends all that wait on it. A quarter of the connections, at least one, serves only credentials
 * that were found before, so that a flood of invented ones cannot make them wait. How many questions there are at once is
 * bounded by whoever asks ({@code LookupSlots}).
 */
@ApplicationScoped
public class LookupConnections {

    private static final int CACHED_STATEMENTS = 16;
    /** Questions in one statement. */
    private static final int MAX_BATCH = 64;
    /** Waking another event loop costs about as much as this many questions more in a statement. */
    private static final int WORTH_A_HOP = 8;
    /** After a failed attempt to connect, so long none is made: what needs the connection fails at once. */
    private static final long RETRY_NANOS = Duration.ofMillis(100).toNanos();

    private final Vertx vertx;
    private final LatchkeyConfig.Database config;
    private final boolean hasDatabase;
    private int reserved;
    private volatile Lane[] lanes = {};
    private long watch;

    public LookupConnections(Vertx vertx, LatchkeyConfig config) {
        this.vertx = vertx;
        this.config = config.database();
        this.hasDatabase = config.role() == LatchkeyConfig.Role.SERVER;
    }

    /** Before the feed, which cuts these connections when it stands. */
    void start(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) StartupEvent event) {
        if (!hasDatabase) {
            return;
        }
        PgConnectOptions options = DirectConnection.options(DatabaseSettings.of(config).reactive());
        options.setCachePreparedStatements(true).setPreparedStatementCacheMaxSize(CACHED_STATEMENTS);
        options.addProperty("application_name", "latchkey-lookup");
        Lane[] made = new Lane[config.lookupConnections()];
        for (int i = 0; i < made.length; i++) {
            made[i] = new Lane(DirectConnection.newContext(vertx), options);
        }
        reserved = Math.max(1, made.length / 4);
        lanes = made;
        long timeoutMillis = config.lookupTimeout().toMillis();
        watch = vertx.setPeriodic(Math.min(50, Math.max(5, timeoutMillis / 10)), tick -> {
            for (Lane lane : lanes) {
                lane.context.runOnContext(ignored -> lane.cutIfLate());
            }
        });
    }

    void stop(@Observes ShutdownEvent event) {
        vertx.cancelTimer(watch);
        DirectConnection.awaitAtStop(reconnect());
    }

    /**
     * A statement that answers several questions at once.
     *
     * @param sql has the keys as its only parameter, an array, and as its first column the number of the key, from 1, that
     *        a row answers; at most one row for each
     * @param parameters makes the array
     */
    record Statement<K>(String sql, Function<List<K>, Tuple> parameters) {
    }

    /** Asks on the least busy connection that may serve this one. Completes on that connection's event loop. */
    <K> Uni<Optional<Row>> ask(Statement<K> statement, K key, Standing standing) {
        return Uni.createFrom().emitter((UniEmitter<? super Optional<Row>> emitter) -> leastBusy(standing)
                .submit(new Question<>(statement, key, emitter)));
    }

    private Lane leastBusy(Standing standing) {
        EventLoop here = DirectConnection.currentEventLoop();
        Lane best = null;
        int least = Integer.MAX_VALUE;
        for (int i = standing == Standing.KNOWN ? 0 : reserved; i < lanes.length; i++) {
            int load = lanes[i].load.get() + (lanes[i].eventLoop == here ? 0 : WORTH_A_HOP);
            if (load < least) {
                least = load;
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
            lane.context.runOnContext(ignored -> lane.cut().onComplete(cut));
            all.add(cut.future());
        }
        return Future.all(all).mapEmpty();
    }

    private static final class Question<K> {

        final Statement<K> statement;
        final K key;
        final UniEmitter<? super Optional<Row>> emitter;
        final long since = System.nanoTime();
        boolean isRepeated;

        Question(Statement<K> statement, K key, UniEmitter<? super Optional<Row>> emitter) {
            this.statement = statement;
            this.key = key;
            this.emitter = emitter;
        }
    }

    /** One connection, and what waits on it. All but {@link #load} is touched on its event loop only. */
    private final class Lane {

        private final Context context;
        private final EventLoop eventLoop;
        private final PgConnectOptions options;
        private final AtomicInteger load = new AtomicInteger();
        private final ArrayDeque<Question<?>> waiting = new ArrayDeque<>();
        /** What the statement under way asks; empty while there is none. */
        private List<Question<?>> asked = List.of();
        private DirectConnection connection;
        private boolean connecting;
        private int cuts;
        private long failedAt = System.nanoTime() - RETRY_NANOS;
        private Throwable failure;

        Lane(Context context, PgConnectOptions options) {
            this.context = context;
            this.eventLoop = DirectConnection.eventLoop(context);
            this.options = options;
        }

        void submit(Question<?> question) {
            load.incrementAndGet();
            context.runOnContext(ignored -> {
                waiting.add(question);
                proceed();
            });
        }

        private void proceed() {
            if (waiting.isEmpty() || !asked.isEmpty() || connecting) {
                return;
            }
            if (connection != null) {
                send(waiting.peek().statement);
            } else {
                connect();
            }
        }

        /** Those that wait and have the same statement, in one. */
        @SuppressWarnings("unchecked")
        private <K> void send(Statement<K> statement) {
            List<Question<?>> batch = new ArrayList<>();
            List<K> keys = new ArrayList<>();
            while (batch.size() < MAX_BATCH && !waiting.isEmpty() && waiting.peek().statement == statement) {
                Question<K> question = (Question<K>) waiting.poll();
                batch.add(question);
                keys.add(question.key);
            }
            asked = batch;
            connection.sql().preparedQuery(statement.sql).execute(statement.parameters.apply(keys)).onComplete(answer -> {
                // Otherwise it was given up.
                if (asked == batch) {
                    asked = List.of();
                    if (answer.succeeded()) {
                        distribute(answer.result(), batch);
                    } else {
                        failed(answer.cause(), batch);
                    }
                    proceed();
                }
            });
        }

        private void distribute(RowSet<Row> rows, List<Question<?>> batch) {
            Row[] answers = new Row[batch.size()];
            for (Row row : rows) {
                answers[row.getLong(0).intValue() - 1] = row;
            }
            load.addAndGet(-batch.size());
            for (int i = 0; i < answers.length; i++) {
                batch.get(i).emitter.complete(Optional.ofNullable(answers[i]));
            }
        }

        /** If the connection ended before the answer: asked once more on the next one, within the same time. */
        private void failed(Throwable cause, List<Question<?>> batch) {
            boolean isGone = DatabaseFailure.isUnavailable(cause);
            if (isGone) {
                cut();
            }
            // In front of the others, in the same order.
            for (int i = batch.size() - 1; i >= 0; i--) {
                Question<?> question = batch.get(i);
                if (isGone && !question.isRepeated) {
                    question.isRepeated = true;
                    waiting.addFirst(question);
                } else {
                    load.decrementAndGet();
                    question.emitter.fail(cause);
                }
            }
        }

        private void connect() {
            if (System.nanoTime() - failedAt < RETRY_NANOS) {
                giveUp(failure);
                return;
            }
            connecting = true;
            int begun = cuts;
            // The server gives up, too; it changes nothing whatever it is asked; and it plans once: for a short array it would
            // think that a plan of its own each time is cheaper than it is.
            DirectConnection.connect(vertx, options, "SET statement_timeout = " + 2 * config.lookupTimeout().toMillis()
                    + "; SET default_transaction_read_only = on; SET plan_cache_mode = force_generic_plan")
                    .onComplete(connected -> {
                        connecting = false;
                        if (connected.failed()) {
                            failedAt = System.nanoTime();
                            failure = connected.cause();
                            giveUp(failure);
                        } else if (begun != cuts) {
                            // It was asked for before the cut, so it may lead to where nobody must ask any more.
                            connected.result().cut();
                            proceed();
                        } else {
                            connection = connected.result();
                            connection.sql().closeHandler(closed -> {
                                if (connection == connected.result()) {
                                    connection = null;
                                }
                            });
                            proceed();
                        }
                    });
        }

        private void giveUp(Throwable reason) {
            List<Question<?>> all = new ArrayList<>(asked);
            all.addAll(waiting);
            asked = List.of();
            waiting.clear();
            load.addAndGet(-all.size());
            all.forEach(question -> question.emitter.fail(reason));
        }

        void cutIfLate() {
            Question<?> oldest = asked.isEmpty() ? waiting.peek() : asked.get(0);
            if (oldest != null && System.nanoTime() - oldest.since >= config.lookupTimeout().toNanos()) {
                // A connection that is only being made may take longer than a question can wait.
                if (!asked.isEmpty()) {
                    cut();
                }
                giveUp(new TimeoutException("a lookup took longer than " + config.lookupTimeout()));
            }
        }

        Future<Void> cut() {
            cuts++;
            DirectConnection late = connection;
            connection = null;
            return late == null ? Future.succeededFuture() : late.cut();
        }
    }
}
