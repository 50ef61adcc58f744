package dev.latchkey.sidecar;

import java.time.Clock;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;

import org.jboss.logging.Logger;

import com.fasterxml.jackson.databind.ObjectMapper;

import dev.latchkey.client.Clients;
import dev.latchkey.platform.InRole;
import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.LatchkeyConfig.Role;
import dev.latchkey.platform.StartupException;
import dev.latchkey.usage.PostgresUsage;
import dev.latchkey.verification.ChangeSource;
import dev.latchkey.verification.CredentialLookup;
import dev.latchkey.verification.IdentityIssuer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;

/** The listener that serves sidecars, apart from the API: not for the public, and with a port and certificates of its own. */
@ApplicationScoped
public class InternalListener {

    private static final long TIMEOUT_SECONDS = 10;
    private static final int MAX_HEADERS = 8 * 1024;
    /** A nonce is at most 19 characters. */
    private static final int MAX_FRAME = 256;
    private static final int IDLE_SECONDS = 60;
    /** All sidecars of another server may come at once. */
    private static final int BACKLOG = 4_096;
    private static final Logger LOG = Logger.getLogger(InternalListener.class);

    private final Vertx vertx;
    private final LatchkeyConfig config;
    private final Instance<CredentialLookup> lookups;
    private final ChangeSource source;
    private final Instance<IdentityIssuer> issuers;
    private final Clients clients;
    private final PostgresUsage usage;
    private final SidecarCensus census;
    private final ObjectMapper json;
    private final Clock clock;
    private final MeterRegistry registry;
    private String deployment;

    public InternalListener(Vertx vertx, LatchkeyConfig config, @Any Instance<CredentialLookup> lookups, ChangeSource source,
            @Any Instance<IdentityIssuer> issuers, Clients clients, @InRole(Role.SERVER) PostgresUsage usage,
            SidecarCensus census, ObjectMapper json,
            Clock clock, MeterRegistry registry) {
        this.vertx = vertx;
        this.config = config;
        this.lookups = lookups;
        this.source = source;
        this.issuers = issuers;
        this.clients = clients;
        this.usage = usage;
        this.census = census;
        this.json = json;
        this.clock = clock;
        this.registry = registry;
    }

    void start(@Observes StartupEvent event) {
        if (config.role() != Role.SERVER || config.internal().port().isEmpty()) {
            return;
        }
        int port = config.internal().port().get();
        ChangeRelay relay = new ChangeRelay(source, clients, census, config.internal().maxStreams());
        Gauge.builder("latchkey.sidecar.streams", relay, ChangeRelay::open).description("Sidecars that are told of changes")
                .register(registry);
        CredentialLookup lookup = InRole.Literal.choose(lookups, Role.SERVER);
        InternalApi.Parts parts = new InternalApi.Parts(new SidecarClients(clients), new LookupDoor(lookup, source, registry),
                new IdentityDoor(lookup, InRole.Literal.choose(issuers, Role.SERVER), clock), relay, census, usage,
                new AtomicInteger(), json, clock);
        HttpServerOptions options = options(config.internal(), port);
        DeploymentOptions instances = new DeploymentOptions().setInstances(Runtime.getRuntime().availableProcessors());
        try {
            deployment = await(vertx.deployVerticle(() -> new InternalApi(options, parts), instances));
        } catch (ExecutionException | TimeoutException e) {
            throw new StartupException("sidecars cannot be served on " + options.getHost() + ":" + port
                    + ": check latchkey.internal.host, latchkey.internal.port and latchkey.internal.tls: " + e.getMessage(), e);
        }
        LOG.infof("Sidecars are served on %s:%d%s", options.getHost(), port, options.isSsl() ? " (TLS)" : "");
    }

    static HttpServerOptions options(LatchkeyConfig.Internal config, int port) {
        HttpServerOptions options = new HttpServerOptions().setHost(config.host()).setPort(port)
                .setMaxHeaderSize(MAX_HEADERS).setIdleTimeout(IDLE_SECONDS).setAcceptBacklog(BACKLOG)
                .setHttp2ClearTextEnabled(false)
                .setMaxWebSocketFrameSize(MAX_FRAME).setMaxWebSocketMessageSize(MAX_FRAME)
                .setPerFrameWebSocketCompressionSupported(false).setPerMessageWebSocketCompressionSupported(false);
        config.tls().certificate().ifPresent(certificate -> options.setSsl(true).setUseAlpn(false)
                .setKeyCertOptions(new PemKeyCertOptions().addCertPath(certificate.toString())
                        .addKeyPath(config.tls().key().orElseThrow().toString())));
        config.tls().clientCa().ifPresent(authority -> options.setClientAuth(ClientAuth.REQUEST)
                .setTrustOptions(new PemTrustOptions().addCertPath(authority.toString())));
        return options;
    }

    /** At a stop first of all, so that sidecars go elsewhere at once. */
    void stop(@Observes ShutdownEvent event) {
        if (deployment == null) {
            return;
        }
        try {
            await(vertx.undeploy(deployment));
        } catch (ExecutionException | TimeoutException e) {
            LOG.debugf("The listener for sidecars was not closed: %s", e.toString());
        }
    }

    private static <T> T await(Future<T> future) throws ExecutionException, TimeoutException {
        try {
            return future.toCompletionStage().toCompletableFuture().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TimeoutException("interrupted");
        }
    }
}
