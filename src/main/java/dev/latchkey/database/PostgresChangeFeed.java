package dev.latchkey.database;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import org.jboss.logging.Logger;

import dev.latchkey.platform.Ids;
import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.database.DatabaseSettings;
import dev.latchkey.verification.ChangeListener;
import dev.latchkey.verification.Enforcers;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;

/**
 * Hears of changes from PostgreSQL, and proves that it hears.
 * <p>
 * One connection listens: to the channel on which the triggers of V3__changes_by_account.sql announce changes, and to one
 * of this server's own. Another one sends, every {@link #BEAT}, a heartbeat to the latter. PostgreSQL delivers
 * notifications in the order of the commits, so a heartbeat that was heard proves that everything committed before
 * it was sent was heard, too.
 * <p>
 * The heartbeat writes this server's row in the same transaction, with {@code synchronous_commit = on}. On a
 * primary that was cut off from its synchronous standby, and may have a successor by now, a transaction that writes
 * nothing would succeed, but this one hangs: no heartbeat, no lease.
 * <p>
 * When either connection ends, or no heartbeat is heard for {@link #STALLED}, both are cut and made anew; so are the
 * connections of the lookups, so that all of them end at the same primary. All of this runs on one event loop.
 */
@ApplicationScoped
public class PostgresChangeFeed {

    static final Duration BEAT = Duration.ofMillis(250);
    /**
     * A connection on which nothing arrives is given up. The lease has ended long before; waiting a little costs
     * only lookups.
     */
    private static final Duration STALLED = Duration.ofSeconds(3);
    private static final long FIRST_RETRY_MS = 50;
    private static final long LAST_RETRY_MS = 1_000;
    /** Heartbeats that may yet be heard; older ones would renew nothing. */
    private static final int BEATS_KEPT = 16;
    private static final Duration CLOCK_TOLERANCE = Duration.ofSeconds(1);

    private static final String CHANGES = "latchkey_changes";

    /** By the primary key; counts the other servers in the table, which has a row for each that ran within the last day. */
    private static final String SEND_BEAT = """
            WITH beat AS (
                INSERT INTO server (id, started_at, heartbeat_at) VALUES ($1, $2, clock_timestamp())
                ON CONFLICT (id) DO UPDATE SET heartbeat_at = excluded.heartbeat_at
                RETURNING heartbeat_at
            )
            SELECT heartbeat_at, pg_notify($3, $4),
                   (SELECT count(*) FROM server WHERE id <> $1 AND heartbeat_at > clock_timestamp() - interval '3 s')
            FROM beat
            """;
    /** Reads the whole table, which has a row for each server that ran within the last day. */
    private static final String FORGET_SERVERS = "DELETE FROM server WHERE heartbeat_at < now() - interval '1 day'";

    /**
     * Never statement_timeout: it could end the wait for the standby, and the heartbeat would count as committed. Locks that
     * a heartbeat waits for: its row's, if an earlier one of ours hangs, and the one that PostgreSQL gives to one notifying
     * commit after the other.
     */
    private static final String SESSION = "SET synchronous_commit = on; SET lock_timeout = '500ms'; SET statement_timeout = 0; "
            + "SET idle_session_timeout = 0";

    private static final Logger LOG = Logger.getLogger(PostgresChangeFeed.class);

    private final Vertx vertx;
    private final LatchkeyConfig config;
    private final ChangeListener listener;
    private final LookupConnections lookups;
    private final Enforcers enforcers;
    private final Clock clock;
    private final UUID server;
    private final String ownChannel;

    private Context context;
    private PgConnectOptions options;
    private OffsetDateTime startedAt;
    /** The current pair of connections; null while there is none. */
    private Link link;
    private long retryMillis = FIRST_RETRY_MS;
    private boolean stopped;
    private boolean told;
    private boolean clockTold;
    /** Of heartbeats; never used twice, so that one of a former link that arrives late is not taken for a newer one. */
    private long number;
    private volatile double clockOffset;

    public PostgresChangeFeed(Vertx vertx, LatchkeyConfig config, ChangeListener listener, LookupConnections lookups,
            Enforcers enforcers, Clock clock, MeterRegistry registry) {
        this.vertx = vertx;
        this.config = config;
        this.listener = listener;
        this.lookups = lookups;
        this.enforcers = enforcers;
        this.server = enforcers.id();
        this.ownChannel = "latchkey_beat_" + server.toString().replace("-", "");
        this.clock = clock;
        registry.gauge("latchkey.clock.offset", this, feed -> feed.clockOffset);
    }

    void start(@Observes StartupEvent event) {
        if (config.role() != LatchkeyConfig.Role.SERVER) {
            return;
        }
        startedAt = clock.instant().atOffset(ZoneOffset.UTC);
        options = DirectConnection.options(DatabaseSettings.of(config.database()).reactive());
        context = DirectConnection.newContext(vertx);
        context.runOnContext(ignored -> connect());
    }

    void stop(@Observes ShutdownEvent event) {
        if (context != null) {
            Promise<Void> ended = Promise.promise();
            context.runOnContext(ignored -> {
                stopped = true;
                (link == null ? Future.<Void> succeededFuture() : link.end()).onComplete(ended);
            });
            DirectConnection.awaitAtStop(ended.future());
        }
    }

    private void connect() {
        if (stopped) {
            return;
        }
        Future<DirectConnection> hearing = DirectConnection.connect(vertx, named("latchkey-feed"), SESSION);
        Future<DirectConnection> beating = DirectConnection.connect(vertx, named("latchkey-heartbeat"), SESSION);
        Future.join(hearing, beating).onComplete(both -> {
            if (both.succeeded() && !stopped) {
                Link made = new Link(hearing.result(), beating.result());
                link = made;
                made.listen();
            } else {
                hearing.onSuccess(DirectConnection::cut);
                beating.onSuccess(DirectConnection::cut);
                retry(both.cause());
            }
        });
    }

    /** As {@code pg_stat_activity} shows it. */
    private PgConnectOptions named(String application) {
        return new PgConnectOptions(options).addProperty("application_name", application);
    }

    private void retry(Throwable reason) {
        if (stopped) {
            return;
        }
        if (!told) {
            told = true;
            LOG.warnf("Changes are not heard, so every credential is looked up, until the database can be reached again: %s",
                    reason.toString());
        }
        vertx.setTimer(retryMillis, ignored -> connect());
        retryMillis = Math.min(LAST_RETRY_MS, 2 * retryMillis);
    }

    private void lost(Link ended, Throwable reason) {
        if (link != ended || stopped) {
            return;
        }
        link = null;
        listener.disconnected();
        ended.end();
        retry(reason);
    }

    /** {@code account:id,id,…}, {@code id,id,…} from the triggers as V2 left them, or {@code *}. */
    static void hear(String message, ChangeListener listener) {
        if (message.equals("*")) {
            listener.everythingChanged();
            return;
        }
        int colon = message.indexOf(':');
        Optional<UUID> account = colon < 0 ? Optional.empty() : Ids.parse(message.substring(0, colon));
        List<Optional<UUID>> ids = Stream.of(message.substring(colon + 1).split(",")).map(Ids::parse).toList();
        if (colon >= 0 && account.isEmpty() || ids.stream().anyMatch(Optional::isEmpty)) {
            LOG.warnf("A message on %s is not a list of ids: everything is looked up anew", CHANGES);
            listener.everythingChanged();
            return;
        }
        List<UUID> changed = ids.stream().map(Optional::get).toList();
        account.ifPresentOrElse(known -> listener.changed(known, changed), () -> listener.changed(changed));
    }

    /** Expiry goes by this process's clock, so whoever runs it should know that it is wrong. */
    private void compareClocks(Instant sent, Instant atDatabase) {
        // The database's answer lies between sending and now.
        Instant now = clock.instant();
        Duration offset = atDatabase.isBefore(sent) ? Duration.between(atDatabase, sent)
                : atDatabase.isAfter(now) ? Duration.between(atDatabase, now) : Duration.ZERO;
        clockOffset = offset.toNanos() / 1e9;
        boolean wrong = offset.abs().compareTo(CLOCK_TOLERANCE) > 0;
        if (wrong && !clockTold) {
            LOG.warnf("This clock is %.1f s %s the database's: tokens expire that much too %s here", Math.abs(clockOffset),
                    offset.isNegative() ? "behind" : "ahead of", offset.isNegative() ? "late" : "early");
        }
        clockTold = wrong;
    }

    /** A pair of connections, and the heartbeats on their way between them. */
    private final class Link {

        private final DirectConnection hearing;
        private final DirectConnection beating;
        /** When each was sent, by its number. */
        private final Map<String, Long> beats = new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
                return size() > BEATS_KEPT;
            }
        };
        private long provenAt = System.nanoTime();
        private boolean isListening;
        private boolean isBeatUnderWay;
        private boolean isFailureTold;
        private long timer;

        Link(DirectConnection hearing, DirectConnection beating) {
            this.hearing = hearing;
            this.beating = beating;
        }

        void listen() {
            hearing.sql().closeHandler(closed -> lost(this, new IllegalStateException("the connection was closed")));
            beating.sql().closeHandler(closed -> lost(this, new IllegalStateException("the connection was closed")));
            hearing.sql().notificationHandler(message -> {
                if (link == this) {
                    if (message.getChannel().equals(ownChannel)) {
                        Long sent = beats.get(message.getPayload());
                        if (sent != null) {
                            listener.heartbeat(sent);
                            proven();
                        }
                    } else {
                        hear(message.getPayload(), listener);
                    }
                }
            });
            timer = vertx.setPeriodic(BEAT.toMillis(), ignored -> beat());
            hearing.sql().query("LISTEN " + CHANGES + "; LISTEN " + ownChannel).execute()
                    .onFailure(failure -> lost(this, failure))
                    .onSuccess(listening -> lookups.reconnect()
                            .onComplete(cut -> context.runOnContext(ignored -> listening())));
        }

        /** Only now, when no lookup can be answered by a connection that was there before, and may lead elsewhere. */
        private void listening() {
            if (link != this) {
                return;
            }
            listener.connected();
            isListening = true;
            beat();
            beating.sql().query(FORGET_SERVERS).execute()
                    .onFailure(failure -> LOG.warnf("Old rows of servers stay: %s", failure.toString()));
        }

        /** The feed works: heartbeats are sent and heard. */
        private void proven() {
            provenAt = System.nanoTime();
            retryMillis = FIRST_RETRY_MS;
            if (told) {
                told = false;
                LOG.info("Changes are heard again");
            }
        }

        private void beat() {
            if (System.nanoTime() - provenAt > STALLED.toNanos()) {
                lost(this, new IllegalStateException("no heartbeat was heard for " + STALLED));
                return;
            }
            if (isBeatUnderWay || !isListening) {
                return;
            }
            isBeatUnderWay = true;
            String name = Long.toString(++number);
            Instant now = clock.instant();
            long sent = System.nanoTime();
            beats.put(name, sent);
            beating.sql().preparedQuery(SEND_BEAT).execute(Tuple.of(server, startedAt, ownChannel, name))
                    .onComplete(done -> {
                        isBeatUnderWay = false;
                        if (link != this) {
                            return;
                        }
                        if (done.succeeded()) {
                            Row row = done.result().iterator().next();
                            compareClocks(now, row.getOffsetDateTime(0).toInstant());
                            enforcers.found(1 + row.getLong(2));
                        } else {
                            beats.remove(name);
                            if (!isFailureTold) {
                                isFailureTold = true;
                                LOG.warnf("A heartbeat could not be sent: %s", done.cause().toString());
                            }
                        }
                    });
        }

        Future<Void> end() {
            vertx.cancelTimer(timer);
            return Future.join(hearing.cut(), beating.cut()).mapEmpty();
        }
    }
}
