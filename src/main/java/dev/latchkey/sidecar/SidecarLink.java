package dev.latchkey.sidecar;

import java.util.List;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;

import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.LatchkeyConfig.Role;
import dev.latchkey.verification.ChangeListener;
import dev.latchkey.verification.Enforcers;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;

/** What a sidecar has of servers: one event loop, on which everything between them and it runs, and one stream. */
@ApplicationScoped
public class SidecarLink {

    private final Vertx vertx;
    private final LatchkeyConfig config;
    private final ChangeListener listener;
    private final Enforcers enforcers;
    private final MeterRegistry registry;
    private Context context;
    private Servers servers;
    private ServerConnections connections;
    private ChangeStream stream;
    private ServerQueue lookups;

    public SidecarLink(Vertx vertx, LatchkeyConfig config, ChangeListener listener, Enforcers enforcers,
            MeterRegistry registry) {
        this.vertx = vertx;
        this.config = config;
        this.listener = listener;
        this.enforcers = enforcers;
        this.registry = registry;
    }

    /** Before anybody can ask. */
    void start(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) StartupEvent event) {
        if (config.role() == Role.SIDECAR) {
            start();
        }
    }

    void start() {
        context = ((VertxInternal) vertx).createEventLoopContext();
        servers = new Servers(vertx, context, config.server().url().orElse(List.of()));
        connections = new ServerConnections(vertx, config.server(), enforcers);
        stream = new ChangeStream(vertx, servers, connections, listener);
        lookups = new ServerQueue(vertx, context, servers, connections, listener);
        FunctionCounter.builder("latchkey.server.streams", stream, ChangeStream::begun)
                .description("Streams of changes that have begun: each after the first is a fail-over").register(registry);
        FunctionCounter.builder("latchkey.server.requests.failed", lookups, ServerQueue::failures)
                .description("Requests that a server did not answer, and another was asked").register(registry);
        context.runOnContext(ignored -> {
            servers.start();
            stream.start();
        });
    }

    /** The stream only: what was counted is still reported. */
    void stop(@Observes ShutdownEvent event) {
        if (stream != null) {
            context.runOnContext(ignored -> stream.stop());
        }
    }

    ServerQueue lookups() {
        return lookups;
    }

    ChangeStream stream() {
        return stream;
    }

    Context context() {
        return context;
    }

    Servers servers() {
        return servers;
    }

    ServerConnections connections() {
        return connections;
    }

    /** Whether a stream stands, or lookups are answered all the same. */
    boolean works() {
        return stream.stands() || lookups.works();
    }
}
