package dev.latchkey.gateway.proxy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;

import org.jboss.logging.Logger;

import dev.latchkey.gateway.Decision.Allowed;
import dev.latchkey.gateway.Gateway;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;

/**
 * What goes on at the reverse proxy on one event loop, and whether it still may.
 * <p>
 * A request was judged once, but an exchange may last: a WebSocket, a stream of events, a long download. Every {@link #TICK_MS}
 * each is judged again, from memory as long as the lease is held. When it must be asked and there is no answer within
 * {@link #PATIENCE_MS}, the exchange ends too: nobody can say that its token still holds. An answer from memory is at most 1.5
 * s
 * old (the longest lease), so with both of these an exchange outlives its token by less than 2 s.
 * <p>
 * Bounded by the connections; at most {@link #MAX_ASKED} questions are under way, others wait for theirs.
 */
final class OpenExchanges {

    static final int TICK_MS = 100;
    static final int PATIENCE_MS = 300;
    private static final int MAX_ASKED = 256;
    private static final Logger LOG = Logger.getLogger(OpenExchanges.class);

    /** An exchange, whatever it is carried by. */
    abstract static class Exchange {

        private final Allowed allowed;
        private final String address;
        private final long beganNanos = System.nanoTime();
        private long confirmedNanos = beganNanos;
        private long activeNanos = beganNanos;
        private boolean asked;
        private boolean gone;

        /** @param address the client's */
        Exchange(Allowed allowed, String address) {
            this.allowed = allowed;
            this.address = address;
        }

        final Allowed allowed() {
            return allowed;
        }

        /** Something passed. */
        final void active() {
            activeNanos = System.nanoTime();
        }

        /** Ends it, because its token does not hold any more. */
        abstract void refuse();

        /** Ends it, because it takes too long. */
        abstract void timeOut();
    }

    private final Vertx vertx;
    private final Gateway gateway;
    private final long idleNanos;
    private final long totalNanos;
    private final Set<Exchange> open = new HashSet<>();
    private final Queue<Exchange> waiting = new ArrayDeque<>();
    private int underWay;
    private volatile int count;

    /** @param totalNanos 0: no limit */
    OpenExchanges(Vertx vertx, Gateway gateway, long idleNanos, long totalNanos) {
        this.vertx = vertx;
        this.gateway = gateway;
        this.idleNanos = idleNanos;
        this.totalNanos = totalNanos;
        vertx.setPeriodic(TICK_MS, ignored -> judgeAll());
    }

    void add(Exchange exchange) {
        open.add(exchange);
        count = open.size();
    }

    void remove(Exchange exchange) {
        exchange.gone = true;
        open.remove(exchange);
        count = open.size();
    }

    /** May be asked on any thread. */
    int size() {
        return count;
    }

    private void judgeAll() {
        long now = System.nanoTime();
        for (Exchange exchange : new ArrayList<>(open)) {
            if (now - exchange.activeNanos > idleNanos || totalNanos > 0 && now - exchange.beganNanos > totalNanos) {
                end(exchange, exchange::timeOut);
            } else if (exchange.allowed.token().isPresent()) {
                try {
                    judge(exchange, now);
                } catch (RuntimeException e) {
                    LOG.error("An exchange could not be judged again, and is ended", e);
                    end(exchange, exchange::refuse);
                }
            }
        }
    }

    private void judge(Exchange exchange, long now) {
        Optional<Boolean> still = gateway.stillAllows(exchange.allowed, exchange.address);
        if (still.isPresent()) {
            decide(exchange, still.get());
        } else if (now - exchange.confirmedNanos > PATIENCE_MS * 1_000_000L) {
            end(exchange, exchange::refuse);
        } else if (!exchange.asked) {
            exchange.asked = true;
            waiting.add(exchange);
            askNext();
        }
    }

    private void askNext() {
        while (underWay < MAX_ASKED && !waiting.isEmpty()) {
            Exchange exchange = waiting.remove();
            if (exchange.gone) {
                continue;
            }
            underWay++;
            Context context = vertx.getOrCreateContext();
            Uni.createFrom().deferred(() -> gateway.askAgain(exchange.allowed, exchange.address)).subscribe().with(
                    still -> context.runOnContext(ignored -> answered(exchange, Optional.of(still))),
                    failure -> context.runOnContext(ignored -> answered(exchange, Optional.empty())));
        }
    }

    private void answered(Exchange exchange, Optional<Boolean> still) {
        underWay--;
        exchange.asked = false;
        if (!exchange.gone) {
            still.ifPresent(holds -> decide(exchange, holds));
        }
        askNext();
    }

    private void decide(Exchange exchange, boolean holds) {
        if (holds) {
            exchange.confirmedNanos = System.nanoTime();
        } else {
            end(exchange, exchange::refuse);
        }
    }

    private void end(Exchange exchange, Runnable how) {
        remove(exchange);
        try {
            how.run();
        } catch (RuntimeException e) {
            LOG.error("An exchange could not be ended in order", e);
        }
    }
}
