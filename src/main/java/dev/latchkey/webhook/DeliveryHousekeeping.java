package dev.latchkey.webhook;

import java.time.Clock;
import java.time.Duration;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.Times;
import dev.latchkey.platform.database.Transactions;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.mutiny.Uni;

/** Forgets what was told long ago, and looks at what waits. */
@ApplicationScoped
public class DeliveryHousekeeping {

    /** By the index webhook_event_log_settled; a batch each time, so that none takes long. */
    private static final String FORGET_SETTLED = """
            DELETE FROM webhook_event_log WHERE ctid IN (
                SELECT ctid FROM webhook_event_log WHERE status <> 'pending' AND updated_at < :until ORDER BY updated_at LIMIT 10000)
            """;
    /** By the index webhook_event_log_old. What waits for a webhook that is switched off is not kept for ever. */
    private static final String FORGET_HELD = """
            DELETE FROM webhook_event_log WHERE ctid IN (
                SELECT e.ctid FROM webhook_event_log e JOIN webhook w ON w.id = e.webhook_id AND NOT w.active
                WHERE e.status = 'pending' AND e.created_at < :until ORDER BY e.created_at LIMIT 10000)
            """;
    /** Reads ten thousand lanes at most. */
    private static final String WAITING = """
            SELECT count(*), coalesce(extract(epoch FROM now() - min(due_at)), 0)::double precision
            FROM (SELECT due_at FROM webhook_lane LIMIT 10000) AS waiting
            """;

    private final Transactions transactions;
    private final Deliveries deliveries;
    private final Duration retention;
    private final boolean hasDatabase;
    private final Clock clock;

    public DeliveryHousekeeping(Transactions transactions, Deliveries deliveries, LatchkeyConfig config, Clock clock) {
        this.transactions = transactions;
        this.deliveries = deliveries;
        this.retention = config.webhook().retention();
        this.hasDatabase = config.role() == LatchkeyConfig.Role.SERVER;
        this.clock = clock;
    }

    @Scheduled(every = "1m", delayed = "1m", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    Uni<Void> forget() {
        return !hasDatabase ? Uni.createFrom().voidItem() : forget(FORGET_SETTLED).chain(() -> forget(FORGET_HELD));
    }

    private Uni<Void> forget(String sql) {
        return transactions.write(() -> Panache.getSession().chain(session -> session.createNativeQuery(sql)
                .setParameter("until", Times.now(clock).minus(retention)).executeUpdate())).replaceWithVoid();
    }

    @Scheduled(every = "15s", delayed = "15s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    Uni<Void> look() {
        return !hasDatabase ? Uni.createFrom().voidItem()
                : transactions.read(() -> Panache.getSession()
                        .chain(session -> session.createNativeQuery(WAITING, Object.class).getSingleResult()))
                        .map(row -> (Object[]) row)
                        .invoke(row -> deliveries.metrics().waiting(((Number) row[0]).longValue(),
                                Duration.ofMillis((long) Math.max(0, ((Number) row[1]).doubleValue() * 1_000))))
                        .replaceWithVoid();
    }
}
