package dev.latchkey.gateway.door;

import java.util.HashMap;
import java.util.Map;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import org.jboss.logging.Logger;

import dev.latchkey.gateway.Decision.Refused;
import dev.latchkey.gateway.DecisionMetrics;
import dev.latchkey.gateway.Gateway;
import dev.latchkey.gateway.Listeners;
import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.http.ClientAddress;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.grpc.server.GrpcServer;

/**
 * The listener of the doors for proxies that ask. It is not the one of the API, which is for everybody, and nothing stands in a
 * request's way but the door: no router, no filter. HTTP/1.1, HTTP/2 without TLS and gRPC come on the same port.
 */
@ApplicationScoped
public class GatewayListener {

    private static final Logger LOG = Logger.getLogger(GatewayListener.class);

    /** What a proxy adds to the longest line and headers that it lets through itself. */
    private static final int MAX_LINE = 16 * 1024;
    private static final int MAX_HEADERS = 64 * 1024;
    /** Longer than proxies keep connections that they do not use. Of reading alone: to watch each write costs more. */
    private static final int IDLE_SECONDS = 120;
    private static final Refused NO_DOOR = Refused.of(404, "NOT_FOUND",
            "there is no door here: see the recipe of your proxy in the documentation", "", 0);

    private final LatchkeyConfig config;
    private final Listeners listeners;
    private final Map<String, Handler<HttpServerRequest>> doors = new HashMap<>();
    private final Handler<HttpServerRequest> envoy;
    private final EnvoyGrpcDoor envoyGrpc;

    public GatewayListener(LatchkeyConfig config, Listeners listeners, Gateway gateway, ClientAddress addresses,
            DecisionMetrics metrics) {
        this.config = config;
        this.listeners = listeners;
        for (Dialect dialect : Dialect.values()) {
            doors.put(dialect.path, new ForwardAuthDoor(dialect, gateway, addresses, metrics));
        }
        this.envoy = new EnvoyHttpDoor(gateway, addresses, metrics);
        this.envoyGrpc = new EnvoyGrpcDoor(gateway, metrics);
    }

    void start(@Observes StartupEvent event) {
        if (config.policy().isEmpty()) {
            return;
        }
        listeners.open("latchkey.gateway.port", new HttpServerOptions().setHost(config.gateway().host())
                .setPort(config.gateway().port()).setMaxInitialLineLength(MAX_LINE).setMaxHeaderSize(MAX_HEADERS)
                .setReadIdleTimeout(IDLE_SECONDS).setHandle100ContinueAutomatically(false), this::dispatcher);
        LOG.infof("The gateway's doors listen on %s:%d", config.gateway().host(), config.gateway().port());
    }

    private Handler<HttpServerRequest> dispatcher() {
        GrpcServer grpc = GrpcServer.server(listeners.vertx());
        envoyGrpc.addTo(grpc);
        return request -> {
            String path = request.path();
            Handler<HttpServerRequest> door = path == null ? null : doors.get(path);
            if (door != null) {
                door.handle(request);
            } else if (path != null && path.startsWith(EnvoyHttpDoor.PREFIX + "/")) {
                envoy.handle(request);
            } else if (EnvoyGrpcDoor.PATH.equals(path)) {
                grpc.handle(request);
            } else {
                DoorAnswer.write(request.response(), NO_DOOR, false);
            }
        };
    }
}
