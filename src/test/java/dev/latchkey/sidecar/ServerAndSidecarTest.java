package dev.latchkey.sidecar;

import static dev.latchkey.sidecar.InternalServer.CLIENT;
import static dev.latchkey.sidecar.InternalServer.SECRET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import dev.latchkey.client.Client;
import dev.latchkey.client.Clients;
import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.testing.TcpProxy;
import dev.latchkey.testing.TestCertificate;
import dev.latchkey.token.TokenDigest;
import dev.latchkey.usage.TokenUse;
import dev.latchkey.verification.ChangeFollower;
import dev.latchkey.verification.ChangeSource;
import dev.latchkey.verification.CredentialLookup;
import dev.latchkey.verification.Enforcers;
import dev.latchkey.verification.Rejection;
import dev.latchkey.verification.RequestFacts;
import dev.latchkey.verification.TestVerification;
import dev.latchkey.verification.TokenRecord;
import dev.latchkey.verification.TokenVerifier;
import dev.latchkey.verification.Verification;
import dev.latchkey.verification.VerifiedToken;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;

/** Both ends of {@code /internal} on real ports: what a sidecar believes, and when. */
class ServerAndSidecarTest {

    private static final RequestFacts FACTS = new RequestFacts("192.0.2.1");
    private static final Duration BOUND = Duration.ofSeconds(2);
    private static final TokenDigest DIGEST = TokenDigest.of("a token");

    private static Vertx vertx;

    private final Map<TokenDigest, TokenRecord> tokens = new ConcurrentHashMap<>();
    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        InternalServer.await(vertx.close());
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    private InternalServer server(String... settings) {
        Map<String, String> all = new HashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        InternalServer server = new InternalServer(vertx, tokens, all);
        opened.add(server);
        return server;
    }

    private TcpProxy proxy(InternalServer server) {
        TcpProxy proxy = new TcpProxy(server.port);
        opened.add(proxy);
        return proxy;
    }

    private static String url(int port) {
        return "http://127.0.0.1:" + port;
    }

    /** A sidecar of these servers. */
    private final class Sidecar implements AutoCloseable {

        private final TestVerification verification = new TestVerification(Duration.ofMillis(1_500));
        private final SidecarLink link;
        private final TokenVerifier verifier;
        private final ServerUsage usage;

        Sidecar(Map<String, String> settings) {
            LatchkeyConfig config = InternalServer.config(settings);
            link = new SidecarLink(vertx, config, verification.listener(), new Enforcers(), new SimpleMeterRegistry());
            link.start();
            verifier = verification.verifier(new ServerLookup(link));
            usage = new ServerUsage(vertx, link);
            opened.add(0, this);
        }

        Verification judge(TokenDigest digest) {
            return verifier.recall(digest, FACTS)
                    .orElseGet(() -> verifier.ask(digest, FACTS).await().atMost(Duration.ofSeconds(5)));
        }

        boolean accepts(TokenDigest digest) {
            return judge(digest) instanceof VerifiedToken;
        }

        Sidecar withLease() {
            eventually(verification::hasLease);
            return this;
        }

        @Override
        public void close() {
            link.stop(null);
        }
    }

    private Sidecar sidecar(String... urls) {
        return new Sidecar(Map.of("latchkey.role", "sidecar", "latchkey.server.url", String.join(",", urls),
                "latchkey.server.credential", CLIENT + ":" + SECRET));
    }

    private static void eventually(Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(10)).pollInterval(Duration.ofMillis(5)).until(condition);
    }

    private TokenRecord token(TokenDigest digest) {
        TokenRecord token = MessagesTest.record(digest, InternalServer.ACCOUNT);
        tokens.put(digest, token);
        return token;
    }

    private void revoke(TokenRecord token) {
        tokens.put(token.granted().presented(), new TokenRecord(token.granted(), token.roleId(), true, false));
    }

    private void refusedWithinTheBound(Sidecar sidecar) {
        await("refusal").atMost(BOUND).pollInterval(Duration.ofMillis(5)).until(() -> !sidecar.accepts(DIGEST));
        for (int i = 0; i < 20; i++) {
            assertThat(sidecar.accepts(DIGEST)).as("and stays so").isFalse();
        }
    }

    @Test
    void aTokenIsLookedUpOnceAndForgottenWhenItIsRevoked() {
        InternalServer server = server();
        Sidecar sidecar = sidecar(url(server.port)).withLease();
        TokenRecord token = token(DIGEST);
        for (int i = 0; i < 10; i++) {
            assertThat(sidecar.judge(DIGEST)).isEqualTo(token.granted());
        }
        assertThat(server.lookups).hasValue(1);
        revoke(token);
        server.announce(token);
        long announced = System.nanoTime();
        eventually(() -> sidecar.judge(DIGEST) == Rejection.REVOKED);
        assertThat(System.nanoTime() - announced).isLessThan(250_000_000L);
        assertThat(sidecar.judge(TokenDigest.of("another"))).isEqualTo(Rejection.UNKNOWN);
    }

    @Test
    void aTokenOfAnotherAccountIsNeitherFoundNorAreItsChangesTold() throws InterruptedException {
        InternalServer server = server();
        Sidecar sidecar = sidecar(url(server.port)).withLease();
        TokenRecord foreign = MessagesTest.record(DIGEST, UUID.randomUUID());
        tokens.put(DIGEST, foreign);
        assertThat(sidecar.judge(DIGEST)).isEqualTo(Rejection.UNKNOWN);
        List<String> heard = new CopyOnWriteArrayList<>();
        stream(server, heard);
        server.announce(foreign);
        TokenRecord own = token(TokenDigest.of("own"));
        server.announce(own);
        eventually(() -> heard.contains(new StreamMessage.Changed(own.accountId(), List.of(own.id())).text()));
        assertThat(heard).noneMatch(text -> text.contains(foreign.id().toString()));
    }

    /**
     * A stream as a sidecar opens it. Vert.x's own client can lose what comes together with the answer to the handshake, which
     * is
     * the hello: then it is opened again. The sidecar's (StreamSocket) does not.
     */
    private WebSocket stream(InternalServer server, List<String> heard) {
        for (int attempt = 0; attempt < 5; attempt++) {
            WebSocket socket = InternalServer.await(vertx.createWebSocketClient().webSocket().textMessageHandler(heard::add)
                    .connect(new WebSocketConnectOptions().setHost("127.0.0.1").setPort(server.port).setURI("/internal/changes")
                            .addHeader("Authorization", basic(CLIENT + ":" + SECRET))));
            long opened = System.nanoTime();
            while (System.nanoTime() - opened < Duration.ofSeconds(1).toNanos()) {
                if (heard.contains("hello")) {
                    return socket;
                }
                LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
            }
            InternalServer.await(socket.close());
        }
        throw new AssertionError("no hello");
    }

    private static String basic(String credential) {
        return "Basic " + Base64.getEncoder().encodeToString(credential.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The feed's thread announces a change and renews the evidence while an echo is being made: the moment is in the test's
     * hands, because the echo asks for the age of the evidence.
     */
    @Test
    void anEchoNeverOvertakesAChangeThatItsEvidenceCovers() {
        InternalServer server = server();
        List<String> heard = new CopyOnWriteArrayList<>();
        TokenRecord token = token(DIGEST);
        ChangeRelay[] relay = new ChangeRelay[1];
        relay[0] = new ChangeRelay(new ChangeSource() {
            @Override
            public void follow(ChangeFollower follower) {
                // Told by the test.
            }

            /** As if the feed's thread ran now: it tells the relay, and only then counts the evidence. */
            @Override
            public OptionalLong evidenceAge() {
                Thread feed = new Thread(() -> relay[0].changed(token.accountId(), List.of(token.id())));
                feed.start();
                try {
                    feed.join();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return OptionalLong.of(0);
            }
        }, new Clients(null, InternalServer.config(Map.of())) {
            @Override
            public Uni<Set<UUID>> enabled(Collection<UUID> ids, Client.Kind kind) {
                return Uni.createFrom().item(Set.copyOf(ids));
            }
        }, new SidecarCensus(null, new Enforcers()), 10);
        // On a port that nobody had before: clients of servers that are gone may still try theirs.
        CompletableFuture<Integer> port = new CompletableFuture<>();
        InternalServer.await(vertx.deployVerticle(new AbstractVerticle() {
            @Override
            public void start(Promise<Void> started) {
                StreamLoop loop = relay[0].loop(context);
                vertx.createHttpServer().requestHandler(request -> request.toWebSocket().onSuccess(socket -> loop.add(socket,
                        new Client(CLIENT, token.accountId(), Client.Kind.SIDECAR)))).listen(0, "127.0.0.1")
                        .onSuccess(listening -> port.complete(listening.actualPort()))
                        .<Void> mapEmpty().onComplete(started);
            }
        }));
        WebSocket socket = InternalServer.await(vertx.createWebSocketClient().webSocket().textMessageHandler(heard::add)
                .connect(port.join(), "127.0.0.1", "/"));
        eventually(() -> heard.contains("hello"));
        socket.writeTextMessage("1");
        eventually(() -> heard.size() == 3);
        assertThat(heard).containsExactly("hello", new StreamMessage.Changed(token.accountId(), List.of(token.id())).text(),
                "echo 1 0");
    }

    @Test
    void everythingIsConfirmedAfterTheServersFeedWasAway() {
        InternalServer server = server();
        Sidecar sidecar = sidecar(url(server.port)).withLease();
        token(DIGEST);
        assertThat(sidecar.accepts(DIGEST)).isTrue();
        assertThat(sidecar.verification.isInMemory(DIGEST)).isTrue();
        // What happened meanwhile the server did not hear, and nobody can tell the sidecar.
        server.isFeedAlive = false;
        server.verification.listener().disconnected();
        revoke(tokens.get(DIGEST));
        server.verification.listener().connected();
        eventually(() -> !sidecar.verification.isInMemory(DIGEST));
        server.isFeedAlive = true;
        sidecar.withLease();
        assertThat(sidecar.accepts(DIGEST)).isFalse();
    }

    @Test
    void aServerWithoutEvidenceRenewsNothingAndIsLeft() {
        InternalServer stalled = server();
        TcpProxy alive = proxy(server());
        alive.cut();
        Sidecar sidecar = sidecar(url(stalled.port), url(alive.port())).withLease();
        TokenRecord token = token(DIGEST);
        assertThat(sidecar.accepts(DIGEST)).isTrue();
        stalled.isFeedAlive = false;
        stalled.verification.listener().disconnected();
        revoke(token);
        refusedWithinTheBound(sidecar);
        eventually(() -> !sidecar.verification.hasLease());
        alive.mend();
        sidecar.withLease();
    }

    @Test
    void aStalledFeedEndsTheLeaseAlthoughEchoesStillCome() {
        InternalServer server = server();
        Sidecar sidecar = sidecar(url(server.port)).withLease();
        TokenRecord token = token(DIGEST);
        assertThat(sidecar.accepts(DIGEST)).isTrue();
        server.isFeedAlive = false;
        revoke(token);
        refusedWithinTheBound(sidecar);
        assertThat(sidecar.verification.hasLease()).isFalse();
    }

    @Test
    void aBurstOfOldEchoesRenewsNothing() throws InterruptedException {
        InternalServer server = server();
        TcpProxy proxy = proxy(server);
        Sidecar sidecar = sidecar(url(proxy.port())).withLease();
        TokenRecord token = token(DIGEST);
        assertThat(sidecar.accepts(DIGEST)).isTrue();
        proxy.stall(TcpProxy.STREAM);
        revoke(token);
        refusedWithinTheBound(sidecar);
        eventually(() -> !sidecar.verification.hasLease());
        // The stream was cut by now, and new ones are held back, too, each with its echoes.
        Thread.sleep(1_600);
        server.isFeedAlive = false;
        server.verification.listener().disconnected();
        proxy.release(TcpProxy.STREAM);
        for (int i = 0; i < 20; i++) {
            assertThat(sidecar.verification.hasLease()).isFalse();
            Thread.sleep(10);
        }
        server.isFeedAlive = true;
        sidecar.withLease();
    }

    @Test
    void aStreamThatWasCutBeginsAnewAndMemoryIsConfirmed() {
        InternalServer server = server();
        TcpProxy proxy = proxy(server);
        Sidecar sidecar = sidecar(url(proxy.port())).withLease();
        TokenRecord token = token(DIGEST);
        assertThat(sidecar.accepts(DIGEST)).isTrue();
        proxy.cut(TcpProxy.STREAM);
        revoke(token);
        // Told to nobody: the stream is away. And asked by nobody until another one stands.
        eventually(() -> sidecar.link.stream().begun() == 2);
        sidecar.withLease();
        assertThat(sidecar.accepts(DIGEST)).isFalse();
    }

    @Test
    void aServerThatGoesAwayChangesNothingForCallersButTheFailOver() throws InterruptedException {
        InternalServer one = server();
        InternalServer other = server();
        TcpProxy toOne = proxy(one);
        TcpProxy toOther = proxy(other);
        Sidecar sidecar = sidecar(url(toOne.port()), url(toOther.port())).withLease();
        TcpProxy gone = one.relay.open() == 1 ? toOne : toOther;
        // The ones under way are held back, and then lost with the server.
        gone.stall(TcpProxy.OTHERS);
        List<CompletableFuture<Boolean>> answers = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            TokenDigest digest = TokenDigest.of("under way " + i);
            token(digest);
            answers.add(CompletableFuture.supplyAsync(() -> sidecar.accepts(digest),
                    task -> new Thread(task).start()));
        }
        Thread.sleep(50);
        gone.cut();
        assertThat(answers).allMatch(CompletableFuture::join);
        for (int i = 0; i < 50; i++) {
            TokenDigest digest = TokenDigest.of("afterwards " + i);
            token(digest);
            assertThat(sidecar.accepts(digest)).isTrue();
        }
        sidecar.withLease();
        eventually(() -> one.relay.open() + other.relay.open() == 1);
    }

    @Test
    void aServerThatSaysNothingCostsTheOthersTime() {
        InternalServer one = server();
        InternalServer other = server();
        TcpProxy toOne = proxy(one);
        TcpProxy toOther = proxy(other);
        Sidecar sidecar = sidecar(url(toOne.port()), url(toOther.port())).withLease();
        TcpProxy silent = one.relay.open() == 1 ? toOne : toOther;
        silent.stall(TcpProxy.OTHERS);
        silent.stall(TcpProxy.STREAM);
        for (int i = 0; i < 20; i++) {
            TokenDigest digest = TokenDigest.of("silent " + i);
            token(digest);
            long asked = System.nanoTime();
            assertThat(sidecar.accepts(digest)).isTrue();
            assertThat(System.nanoTime() - asked).isLessThan(1_000_000_000L);
        }
    }

    @Test
    void withoutAServerALookupFailsWithinASecondOrSo() {
        InternalServer server = server();
        TcpProxy proxy = proxy(server);
        Sidecar sidecar = sidecar(url(proxy.port())).withLease();
        assertThat(sidecar.link.works()).isTrue();
        proxy.cut();
        long asked = System.nanoTime();
        assertThat(sidecar.judge(TokenDigest.of("nobody answers"))).isEqualTo(Rejection.UNAVAILABLE);
        assertThat((System.nanoTime() - asked) / 1_000_000).isBetween(900L, 1_500L);
        proxy.mend();
        eventually(() -> sidecar.judge(TokenDigest.of("somebody answers")) == Rejection.UNKNOWN);
    }

    @Test
    void manyLookupsAtOnceAreAllAnswered() {
        InternalServer server = server();
        Sidecar sidecar = sidecar(url(server.port)).withLease();
        List<Verification> answers = Uni.join().all(IntStream.range(0, 2_000).mapToObj(i -> {
            TokenDigest digest = TokenDigest.of("many " + i);
            token(digest);
            return new ServerLookup(sidecar.link).token(digest, CredentialLookup.Standing.NEW)
                    .map(found -> (Verification) found.orElseThrow().granted());
        }).toList()).andFailFast().await().atMost(Duration.ofSeconds(5));
        assertThat(answers).hasSize(2_000);
        assertThat(server.lookups.get()).as("few are asked twice, on a machine that is slow").isBetween(2_000, 4_000);
    }

    /** One that is connected to a former primary, perhaps: the stream's server would tell, but not about that answer. */
    @Test
    void anAnswerOfAnotherServerThatHasNoLeaseIsUsedOnce() {
        InternalServer one = server();
        InternalServer other = server();
        Sidecar sidecar = sidecar(url(one.port), url(other.port)).withLease();
        InternalServer ofStream = one.relay.open() == 1 ? one : other;
        InternalServer another = ofStream == one ? other : one;
        another.isFeedAlive = false;
        another.verification.listener().disconnected();
        ofStream.database = digest -> Uni.createFrom().failure(new IllegalStateException("away"));
        token(DIGEST);
        assertThat(sidecar.accepts(DIGEST)).isTrue();
        eventually(() -> !sidecar.verification.isInMemory(DIGEST));
        another.verification.listener().connected();
        another.isFeedAlive = true;
        eventually(() -> another.verification.hasLease());
        assertThat(sidecar.accepts(DIGEST)).isTrue();
        assertThat(sidecar.verification.isInMemory(DIGEST)).isTrue();
    }

    @Test
    void whoIsDisabledLosesTheStreamWithinAboutASecond() {
        InternalServer server = server();
        Sidecar sidecar = sidecar(url(server.port)).withLease();
        token(DIGEST);
        assertThat(sidecar.accepts(DIGEST)).isTrue();
        server.enabled.clear();
        await().atMost(Duration.ofMillis(1_500)).until(() -> server.relay.open() == 0);
        await().atMost(Duration.ofSeconds(3)).until(() -> sidecar.judge(DIGEST) == Rejection.UNAVAILABLE);
    }

    @Test
    void streamsAreLimitedAndWhoSaysNothingLosesIt() {
        InternalServer server = server("latchkey.internal.max-streams", "1");
        List<String> heard = new CopyOnWriteArrayList<>();
        WebSocket silent = stream(server, heard);
        Sidecar sidecar = sidecar(url(server.port));
        token(DIGEST);
        assertThat(sidecar.accepts(DIGEST)).as("lookups work without a stream").isTrue();
        assertThat(sidecar.verification.hasLease()).isFalse();
        await().atMost(Duration.ofSeconds(8)).until(silent::isClosed);
        sidecar.withLease();
        assertThat(server.relay.open()).isOne();
    }

    @Test
    void countsAreReported() {
        InternalServer server = server();
        Sidecar sidecar = sidecar(url(server.port)).withLease();
        long hour = Instant.now().getEpochSecond() / 3_600;
        TokenUse use = new TokenUse(UUID.randomUUID(), hour, "ALLOWED", 5, System.currentTimeMillis(), "192.0.2.1");
        sidecar.usage.write(List.of(use)).await().atMost(Duration.ofSeconds(3));
        assertThat(server.reported).containsExactly(use);
    }

    @Test
    void aServerSignsWhatTheDatabaseSaysForTheSidecarsAudience() {
        InternalServer server = server();
        Sidecar sidecar = sidecar(url(server.port)).withLease();
        ServerIdentityIssuer issuer = new ServerIdentityIssuer(vertx, sidecar.link);
        TokenRecord token = token(DIGEST);
        assertThat(issuer.issue(token.granted(), "an API").await().atMost(BOUND).jwt()).isEqualTo(token.id() + " for an API");
        tokens.put(DIGEST, MessagesTest.record(DIGEST, UUID.randomUUID()));
        assertThatThrownBy(() -> issuer.issue(token.granted(), "an API").await().atMost(BOUND)).hasMessageContaining("404");
        token(DIGEST);
        assertThatThrownBy(() -> issuer.issue(token.granted(), " ").await().atMost(BOUND)).hasMessageContaining("400");
        revoke(token);
        assertThatThrownBy(() -> issuer.issue(token.granted(), "an API").await().atMost(BOUND)).hasMessageContaining("404");
    }

    @Test
    void whoIsNobodyGets401AndWhatDoesNotExist404WithTheUsualBody() throws Exception {
        InternalServer server = server();
        HttpClient http = HttpClient.newHttpClient();
        for (String credential : List.of("", CLIENT + ":wrong", UUID.randomUUID() + ":" + SECRET)) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url(server.port) + "/internal/lookup"))
                    .POST(HttpRequest.BodyPublishers.ofString("{\"tokens\":[]}"));
            if (!credential.isEmpty()) {
                request.header("Authorization", basic(credential));
            }
            HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(answer.headers().firstValue("www-authenticate")).isPresent();
            assertThat(new JsonObject(answer.body()).getString("code")).isEqualTo("UNAUTHORIZED");
        }
        assertThat(post(http, server, "/internal/other", "{}").statusCode()).isEqualTo(404);
        assertThat(post(http, server, "/internal/lookup", "[]").statusCode()).isEqualTo(400);
        assertThat(post(http, server, "/internal/lookup", "{\"tokens\":[{\"digest\":\"x\"}]}").statusCode()).isEqualTo(400);
        assertThat(post(http, server, "/internal/usage", "{}").statusCode()).isEqualTo(400);
        HttpResponse<String> large = post(http, server, "/internal/lookup", " ".repeat(600_000));
        assertThat(large.statusCode()).isEqualTo(413);
        assertThat(new JsonObject(large.body()).getString("code")).isEqualTo("BODY_TOO_LARGE");
        assertThat(post(http, server, "/internal/lookup", "{\"tokens\":[]}").statusCode()).isEqualTo(200);
    }

    private static HttpResponse<String> post(HttpClient http, InternalServer server, String path, String body)
            throws Exception {
        return http.send(HttpRequest.newBuilder(URI.create(url(server.port) + path))
                .header("Authorization", basic(CLIENT + ":" + SECRET)).POST(HttpRequest.BodyPublishers.ofString(body)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void aCertificateProvesWhoASidecarIsAndTheServersIsJudgedByItsName() throws Exception {
        TestCertificate ofServer = TestCertificate.of("localhost");
        TestCertificate ofSidecar = TestCertificate.of(CLIENT.toString());
        InternalServer server = server("latchkey.internal.tls.certificate", ofServer.certificate(),
                "latchkey.internal.tls.key", ofServer.key(), "latchkey.internal.tls.client-ca",
                ofSidecar.certificate());
        token(DIGEST);
        Map<String, String> settings = new HashMap<>(Map.of("latchkey.role", "sidecar", "latchkey.server.url",
                "https://localhost:" + server.port, "latchkey.server.tls.ca", ofServer.certificate(),
                "latchkey.server.tls.certificate", ofSidecar.certificate(), "latchkey.server.tls.key",
                ofSidecar.key()));
        assertThat(new Sidecar(settings).withLease().accepts(DIGEST)).isTrue();
        // Another name than the certificate's.
        settings.put("latchkey.server.url", "https://127.0.0.1:" + server.port);
        Sidecar misled = new Sidecar(settings);
        assertThat(misled.judge(DIGEST)).isEqualTo(Rejection.UNAVAILABLE);
        assertThat(misled.verification.hasLease()).isFalse();
        // A certificate of nobody's.
        TestCertificate stranger = TestCertificate.of(UUID.randomUUID().toString());
        settings.put("latchkey.server.url", "https://localhost:" + server.port);
        settings.put("latchkey.server.tls.certificate", stranger.certificate());
        settings.put("latchkey.server.tls.key", stranger.key());
        assertThat(new Sidecar(settings).judge(DIGEST)).isEqualTo(Rejection.UNAVAILABLE);
        assertThat(Optional.of(server.relay.open())).contains(1);
    }
}
