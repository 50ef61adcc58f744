package dev.latchkey.usage;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import org.jboss.logging.Logger;

import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.verification.VerificationListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.arc.InjectableInstance;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * Counts the use of tokens in memory, off the request's path, and writes it every ten seconds in one statement for each
 * table; at a graceful stop too. A process that is killed loses what it counted since the last time. A count whose commit
 * was not acknowledged, because the connection ended at that moment, may be written twice.
 * <p>
 * Bounded: at most {@link #MAX_ENTRIES} tokens, hours and outcomes are held. When it is full, because the database does not
 * take them or more tokens than that are used in ten seconds, further uses of tokens that are not yet among them are
 * dropped and counted in {@code latchkey.usage.dropped}.
 */
@ApplicationScoped
public class UsageRecorder implements VerificationListener {

    static final int MAX_ENTRIES = 100_000;
    /** Rows in one statement; more are written in several. */
    private static final int BATCH = 10_000;
    private static final long SECONDS_PER_HOUR = 3_600;
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);
    private static final Logger LOG = Logger.getLogger(UsageRecorder.class);

    /**
     * Locks the tokens against deletion, so that none of them can fail the whole batch. Ordered, so that two
     * servers that write the same tokens do not wait for each other in a circle.
     */
    private static final String LAST_USED = """
            WITH used AS (
                SELECT n.* FROM unnest($1::uuid[], $2::timestamptz[], $3::text[]) AS n (token_id, at, ip)
                JOIN personal_access_token t ON t.id = n.token_id ORDER BY t.id FOR KEY SHARE OF t
            )
            INSERT INTO token_usage (token_id, last_used_at, last_used_ip) SELECT token_id, at, ip FROM used
            ON CONFLICT (token_id) DO UPDATE
            SET last_used_at = excluded.last_used_at, last_used_ip = excluded.last_used_ip
            WHERE token_usage.last_used_at < excluded.last_used_at
            """;
    private static final String COUNTS = """
            WITH used AS (
                SELECT n.* FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::bigint[]) AS n (token_id, hour, outcome, uses)
                JOIN personal_access_token t ON t.id = n.token_id ORDER BY t.id, n.hour, n.outcome FOR KEY SHARE OF t
            )
            INSERT INTO token_usage_hourly (token_id, hour, outcome, uses) SELECT token_id, hour, outcome, uses FROM used
            ON CONFLICT (token_id, hour, outcome) DO UPDATE SET uses = token_usage_hourly.uses + excluded.uses
            """;

    /** @param hour since the epoch */
    private record Key(UUID tokenId, long hour, String outcome) {
    }

    /** What was counted for a key since it was last taken. */
    private static final class Uses {

        /** The count of one that is not in the map any more, and must not be counted on. */
        private static final long GONE = Long.MIN_VALUE;

        private final AtomicLong count = new AtomicLong();
        private volatile Last last;

        Uses(long millis, String address) {
            this.last = new Last(millis, address);
        }

        /** False if this one is gone. */
        boolean add(long uses, long millis, String address) {
            if (count.getAndUpdate(value -> value == GONE ? GONE : value + uses) == GONE) {
                return false;
            }
            if (last.millis < millis) {
                last = new Last(millis, address);
            }
            return true;
        }

        /** What was counted; from now on it starts at nothing. */
        long take() {
            return count.getAndUpdate(value -> value == GONE ? GONE : 0);
        }

        /** Gone, if nothing was counted since {@link #take}. */
        boolean end() {
            return count.compareAndSet(0, GONE);
        }
    }

    /** @param millis since the epoch */
    private record Last(long millis, String address) {
    }

    /** A count that is being written. */
    private record Taken(Key key, long count, Last last) {
    }

    private final Map<Key, Uses> counted = new ConcurrentHashMap<>();
    /** The last flush, which may still be under way at a stop. */
    private volatile CompletableFuture<Void> writing = CompletableFuture.completedFuture(null);
    private final InjectableInstance<Pool> pool;
    private final boolean hasDatabase;
    private final Counter dropped;

    public UsageRecorder(InjectableInstance<Pool> pool, LatchkeyConfig config, MeterRegistry metrics) {
        this.pool = pool;
        this.hasDatabase = config.role() == LatchkeyConfig.Role.SERVER;
        this.dropped = Counter.builder("latchkey.usage.dropped").description("Uses of tokens that were not recorded")
                .register(metrics);
        metrics.gauge("latchkey.usage.backlog", counted, Map::size);
    }

    @Override
    public void judged(UUID tokenId, String outcome, String address, Instant at) {
        add(new Key(tokenId, Math.floorDiv(at.getEpochSecond(), SECONDS_PER_HOUR), outcome), 1, at.toEpochMilli(), address);
    }

    private void add(Key key, long uses, long millis, String address) {
        while (true) {
            Uses known = counted.get(key);
            if (known == null) {
                if (counted.size() >= MAX_ENTRIES) {
                    dropped.increment(uses);
                    return;
                }
                known = counted.computeIfAbsent(key, ignored -> new Uses(millis, address));
            }
            if (known.add(uses, millis, address)) {
                return;
            }
        }
    }

    @Scheduled(every = "10s", delayed = "10s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    Uni<Void> flush() {
        if (!hasDatabase || counted.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        writing = writeFrom(take(), 0).onFailure().recoverWithNull().subscribeAsCompletionStage();
        return Uni.createFrom().completionStage(writing);
    }

    /** All that was counted since the last time, taken once: what is used while it is written waits for the next. */
    private List<Taken> take() {
        List<Taken> all = new ArrayList<>();
        counted.forEach((key, uses) -> {
            long count = uses.take();
            if (count > 0) {
                all.add(new Taken(key, count, uses.last));
            } else if (uses.end()) {
                // Not used since the last time.
                counted.remove(key, uses);
            }
        });
        return all;
    }

    private Uni<Void> writeFrom(List<Taken> all, int first) {
        if (first >= all.size()) {
            return Uni.createFrom().voidItem();
        }
        int end = Math.min(first + BATCH, all.size());
        return write(all.subList(first, end))
                .onFailure().invoke(failure -> {
                    LOG.warnf("The use of tokens cannot be written, and is kept for the next time: %s", failure.toString());
                    all.subList(first, all.size())
                            .forEach(taken -> add(taken.key, taken.count, taken.last.millis, taken.last.address));
                })
                .chain(() -> writeFrom(all, end));
    }

    private Uni<Void> write(List<Taken> batch) {
        Map<UUID, Last> last = new HashMap<>();
        batch.stream().filter(taken -> taken.key.outcome.equals(ALLOWED))
                .forEach(taken -> last.merge(taken.key.tokenId, taken.last,
                        (one, other) -> one.millis < other.millis ? other : one));
        List<Map.Entry<UUID, Last>> lastUsed = List.copyOf(last.entrySet());
        Tuple uses = Tuple.tuple()
                .addArrayOfUUID(lastUsed.stream().map(Map.Entry::getKey).toArray(UUID[]::new))
                .addArrayOfOffsetDateTime(
                        lastUsed.stream().map(entry -> utc(entry.getValue().millis)).toArray(OffsetDateTime[]::new))
                .addArrayOfString(lastUsed.stream().map(entry -> entry.getValue().address).toArray(String[]::new));
        Tuple counts = Tuple.tuple()
                .addArrayOfUUID(batch.stream().map(taken -> taken.key.tokenId).toArray(UUID[]::new))
                .addArrayOfOffsetDateTime(batch.stream().map(taken -> utc(taken.key.hour * SECONDS_PER_HOUR * 1_000))
                        .toArray(OffsetDateTime[]::new))
                .addArrayOfString(batch.stream().map(taken -> taken.key.outcome).toArray(String[]::new))
                .addArrayOfLong(batch.stream().map(Taken::count).toArray(Long[]::new));
        return pool.get().withTransaction(connection -> connection.preparedQuery(LAST_USED).execute(uses)
                .chain(() -> connection.preparedQuery(COUNTS).execute(counts)))
                // No time-out around it, which would not end the transaction: it could be written, and counted again. Waiting for
                // a connection and each statement have their own.
                .replaceWithVoid();
    }

    private static OffsetDateTime utc(long millis) {
        return Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC);
    }

    /** A graceful stop loses nothing: the pool still works, and no request is under way any more. */
    void stop(@Observes ShutdownEvent event) {
        try {
            Uni.createFrom().completionStage(writing).chain(this::flush).await().atMost(STOP_TIMEOUT);
        } catch (TimeoutException e) {
            LOG.errorf("The database did not take the use of tokens within %s: the latest counts are lost", STOP_TIMEOUT);
        }
    }
}
