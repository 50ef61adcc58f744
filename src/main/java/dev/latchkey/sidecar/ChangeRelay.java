package dev.latchkey.sidecar;

import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import dev.latchkey.client.Clients;
import dev.latchkey.verification.ChangeFollower;
import dev.latchkey.verification.ChangeSource;
import io.vertx.core.Context;

/**
 * Passes on what a server hears. Called on the feed's thread, after this server's own cache has forgotten and before any
 * later evidence; when a call returns, the change is queued on the event loop of every stream that it concerns.
 * <p>
 * When the feed stands anew, everything may have changed. While it is away nothing needs to be told: no echo carries an
 * age, and what the sidecars hold stays true until the end of their leases.
 */
final class ChangeRelay implements ChangeFollower {

    private final ChangeSource source;
    private final Clients clients;
    private final SidecarCensus census;
    private final int maxStreams;
    private final AtomicInteger open = new AtomicInteger();
    private final List<StreamLoop> loops = new CopyOnWriteArrayList<>();

    ChangeRelay(ChangeSource source, Clients clients, SidecarCensus census, int maxStreams) {
        this.source = source;
        this.clients = clients;
        this.census = census;
        this.maxStreams = maxStreams;
        source.follow(this);
    }

    /** The streams of an event loop. */
    StreamLoop loop(Context context) {
        StreamLoop loop = new StreamLoop(context, source, clients, census, open);
        loops.add(loop);
        return loop;
    }

    /** Takes room for one more stream; false if there is none. */
    boolean take() {
        return open.getAndUpdate(count -> count < maxStreams ? count + 1 : count) < maxStreams;
    }

    /** The room of a stream that did not come about. */
    void giveBack() {
        open.decrementAndGet();
    }

    int open() {
        return open.get();
    }

    @Override
    public void changed(UUID account, Collection<UUID> ids) {
        String text = new StreamMessage.Changed(account, ids).text();
        loops.forEach(loop -> loop.tell(account, text));
    }

    @Override
    public void everythingChanged() {
        String text = new StreamMessage.Everything().text();
        loops.forEach(loop -> loop.tellAll(text));
    }
}
