package dev.latchkey.usage;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

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
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * Counts the use of tokens in memory, off the request's path, and writes it every ten seconds in one statement for each
 * table; at a graceful stop too. A process that is killed loses what it counted since the last time.
 * <p>
 * Bounded: at most {@link #MAX_ENTRIES} tokens, hours and outcomes are held; when it is full, because the database does not
 * take them, further uses of tokens that are not yet among them are dropped and counted in
 * {@code latchkey.usage.dropped}.
 */
@ApplicationScoped
public class UsageRecorder implements VerificationListener {

    static final int MAX_ENTRIES = 100_000;
    /** Rows in one statement; more are written in several. */
    private static final int BATCH = 10_000;
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);
    private static final Logger LOG = Logger.getLogger(UsageRecorder.class);

    /**
     * Locks the tokens against deletion, so that none of them can fail the whole batch. Ordered, so that two servers that
     * write the same tokens do not wait for each other in a circle.
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

    private record Key(UUID tokenId, Instant hour, String outcome) {
    }

    /** What was counted for a key; immutable, so that a flush takes a consistent one. */
    private record Uses(long count, Instant last, String address) {
        Uses plus(Uses other) {
            return new Uses(count + other.count, other.last.isBefore(last) ? last : other.last,
                    other.last.isBefore(last) ? address : other.address);
        }
    }

    private final Map<Key, Uses> counted = new ConcurrentHashMap<>();
    private final InjectableInstance<Pool> pool;
    private final Duration timeout;
    private final boolean hasDatabase;
    private final Counter dropped;

    public UsageRecorder(InjectableInstance<Pool> pool, LatchkeyConfig config, MeterRegistry metrics) {
        this.pool = pool;
        this.timeout = config.database().timeout();
        this.hasDatabase = config.role() == LatchkeyConfig.Role.SERVER;
        this.dropped = Counter.builder("latchkey.usage.dropped").description("Uses of tokens that were not recorded")
                .register(metrics);
        metrics.gauge("latchkey.usage.backlog", counted, Map::size);
    }

    @Override
    public void judged(UUID tokenId, String outcome, String address, Instant at) {
        Key key = new Key(tokenId, at.truncatedTo(ChronoUnit.HOURS), outcome);
        if (counted.size() >= MAX_ENTRIES && !counted.containsKey(key)) {
            dropped.increment();
            return;
        }
        counted.merge(key, new Uses(1, at, address), Uses::plus);
    }

    @Scheduled(every = "10s", delayed = "10s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    Uni<Void> flush() {
        if (!hasDatabase || counted.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        List<Map.Entry<Key, Uses>> batch = take();
        return write(batch)
                .chain(() -> batch.size() == BATCH ? flush() : Uni.createFrom().voidItem())
                .onFailure().invoke(failure -> {
                    LOG.warnf("The use of tokens cannot be written, and is kept for the next time: %s", failure.toString());
                    batch.forEach(entry -> counted.merge(entry.getKey(), entry.getValue(), Uses::plus));
                })
                .onFailure().recoverWithNull();
    }

    private List<Map.Entry<Key, Uses>> take() {
        List<Map.Entry<Key, Uses>> batch = new ArrayList<>();
        for (Key key : counted.keySet()) {
            Uses uses = counted.remove(key);
            if (uses != null) {
                batch.add(Map.entry(key, uses));
            }
            if (batch.size() == BATCH) {
                break;
            }
        }
        return batch;
    }

    private Uni<Void> write(List<Map.Entry<Key, Uses>> batch) {
        Map<UUID, Uses> last = new ConcurrentHashMap<>();
        batch.stream().filter(entry -> entry.getKey().outcome.equals(ALLOWED))
                .forEach(entry -> last.merge(entry.getKey().tokenId, entry.getValue(), Uses::plus));
        List<Map.Entry<UUID, Uses>> lastUsed = List.copyOf(last.entrySet());
        Tuple uses = Tuple.tuple()
                .addArrayOfUUID(lastUsed.stream().map(Map.Entry::getKey).toArray(UUID[]::new))
                .addArrayOfOffsetDateTime(
                        lastUsed.stream().map(entry -> utc(entry.getValue().last)).toArray(OffsetDateTime[]::new))
                .addArrayOfString(lastUsed.stream().map(entry -> entry.getValue().address).toArray(String[]::new));
        Tuple counts = Tuple.tuple()
                .addArrayOfUUID(batch.stream().map(entry -> entry.getKey().tokenId).toArray(UUID[]::new))
                .addArrayOfOffsetDateTime(batch.stream().map(entry -> utc(entry.getKey().hour)).toArray(OffsetDateTime[]::new))
                .addArrayOfString(batch.stream().map(entry -> entry.getKey().outcome).toArray(String[]::new))
                .addArrayOfLong(batch.stream().map(entry -> entry.getValue().count).toArray(Long[]::new));
        return pool.get().withTransaction(connection -> connection.preparedQuery(LAST_USED).execute(uses)
                .chain(() -> connection.preparedQuery(COUNTS).execute(counts)))
                .replaceWithVoid()
                .ifNoItem().after(timeout).fail();
    }

    private static OffsetDateTime utc(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MILLIS).atOffset(ZoneOffset.UTC);
    }

    /** A graceful stop loses nothing: the pool still works, and no request is under way any more. */
    void stop(@Observes ShutdownEvent event) {
        flush().await().atMost(STOP_TIMEOUT);
    }
}
