package dev.latchkey.sidecar;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;

import dev.latchkey.platform.InRole;
import dev.latchkey.platform.LatchkeyConfig.Role;
import dev.latchkey.sidecar.ServerConnections.Exchange;
import dev.latchkey.usage.TokenUse;
import dev.latchkey.usage.UsageSink;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.Vertx;

/**
 * Reports counts to a server. What was perhaps taken, because the answer did not come, is reported again and may be counted
 * twice.
 */
@ApplicationScoped
@InRole(Role.SIDECAR)
public class ServerUsage implements UsageSink {

    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final Logger LOG = Logger.getLogger(ServerUsage.class);

    private final Vertx vertx;
    private final SidecarLink link;

    public ServerUsage(Vertx vertx, SidecarLink link) {
        this.vertx = vertx;
        this.link = link;
    }

    @Override
    public int most() {
        return UsageMessages.MOST;
    }

    @Override
    public Uni<Void> write(List<TokenUse> batch) {
        return Uni.createFrom().<Void> emitter(emitter -> link.context().runOnContext(ignored -> report(batch, emitter)))
                // Once more, of another server.
                .onFailure().retry().atMost(1);
    }

    private void report(List<TokenUse> batch, UniEmitter<? super Void> emitter) {
        Optional<Server> server = link.servers().best();
        if (server.isEmpty()) {
            emitter.fail(new IllegalStateException("no server is known yet"));
            return;
        }
        Exchange exchange = link.connections().post(server.get(), InternalApi.USAGE,
                UsageMessages.report(batch).toBuffer());
        long timer = vertx.setTimer(TIMEOUT.toMillis(),
                ignored -> exchange.giveUp(new TimeoutException("no answer within " + TIMEOUT)));
        exchange.answer().onComplete(done -> {
            vertx.cancelTimer(timer);
            if (done.failed()) {
                link.servers().failed(server.get());
                emitter.fail(done.cause());
            } else if (done.result().status() == 400) {
                LOG.errorf("A server does not understand how tokens were used: %d counts are dropped", batch.size());
                emitter.complete(null);
            } else if (done.result().status() == 204) {
                emitter.complete(null);
            } else {
                link.servers().failed(server.get());
                emitter.fail(new IllegalStateException("status " + done.result().status()));
            }
        });
    }
}
