package dev.latchkey.audit;

import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;

import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;

import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.Times;
import dev.latchkey.platform.database.Transactions;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.mutiny.Uni;

/** Makes the parts of the event log for the months to come, and drops those that are kept no longer. */
@ApplicationScoped
public class EventLogMonths {

    /** Of this month and the next two: so that a service that is stopped for a month finds its part. */
    private static final int AHEAD = 2;

    private static final String MAKE = "SELECT latchkey_event_log_month(cast(:month AS date))";
    private static final String FORGET = "SELECT latchkey_event_log_forget(:before)";
    private static final Logger LOG = Logger.getLogger(EventLogMonths.class);

    private final Transactions transactions;
    private final Optional<Integer> keptMonths;
    private final boolean hasDatabase;
    private final Clock clock;

    public EventLogMonths(Transactions transactions, LatchkeyConfig config, Clock clock) {
        this.transactions = transactions;
        this.keptMonths = config.eventLog().retentionMonths();
        this.hasDatabase = config.role() == LatchkeyConfig.Role.SERVER;
        this.clock = clock;
    }

    @Scheduled(every = "1h", delayed = "10s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    Uni<Void> keep() {
        if (!hasDatabase) {
            return Uni.createFrom().voidItem();
        }
        LocalDate today = LocalDate.ofInstant(Times.now(clock), ZoneOffset.UTC);
        Uni<Void> made = Uni.createFrom().voidItem();
        for (int ahead = 0; ahead <= AHEAD; ahead++) {
            LocalDate month = today.withDayOfMonth(1).plusMonths(ahead);
            made = made.chain(() -> transactions.write(() -> Panache.getSession()
                    .chain(session -> session.createNativeQuery(MAKE, Boolean.class).setParameter("month", month)
                            .getSingleResult())))
                    .replaceWithVoid();
        }
        return keptMonths.isEmpty() ? made
                : made.chain(() -> forget(today.minusMonths(keptMonths.get()).atStartOfDay(ZoneOffset.UTC).toInstant()));
    }

    /** One after the other, each in a transaction of its own. */
    private Uni<Void> forget(Instant before) {
        return transactions.write(() -> Panache.getSession()
                .chain(session -> session.createNativeQuery(FORGET, String.class).setParameter("before", before)
                        .getSingleResultOrNull()))
                .chain(part -> {
                    if (part == null) {
                        return Uni.createFrom().voidItem();
                    }
                    LOG.infof("The event log of a month that is kept no longer was dropped: %s", part);
                    return forget(before);
                });
    }
}
