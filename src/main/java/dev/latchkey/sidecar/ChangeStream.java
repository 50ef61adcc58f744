package dev.latchkey.sidecar;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

import org.jboss.logging.Logger;

import dev.latchkey.verification.ChangeListener;
import io.vertx.core.Vertx;

/**
 * A sidecar's end of its stream: hears of changes from one server, and proves that it hears.
 * <p>
 * Each {@link #BEAT} a nonce goes up. Its echo carries the age of the server's own evidence; what was committed before the
 * nonce was sent, less that age, was heard. When no echo comes for {@link #STALLED}, or the stream ends, it is cut and the
 * next server is connected to at once; when that fails, too, after a pause that grows. A server that has had no evidence
 * itself for {@link #USELESS} is left for another, if there is one. All of it runs on one event loop.
 */
final class ChangeStream {

    static final Duration BEAT = Duration.ofMillis(400);
    /** Also how long a stream may take to begin. */
    static final Duration STALLED = Duration.ofSeconds(1);
    private static final Duration USELESS = Duration.ofSeconds(5);
    private static final long FIRST_RETRY_MS = 50;
    private static final long LAST_RETRY_MS = 1_000;
    /** Nonces whose echo may yet be heard; older ones would renew nothing. */
    private static final int NONCES_KEPT = 16;
    private static final long WATCH_MILLIS = 100;
    private static final Logger LOG = Logger.getLogger(ChangeStream.class);

    private final Vertx vertx;
    private final Servers servers;
    private final ServerConnections connections;
    private final ChangeListener listener;
    /** The current attempt, or the stream that came of it; null while there is none. */
    private Attempt current;
    private Server last;
    private long retryMillis;
    private boolean stopped;
    private boolean told;
    /** Of nonces; never used twice, so that a late echo of a former stream is not taken for a newer one. */
    private long number = ThreadLocalRandom.current().nextLong(1L << 60);
    private volatile boolean stands;
    private volatile long begun;

    ChangeStream(Vertx vertx, Servers servers, ServerConnections connections, ChangeListener listener) {
        this.vertx = vertx;
        this.servers = servers;
        this.connections = connections;
        this.listener = listener;
    }

    /** Whether a stream stands. May be asked by any thread. */
    boolean stands() {
        return stands;
    }

    /** How many streams have begun. May be asked by any thread. */
    long begun() {
        return begun;
    }

    void start() {
        connect();
    }

    void stop() {
        stopped = true;
        if (current != null) {
            current.cut();
        }
    }

    private void connect() {
        if (stopped || current != null) {
            return;
        }
        Optional<Server> server = servers.after(last);
        if (server.isEmpty()) {
            vertx.setTimer(FIRST_RETRY_MS, ignored -> connect());
            return;
        }
        last = server.get();
        current = new Attempt(last);
        current.begin();
    }

    private void lost(Attempt attempt, Throwable reason) {
        if (current != attempt) {
            return;
        }
        current = null;
        attempt.cut();
        servers.failed(attempt.server);
        if (attempt.isHeard) {
            stands = false;
            servers.streamEnded();
            listener.disconnected();
        }
        if (stopped) {
            return;
        }
        LOG.debugf("The stream of %s ended: %s", attempt.server, reason.toString());
        if (!attempt.isProven && !told && retryMillis > FIRST_RETRY_MS) {
            told = true;
            LOG.warnf("Changes are not heard, so every credential is looked up, until a server can be reached again; %s: %s",
                    attempt.server, reason.toString());
        }
        if (retryMillis == 0) {
            // Another one at once, but not all sidecars in the same moment.
            vertx.setTimer(1 + ThreadLocalRandom.current().nextLong(FIRST_RETRY_MS), ignored -> connect());
            retryMillis = FIRST_RETRY_MS;
        } else {
            vertx.setTimer(retryMillis / 2 + ThreadLocalRandom.current().nextLong(retryMillis), ignored -> connect());
            retryMillis = Math.min(LAST_RETRY_MS, 2 * retryMillis);
        }
    }

    /** A stream, from the attempt to connect on. */
    private final class Attempt {

        private final Server server;
        private final Map<String, Long> nonces = new LinkedHashMap<>() {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
                return size() > NONCES_KEPT;
            }
        };
        private StreamSocket socket;
        private long aliveAt = System.nanoTime();
        private long usefulAt = aliveAt;
        private long sentAt;
        private long timer;
        /** Hello was heard: whatever is committed from then on is told. */
        private boolean isHeard;
        /** An echo was heard. */
        private boolean isProven;

        Attempt(Server server) {
            this.server = server;
        }

        void begin() {
            timer = vertx.setPeriodic(WATCH_MILLIS, ignored -> watch());
            connections.connect(server).onFailure(failure -> lost(this, failure)).onSuccess(connected -> {
                if (current != this) {
                    connected.close();
                    return;
                }
                socket = new StreamSocket(connected, server.place(), InternalApi.CHANGES, connections.authorization(),
                        this::hear, failure -> lost(this, failure));
            });
        }

        private void watch() {
            long now = System.nanoTime();
            if (now - aliveAt > STALLED.toNanos()) {
                lost(this, new IllegalStateException("nothing was heard for " + STALLED));
            } else if (isHeard && now - usefulAt > USELESS.toNanos() && servers.count() > 1) {
                lost(this, new IllegalStateException("the server does not hear of changes itself"));
            } else if (isHeard && now - sentAt >= BEAT.toNanos() - WATCH_MILLIS * 500_000) {
                beat(now);
            }
        }

        private void beat(long now) {
            sentAt = now;
            String nonce = Long.toString(++number);
            nonces.put(nonce, now);
            socket.send(nonce);
        }

        private void hear(String text) {
            if (current != this) {
                return;
            }
            Optional<StreamMessage> message = StreamMessage.parse(text);
            if (message.isEmpty()) {
                lost(this, new IllegalStateException("the server said what is no message"));
            } else if (message.get() instanceof StreamMessage.Hello) {
                hello();
            } else if (isHeard) {
                if (message.get() instanceof StreamMessage.Echo echo) {
                    echo(echo);
                } else if (message.get() instanceof StreamMessage.Changed changed) {
                    listener.changed(changed.account(), changed.ids());
                } else {
                    listener.everythingChanged();
                }
            }
        }

        /** Only now: what was committed before the server had registered the stream was perhaps not told. */
        private void hello() {
            if (isHeard) {
                return;
            }
            isHeard = true;
            usefulAt = System.nanoTime();
            aliveAt = usefulAt;
            begun++;
            stands = true;
            servers.streamStands(server);
            listener.connected();
            beat(System.nanoTime());
        }

        private void echo(StreamMessage.Echo echo) {
            Long sent = nonces.remove(echo.nonce());
            if (sent == null) {
                return;
            }
            long now = System.nanoTime();
            if (now - sent < STALLED.toNanos()) {
                // Those that were held back and come in a burst prove nothing of now.
                aliveAt = now;
            }
            server.answered();
            isProven = true;
            retryMillis = 0;
            if (told) {
                told = false;
                LOG.info("Changes are heard again");
            }
            echo.evidence(sent).ifPresent(evidence -> {
                usefulAt = now;
                listener.heartbeat(evidence);
            });
        }

        void cut() {
            vertx.cancelTimer(timer);
            if (socket != null) {
                socket.cut();
            }
        }
    }
}
