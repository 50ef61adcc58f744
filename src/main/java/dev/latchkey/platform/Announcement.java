package dev.latchkey.platform;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

import io.smallrye.mutiny.Uni;

/**
 * Something that happened, told by a feature as a CDI event inside the transaction in which it happens. Features
 * that want to write it down observe it and {@link #enlist} their work: a CDI observer cannot return a {@link Uni},
 * and must not block.
 */
public abstract class Announcement {

    private final List<Supplier<Uni<Void>>> work = new ArrayList<>();

    /** Adds work to be done in the same transaction, after all observers were told; its failure fails the transaction. */
    public final void enlist(Supplier<Uni<Void>> item) {
        work.add(item);
    }

    /**
     * The tokens, sessions, users, roles and accounts that verification must judge anew when this is committed:
     * none, unless an announcement says otherwise.
     */
    public Set<UUID> changed() {
        return Set.of();
    }

    /** Does what was enlisted, in order. */
    final Uni<Void> carryOut() {
        Uni<Void> all = Uni.createFrom().voidItem();
        for (Supplier<Uni<Void>> item : work) {
            all = all.chain(item::get);
        }
        return all;
    }
}
