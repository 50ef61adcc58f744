package dev.latchkey.sidecar;

import java.io.IOException;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.ObjectMapper;

import dev.latchkey.client.BasicCredentials;
import dev.latchkey.client.Client;
import dev.latchkey.client.Clients;
import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.Settings;
import dev.latchkey.token.TokenDigest;
import dev.latchkey.usage.PostgresUsage;
import dev.latchkey.usage.TokenUse;
import dev.latchkey.verification.CredentialLookup;
import dev.latchkey.verification.Enforcers;
import dev.latchkey.verification.IdentityIssuer;
import dev.latchkey.verification.IdentityIssuer.SignedIdentity;
import dev.latchkey.verification.SessionRecord;
import dev.latchkey.verification.TestVerification;
import dev.latchkey.verification.TokenRecord;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.mutiny.Uni;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

/** A server's end of {@code /internal} on a real port, whose tokens, clients and feed are in a test's hands. */
final class InternalServer implements AutoCloseable {

    static final UUID ACCOUNT = UUID.randomUUID();
    static final UUID CLIENT = UUID.randomUUID();
    static final String SECRET = "a secret";

    final TestVerification verification = new TestVerification(Duration.ofSeconds(1));
    /** The database: shared with other servers. */
    final Map<TokenDigest, TokenRecord> tokens;
    final Set<UUID> enabled = ConcurrentHashMap.newKeySet();
    final List<TokenUse> reported = new CopyOnWriteArrayList<>();
    final AtomicInteger lookups = new AtomicInteger();
    /** What happens to a lookup; an answer that never comes is one, too. */
    volatile Function<TokenDigest, Uni<Optional<TokenRecord>>> database;
    volatile boolean isFeedAlive = true;
    final SidecarCensus census = new SidecarCensus(null, new Enforcers());
    final ChangeRelay relay;
    final int port;

    private final Vertx vertx;
    private final long heartbeat;
    private final String deployment;

    InternalServer(Vertx vertx, Map<TokenDigest, TokenRecord> tokens, Map<String, String> settings) {
        this.vertx = vertx;
        this.tokens = tokens;
        this.port = freePort();
        this.database = digest -> Uni.createFrom().item(Optional.ofNullable(tokens.get(digest)));
        enabled.add(CLIENT);
        LatchkeyConfig config = config(settings);
        relay = new ChangeRelay(verification.source(), clients(), census, config.internal().maxStreams());
        CredentialLookup lookup = new CredentialLookup() {
            @Override
            public Uni<Optional<TokenRecord>> token(TokenDigest digest, Standing standing) {
                lookups.incrementAndGet();
                return database.apply(digest);
            }

            @Override
            public Uni<Optional<SessionRecord>> session(UUID id, Standing standing) {
                throw new AssertionError();
            }
        };
        IdentityIssuer issuer = (token, audience) -> Uni.createFrom().item(
                new SignedIdentity(token.id() + " for " + audience, Instant.parse("2030-01-01T00:00:00Z")));
        PostgresUsage usage = new PostgresUsage(null) {
            @Override
            public Uni<Void> write(List<TokenUse> batch, UUID account) {
                reported.addAll(batch);
                return Uni.createFrom().voidItem();
            }
        };
        InternalApi.Parts parts = new InternalApi.Parts(new SidecarClients(clients()),
                new LookupDoor(lookup, verification.source(), new SimpleMeterRegistry()),
                new IdentityDoor(lookup, issuer, Clock.systemUTC()), relay, census, usage,
                new AtomicInteger(),
                new ObjectMapper(), Clock.systemUTC());
        deployment = await(vertx.deployVerticle(
                () -> new InternalApi(InternalListener.options(config.internal(), port).setHost("127.0.0.1"), parts),
                new DeploymentOptions().setInstances(2)));
        verification.listener().connected();
        heartbeat = vertx.setPeriodic(50, tick -> {
            if (isFeedAlive) {
                verification.listener().heartbeat(System.nanoTime());
            }
        });
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static LatchkeyConfig config(Map<String, String> settings) {
        LatchkeyConfig config = new SmallRyeConfigBuilder().withMapping(LatchkeyConfig.class).addDiscoveredConverters()
                .withSources(new PropertiesConfigSource(new HashMap<>(settings), "test", 100)).build()
                .getConfigMapping(LatchkeyConfig.class);
        Settings.check(config);
        return config;
    }

    private Clients clients() {
        return new Clients(null, config(Map.of())) {
            @Override
            public Uni<Optional<Client>> authenticate(BasicCredentials credentials, Client.Kind kind) {
                return identified(UUID.fromString(credentials.id()), kind)
                        .map(found -> found.filter(client -> credentials.secret().equals(SECRET)));
            }

            @Override
            public Uni<Optional<Client>> identified(UUID id, Client.Kind kind) {
                return Uni.createFrom()
                        .item(enabled.contains(id) ? Optional.of(new Client(id, ACCOUNT, kind)) : Optional.empty());
            }

            @Override
            public Uni<Set<UUID>> enabled(Collection<UUID> ids, Client.Kind kind) {
                return Uni.createFrom().item(ids.stream().filter(enabled::contains).collect(Collectors.toSet()));
            }
        };
    }

    /** A change as the feed's thread tells it. */
    void announce(TokenRecord token) {
        verification.listener().changed(token.accountId(), List.of(token.id()));
    }

    static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        vertx.cancelTimer(heartbeat);
        await(vertx.undeploy(deployment));
    }
}
