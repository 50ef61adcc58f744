package dev.latchkey.sidecar;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;

import dev.latchkey.verification.Enforcers;
import io.quarkus.arc.InjectableInstance;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * How many sidecars each account has, at all servers together: rate limits are divided among them. Each server writes how many
 * are connected to it, and reads how many are connected to those that live. Bounded by the streams that a server may have.
 */
@ApplicationScoped
public class SidecarCensus {

    /** What a sidecar is told with each answer: how many there are, itself included. */
    static final CharSequence HEADER = "Latchkey-Sidecars";

    /** By the primary key, and the index sidecar_count_server. A server whose row is not there yet writes the next time. */
    private static final String WRITE = """
            WITH here AS (
                SELECT n.account_id, n.sidecars FROM unnest($2::uuid[], $3::int[]) AS n (account_id, sidecars)
                JOIN account a ON a.id = n.account_id JOIN server s ON s.id = $1
            ), gone AS (
                DELETE FROM sidecar_count WHERE server_id = $1 AND account_id <> ALL ($2)
            )
            INSERT INTO sidecar_count (account_id, server_id, sidecars) SELECT account_id, $1, sidecars FROM here
            ON CONFLICT (account_id, server_id) DO UPDATE SET sidecars = excluded.sidecars
            WHERE sidecar_count.sidecars <> excluded.sidecars
            """;
    /** By the primary keys. */
    private static final String READ = """
            SELECT c.account_id, sum(c.sidecars) FROM sidecar_count c JOIN server s ON s.id = c.server_id
            WHERE c.account_id = ANY ($2) AND (s.id = $1 OR s.heartbeat_at > clock_timestamp() - interval '3 s')
            GROUP BY c.account_id
            """;
    private static final Logger LOG = Logger.getLogger(SidecarCensus.class);

    private final InjectableInstance<Pool> pool;
    private final UUID server;
    /** Streams of each account here. */
    private final ConcurrentMap<UUID, Integer> here = new ConcurrentHashMap<>();
    private volatile Map<UUID, Long> everywhere = Map.of();
    private boolean hasWritten;
    private boolean isFailureTold;

    public SidecarCensus(InjectableInstance<Pool> pool, Enforcers enforcers) {
        this.pool = pool;
        this.server = enforcers.id();
    }

    void came(UUID account) {
        here.merge(account, 1, Integer::sum);
    }

    void went(UUID account) {
        here.computeIfPresent(account, (id, count) -> count == 1 ? null : count - 1);
    }

    /** How many sidecars an account has, 1 or more; while the database does not answer, what was last known. */
    long of(UUID account) {
        return Math.max(1, Math.max(everywhere.getOrDefault(account, 0L), here.getOrDefault(account, 0)));
    }

    @Scheduled(every = "2s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    Uni<Void> count() {
        Map<UUID, Integer> counts = new HashMap<>(here);
        if (counts.isEmpty() && !hasWritten) {
            return Uni.createFrom().voidItem();
        }
        UUID[] accounts = counts.keySet().toArray(UUID[]::new);
        Integer[] sidecars = counts.values().toArray(Integer[]::new);
        return pool.get().preparedQuery(WRITE).execute(Tuple.of(server, accounts, sidecars))
                .chain(() -> pool.get().preparedQuery(READ).execute(Tuple.of(server, accounts)))
                .invoke(rows -> {
                    Map<UUID, Long> found = new HashMap<>();
                    for (Row row : rows) {
                        found.put(row.getUUID(0), row.getLong(1));
                    }
                    everywhere = Map.copyOf(found);
                    hasWritten = !counts.isEmpty();
                })
                .invoke(() -> isFailureTold = false)
                .onFailure().invoke(failure -> {
                    if (!isFailureTold) {
                        isFailureTold = true;
                        LOG.warnf("Sidecars cannot be counted; rate limits are divided by the last number that is known: %s",
                                failure.toString());
                    }
                })
                .onFailure().recoverWithNull().replaceWithVoid();
    }
}
