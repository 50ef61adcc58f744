package dev.latchkey.platform.database;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Committed;
import dev.latchkey.platform.LatchkeyConfig;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.common.vertx.ContextLocals;
import io.smallrye.mutiny.Uni;

/**
 * The one way to work on the database through Hibernate Reactive: a session, a time-out, and a transaction where
 * one writes.
 */
@ApplicationScoped
public class Transactions {

    private static final String CHANGED = "latchkey.changed";

    private final Duration timeout;
    private final Event<Committed> committed;

    public Transactions(LatchkeyConfig config, Event<Committed> committed) {
        this.timeout = config.database().timeout();
        this.committed = committed;
    }

    /** Commits if the work succeeds, rolls back if it fails. What it noted as changed is told after the commit. */
    public <T> Uni<T> write(Supplier<Uni<T>> work) {
        return bounded(Uni.createFrom().deferred(() -> {
            Set<UUID> changed = new HashSet<>();
            ContextLocals.put(CHANGED, changed);
            return Panache.withTransaction(work).invoke(() -> {
                if (!changed.isEmpty()) {
                    committed.fire(new Committed(changed));
                }
            });
        }));
    }

    /** Sees what would come of some work, and undoes it. */
    public <T> Uni<T> trial(Supplier<Uni<T>> work) {
        return bounded(Panache.withSession(() -> Panache.getSession().chain(session -> session.withTransaction(transaction -> {
            transaction.markForRollback();
            return work.get();
        }))));
    }

    /** Within {@link #write}: these change with its commit, in a way that matters to verification. */
    public static void noteChanged(Set<UUID> ids) {
        if (!ids.isEmpty()) {
            ContextLocals.<Set<UUID>> get(CHANGED).orElseThrow().addAll(ids);
        }
    }

    /** Reads without a transaction of its own. */
    public <T> Uni<T> read(Supplier<Uni<T>> work) {
        return bounded(Panache.withSession(work));
    }

    private <T> Uni<T> bounded(Uni<T> work) {
        return work.ifNoItem().after(timeout)
                .failWith(() -> ApiException.unavailable("the database does not answer at the moment: try again"));
    }
}
