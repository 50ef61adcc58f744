package dev.latchkey.sidecar;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.InRole;
import dev.latchkey.platform.LatchkeyConfig.Role;
import dev.latchkey.sidecar.ServerConnections.Exchange;
import dev.latchkey.verification.IdentityIssuer;
import dev.latchkey.verification.VerifiedToken;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;

/** Has a server sign; if it does not answer in time, another, once. */
@ApplicationScoped
@InRole(Role.SIDECAR)
public class ServerIdentityIssuer implements IdentityIssuer {

    private static final Duration TIMEOUT = Duration.ofMillis(500);

    private final Vertx vertx;
    private final SidecarLink link;

    public ServerIdentityIssuer(Vertx vertx, SidecarLink link) {
        this.vertx = vertx;
        this.link = link;
    }

    @Override
    public Uni<SignedIdentity> issue(VerifiedToken token, String audience) {
        return Uni.createFrom()
                .<SignedIdentity> emitter(emitter -> link.context().runOnContext(ignored -> ask(token, audience, emitter)))
                .onFailure().retry().atMost(1);
    }

    private void ask(VerifiedToken token, String audience, UniEmitter<? super SignedIdentity> emitter) {
        Optional<Server> server = link.servers().best();
        if (server.isEmpty()) {
            emitter.fail(ApiException.unavailable("no server is known yet: try again"));
            return;
        }
        Exchange exchange = link.connections().post(server.get(), InternalApi.IDENTITY,
                IdentityDoor.question(token.presented(), audience).toBuffer());
        long timer = vertx.setTimer(TIMEOUT.toMillis(),
                ignored -> exchange.giveUp(new TimeoutException("no answer within " + TIMEOUT)));
        exchange.answer().map(answer -> {
            if (answer.status() != 200) {
                throw ApiException.unavailable("a server did not sign, and answered " + answer.status());
            }
            return IdentityDoor.identity(new JsonObject(answer.body()));
        }).onComplete(done -> {
            vertx.cancelTimer(timer);
            if (done.succeeded()) {
                emitter.complete(done.result());
            } else {
                link.servers().failed(server.get());
                emitter.fail(done.cause());
            }
        });
    }
}
