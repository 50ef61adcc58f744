package dev.latchkey.platform.database;

import java.time.Duration;
import java.util.function.Supplier;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.LatchkeyConfig;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;

/**
 * The one way to work on the database through Hibernate Reactive: a session, a time-out, and a transaction where one writes.
 */
@ApplicationScoped
public class Transactions {

    private final Duration timeout;

    public Transactions(LatchkeyConfig config) {
        this.timeout = config.database().timeout();
    }

    /** Commits if the work succeeds, rolls back if it fails. */
    public <T> Uni<T> write(Supplier<Uni<T>> work) {
        return bounded(Panache.withTransaction(work));
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
