package dev.latchkey.sidecar;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

import org.jboss.logging.Logger;

import dev.latchkey.sidecar.Server.Place;
import io.vertx.core.Context;
import io.vertx.core.Vertx;

/**
 * The servers of a sidecar: each address of each name, in an order of this sidecar's own, so that many sidecars spread over
 * them. Names are resolved again now and then, and at once when a server fails. Touched on one event loop only.
 */
final class Servers {

    /** For so long a server that failed is asked only if no other is left. */
    private static final long SUSPECT_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long RESOLVE_MILLIS = 10_000;
    /** Not more often than this, however much fails. */
    private static final long RESOLVE_PAUSE_NANOS = Duration.ofSeconds(1).toNanos();
    private static final Logger LOG = Logger.getLogger(Servers.class);

    private final Vertx vertx;
    private final Context context;
    private final List<URI> urls;
    private final List<Server> all = new ArrayList<>();
    /** The one whose stream stands; null if there is none. */
    private Server ofStream;
    private boolean isResolving;
    private long resolvedAt = System.nanoTime() - RESOLVE_PAUSE_NANOS;
    private boolean told;

    Servers(Vertx vertx, Context context, List<URI> urls) {
        this.vertx = vertx;
        this.context = context;
        this.urls = List.copyOf(urls);
    }

    /** On the event loop. */
    void start() {
        vertx.setPeriodic(RESOLVE_MILLIS, ignored -> context.runOnContext(now -> resolve()));
        resolve();
    }

    /** The one to ask: the stream's own if it answers; else one that answers; else the one that failed longest ago. */
    Optional<Server> best() {
        long now = System.nanoTime();
        if (ofStream != null && !ofStream.isSuspect(now, SUSPECT_NANOS)) {
            return Optional.of(ofStream);
        }
        return bestAfter(null, now);
    }

    /** The one to connect a stream to, which is another than the former if there is any that answers. */
    Optional<Server> after(Server former) {
        return bestAfter(former, System.nanoTime());
    }

    private Optional<Server> bestAfter(Server former, long now) {
        Server best = null;
        int first = all.indexOf(former) + 1;
        for (int i = 0; i < all.size(); i++) {
            Server server = all.get((first + i) % all.size());
            if (!server.isSuspect(now, SUSPECT_NANOS)) {
                return Optional.of(server);
            }
            if (best == null || server.failedAt() - best.failedAt() < 0) {
                best = server;
            }
        }
        return Optional.ofNullable(best);
    }

    boolean isSuspect(Server server) {
        return server.isSuspect(System.nanoTime(), SUSPECT_NANOS);
    }

    int count() {
        return all.size();
    }

    void failed(Server server) {
        server.failed(System.nanoTime());
        if (System.nanoTime() - resolvedAt > RESOLVE_PAUSE_NANOS) {
            resolve();
        }
    }

    void streamStands(Server server) {
        ofStream = server;
    }

    void streamEnded() {
        ofStream = null;
    }

    boolean isOfStream(Server server) {
        return server == ofStream;
    }

    private void resolve() {
        if (isResolving) {
            return;
        }
        isResolving = true;
        resolvedAt = System.nanoTime();
        // A name server may take its time, and Java waits for it.
        vertx.executeBlocking(this::places, false).onComplete(resolved -> context.runOnContext(ignored -> {
            isResolving = false;
            if (resolved.succeeded()) {
                found(resolved.result());
            }
        }));
    }

    private Set<Place> places() {
        Set<Place> places = new HashSet<>();
        for (URI url : urls) {
            String host = url.getHost().replaceAll("[\\[\\]]", "");
            try {
                for (InetAddress address : InetAddress.getAllByName(host)) {
                    String ip = address.getHostAddress();
                    // An address that was configured as such keeps its spelling, or its own certificate would not name it.
                    places.add(new Place(host, host.indexOf(':') >= 0 ? host : ip, url.getPort(),
                            url.getScheme().equals("https")));
                }
            } catch (UnknownHostException e) {
                LOG.debugf("%s cannot be resolved", host);
            }
        }
        return places;
    }

    /** What a name no longer says is left out; but if nothing can be resolved, what was known stays. */
    private void found(Set<Place> places) {
        if (places.isEmpty()) {
            if (!told) {
                told = true;
                LOG.warnf("None of the servers %s can be resolved", urls);
            }
            return;
        }
        told = false;
        all.removeIf(server -> !places.contains(server.place()));
        List<Place> added = new ArrayList<>(places);
        all.forEach(server -> added.remove(server.place()));
        Collections.shuffle(added, ThreadLocalRandom.current());
        added.forEach(place -> all.add(ThreadLocalRandom.current().nextInt(all.size() + 1), new Server(place)));
    }
}
