package dev.latchkey.platform;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;

import dev.latchkey.platform.database.Transactions;
import io.smallrye.mutiny.Uni;

/** Tells {@link Announcement}s to whom they concern. */
@ApplicationScoped
public class Announcer {

    private final Event<Announcement> event;

    public Announcer(Event<Announcement> event) {
        this.event = event;
    }

    /** Tells all observers, then does what they enlisted; part of the transaction that is open. */
    public Uni<Void> announce(Announcement announcement) {
        return Uni.createFrom().deferred(() -> {
            event.fire(announcement);
            Transactions.noteChanged(announcement.changed());
            return announcement.carryOut();
        });
    }
}
