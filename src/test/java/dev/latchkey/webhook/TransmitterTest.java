package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.testing.TestCertificate;
import dev.latchkey.webhook.DeliveryQueue.Claim;
import dev.latchkey.webhook.DeliveryQueue.Event;
import dev.latchkey.webhook.DeliveryQueue.Lane;
import dev.latchkey.webhook.DeliveryQueue.LaneKey;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PemKeyCertOptions;

/** Sending to endpoints that are slow, silent, endless, or lead where nobody may go. Real sockets; only names are scripted. */
class TransmitterTest {

    private static final Duration TIMEOUT = Duration.ofMillis(1_000);
    /** Scheduling on a busy machine included. */
    private static final Duration IN_TIME = Duration.ofMillis(3_000);
    private static final String BODY = "{\"event\":\"e\",\"data\":{},\"triggeredAt\":\"2027-01-01T00:00:00Z\"}";

    private static Vertx vertx;
    private final List<AutoCloseable> servers = new ArrayList<>();
    private final Queue<HttpServerRequest> requests = new ConcurrentLinkedQueue<>();
    private final Queue<String> resolved = new ConcurrentLinkedQueue<>();

    @BeforeAll
    static void start() {
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        vertx.close();
    }

    @AfterEach
    void closeServers() throws Exception {
        for (AutoCloseable server : servers) {
            server.close();
        }
    }

    private int http(Handler<HttpServerRequest> behaviour) throws Exception {
        return http(new HttpServerOptions(), behaviour);
    }

    private int http(HttpServerOptions options, Handler<HttpServerRequest> behaviour) throws Exception {
        HttpServer server = get(vertx.createHttpServer(options.setHost("127.0.0.1").setPort(0)).requestHandler(request -> {
            requests.add(request);
            behaviour.handle(request);
        }).listen());
        servers.add(() -> get(server.close()));
        return server.actualPort();
    }

    private int tcp(Handler<NetSocket> behaviour) throws Exception {
        NetServer server = get(vertx.createNetServer().connectHandler(behaviour).listen(0, "127.0.0.1"));
        servers.add(() -> get(server.close()));
        return server.actualPort();
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private Transmitter transmitter(Names names, String... more) {
        Map<String, String> properties = new HashMap<>(Map.of("latchkey.webhook.timeout", "1s"));
        for (int i = 0; i < more.length; i += 2) {
            properties.put("latchkey.webhook." + more[i], more[i + 1]);
        }
        LatchkeyConfig config = new SmallRyeConfigBuilder().withMapping(LatchkeyConfig.class).addDiscoveredConverters()
                .withSources(new PropertiesConfigSource(properties, "test", 100)).build()
                .getConfigMapping(LatchkeyConfig.class);
        return new Transmitter(vertx, config.webhook(), host -> {
            resolved.add(host);
            return names.resolve(host);
        }, new AddressGuard(config), Clock.systemUTC());
    }

    private static Names always(String... addresses) {
        return host -> Future.succeededFuture(List.of(addresses));
    }

    private static Attempt send(Transmitter transmitter, String url, int attempts) throws Exception {
        CompletableFuture<Attempt> attempt = new CompletableFuture<>();
        Lane lane = new Lane(new LaneKey(UUID.randomUUID(), UUID.randomUUID()), new Claim(UUID.randomUUID(), System.nanoTime()),
                1,
                url, WebhookToken.check("a-token-of-16-or-more"), List.of());
        Event event = new Event(UUID.randomUUID(), 1, "e", BODY, attempts, Duration.ZERO);
        vertx.runOnContext(ignored -> transmitter.send(lane, event).onSuccess(attempt::complete));
        return attempt.get(10, TimeUnit.SECONDS);
    }

    private Attempt sendToAllowed(int port) throws Exception {
        return send(transmitter(always("127.0.0.1"), "allowed-networks", "127.0.0.1"),
                "http://hooks.example.com:" + port + "/path?query=1", 0);
    }

    @Test
    void theBodyComesWithItsHeadersToTheAddressThatTheNameMeant() throws Exception {
        Queue<Buffer> bodies = new ConcurrentLinkedQueue<>();
        int port = http(request -> request.body().onSuccess(body -> {
            bodies.add(body);
            request.response().end("thanks");
        }));
        Attempt attempt = sendToAllowed(port);
        assertThat(attempt.delivered()).isTrue();
        assertThat(attempt.responseStatus()).isEqualTo(200);
        assertThat(attempt.responseBody()).isEqualTo("thanks");
        assertThat(attempt.error()).isNull();
        HttpServerRequest request = requests.remove();
        assertThat(request.method().name()).isEqualTo("POST");
        assertThat(request.uri()).isEqualTo("/path?query=1");
        assertThat(request.getHeader("Host")).isEqualTo("hooks.example.com:" + port);
        assertThat(request.headers().names()).contains("webhook-id", "webhook-timestamp", "User-Agent");
        assertThat(request.headers().getAll("webhook-signature")).hasSize(2);
        assertThat(request.getHeader("Content-Length")).isEqualTo(Integer.toString(BODY.length()));
        assertThat(bodies).extracting(Buffer::toString).containsExactly(BODY);
        assertThat(resolved).containsExactly("hooks.example.com");
    }

    @Test
    void aNameThatMeansAPrivateAddressIsRefusedAlsoOnlyTheSecondTime() throws Exception {
        AtomicInteger connections = new AtomicInteger();
        int port = tcp(socket -> {
            connections.incrementAndGet();
            socket.close();
        });
        Iterator<String> meanings = List.of("1.1.1.1", "127.0.0.1", "::1", "::ffff:127.0.0.1", "169.254.169.254", "10.0.0.1",
                "fe80::1%1").iterator();
        meanings.next();
        Transmitter transmitter = transmitter(host -> Future.succeededFuture(List.of(meanings.next())));
        while (meanings.hasNext()) {
            Attempt attempt = send(transmitter, "http://rebinding.example:" + port + "/", 0);
            assertThat(attempt.delivered()).isFalse();
            assertThat(attempt.error()).contains("private network");
        }
        assertThat(connections).hasValue(0);
    }

    @Test
    void theAddressThatWasCheckedIsTheOneThatIsCalledAndTheNameIsAskedForOnce() throws Exception {
        int port = http(request -> request.response().end());
        // Its second meaning would be refused: if anybody asked again, the request would not arrive.
        Iterator<String> meanings = Arrays.asList("127.0.0.1", "10.0.0.1").iterator();
        Attempt attempt = send(transmitter(host -> Future.succeededFuture(List.of(meanings.next())), "allowed-networks",
                "127.0.0.1"), "http://no-such-name.invalid:" + port + "/", 0);
        assertThat(attempt.delivered()).isTrue();
        assertThat(resolved).hasSize(1);
    }

    @Test
    void ofSeveralAddressesThoseThatAreAllowedAreTriedInTurn() throws Exception {
        int port = http(request -> request.response().end());
        Transmitter transmitter = transmitter(always("10.0.0.1", "127.0.0.3", "127.0.0.1"), "allowed-networks", "127.0.0.0/8");
        assertThat(send(transmitter, "http://hooks.example.com:" + port, 0).error()).contains("refused");
        assertThat(send(transmitter, "http://hooks.example.com:" + port, 1).delivered()).isTrue();
    }

    @Test
    void addressesInUrlsAreJudgedToo() throws Exception {
        Transmitter transmitter = transmitter(Names.ofSystem(vertx));
        for (String host : List.of("127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "10.0.0.1")) {
            assertThat(send(transmitter, "http://" + host + ":1/", 0).error()).as(host).contains("private network");
        }
    }

    @Test
    void anIpv6AddressIsNamedInBracketsAsHost() throws Exception {
        HttpServer server = get(vertx.createHttpServer().requestHandler(request -> {
            requests.add(request);
            request.response().end();
        }).listen(0, "::1"));
        servers.add(() -> get(server.close()));
        assertThat(send(transmitter(Names.ofSystem(vertx), "allowed-networks", "::1"),
                "http://[::1]:" + server.actualPort() + "/", 0).delivered()).isTrue();
        assertThat(requests.remove().getHeader("Host")).isEqualTo("[::1]:" + server.actualPort());
    }

    @Test
    void aNameThatNobodyKnowsOrThatTakesTooLongFailsInTime() throws Exception {
        assertThat(
                send(transmitter(host -> Future.failedFuture(new UnknownHostException(host))), "http://no.example/", 0).error())
                .contains("cannot be resolved");
        Attempt attempt = send(transmitter(host -> Future.future(never -> {
        })), "http://slow.example/", 0);
        assertThat(attempt.error()).contains("1.0 seconds");
        assertThat(attempt.duration()).isBetween(TIMEOUT, IN_TIME);
    }

    @Test
    void whoNeverAnswersIsGivenUpInTime() throws Exception {
        Attempt attempt = sendToAllowed(tcp(socket -> {
        }));
        assertThat(attempt.delivered()).isFalse();
        assertThat(attempt.error()).contains("1.0 seconds");
        assertThat(attempt.duration()).isBetween(TIMEOUT, IN_TIME);
    }

    @Test
    void whoAnswersByteByByteIsGivenUpInTime() throws Exception {
        Attempt attempt = sendToAllowed(tcp(socket -> {
            String head = "HTTP/1.1 200 OK\r\nX-Slow: yes, very\r\n";
            AtomicInteger at = new AtomicInteger();
            vertx.setPeriodic(100, timer -> {
                int next = at.getAndIncrement();
                if (next < head.length()) {
                    socket.write(head.substring(next, next + 1)).onFailure(gone -> vertx.cancelTimer(timer));
                } else {
                    vertx.cancelTimer(timer);
                }
            });
        }));
        assertThat(attempt.delivered()).isFalse();
        assertThat(attempt.duration()).isBetween(TIMEOUT, IN_TIME);
    }

    @Test
    void anAnswerOf10MebibytesIsCutOffAndItsStatusCounts() throws Exception {
        Buffer part = Buffer.buffer("x".repeat(64 * 1024));
        CompletableFuture<Void> closed = new CompletableFuture<>();
        AtomicInteger written = new AtomicInteger();
        int port = http(request -> {
            request.response().setChunked(true).closeHandler(ignored -> closed.complete(null));
            request.response().exceptionHandler(ignored -> closed.complete(null));
            writeOn(request, part, written);
        });
        Attempt attempt = sendToAllowed(port);
        assertThat(attempt.delivered()).isTrue();
        assertThat(attempt.responseBody()).hasSize(1_000);
        closed.get(10, TimeUnit.SECONDS);
        assertThat(written.get()).as("of 160 parts; sockets hold a few").isLessThan(160);
    }

    private static void writeOn(HttpServerRequest request, Buffer part, AtomicInteger written) {
        if (written.get() < 160) {
            request.response().write(part).onSuccess(done -> {
                written.incrementAndGet();
                writeOn(request, part, written);
            });
        } else {
            request.response().end();
        }
    }

    @Test
    void aHeadWithoutEndIsCutOff() throws Exception {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        Attempt attempt = sendToAllowed(tcp(socket -> {
            socket.closeHandler(ignored -> closed.complete(null)).exceptionHandler(ignored -> {
            });
            socket.write("HTTP/1.1 200 OK\r\n" + ("X-Filler: " + "x".repeat(1_000) + "\r\n").repeat(100));
        }));
        assertThat(attempt.delivered()).isFalse();
        assertThat(attempt.error()).isNotBlank();
        assertThat(attempt.duration()).isLessThan(IN_TIME);
        closed.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aBodyThatNeverEndsAfterAGoodStatusIsAnAcknowledgement() throws Exception {
        Attempt attempt = sendToAllowed(http(request -> request.response().setChunked(true).write("so far")));
        assertThat(attempt.delivered()).isTrue();
        assertThat(attempt.responseBody()).isEqualTo("so far");
        assertThat(attempt.duration()).isLessThan(IN_TIME);
    }

    @Test
    void whoClosesEarlyOrSpeaksNoHttpFails() throws Exception {
        assertThat(sendToAllowed(tcp(NetSocket::close)).delivered()).isFalse();
        assertThat(sendToAllowed(tcp(socket -> socket.handler(any -> socket.end(Buffer.buffer("220 smtp.example ESMTP\r\n")))))
                .error()).isNotBlank();
        assertThat(
                sendToAllowed(tcp(socket -> socket.handler(any -> socket.end(Buffer.buffer("HTTP/1.1 200 OK\r\nContent-"))))))
                .satisfies(attempt -> assertThat(attempt.delivered()).isFalse())
                .satisfies(attempt -> assertThat(attempt.error()).isNotBlank());
        int closed = tcp(NetSocket::close);
        closeServers();
        servers.clear();
        assertThat(sendToAllowed(closed).error()).contains("refused");
    }

    @Test
    void redirectsAreNotFollowed() throws Exception {
        AtomicInteger elsewhere = new AtomicInteger();
        int other = http(request -> {
            elsewhere.incrementAndGet();
            request.response().end();
        });
        for (int status : new int[] { 301, 302, 303, 307, 308 }) {
            Attempt attempt = sendToAllowed(http(request -> request.response().setStatusCode(status)
                    .putHeader("Location", "http://127.0.0.1:" + other + "/").end()));
            assertThat(attempt.delivered()).isFalse();
            assertThat(attempt.error()).contains("redirects are not followed");
        }
        assertThat(elsewhere).hasValue(0);
    }

    @Test
    void whatAStrangerAnswersIsMadeHarmlessText() throws Exception {
        Attempt attempt = sendToAllowed(http(request -> request.response().setStatusCode(500)
                .end(Buffer.buffer(new byte[] { 'a', 0, 27, '\n', (byte) 0xff, 'z' }))));
        assertThat(attempt.responseBody()).isEqualTo("a\ufffd\ufffd\n\ufffdz");
        assertThat(attempt.error()).isEqualTo("the endpoint answered 500");
    }

    @Test
    void theCertificateIsJudgedByTheNameWhileTheConnectionGoesToTheAddress() throws Exception {
        TestCertificate certificate = TestCertificate.of("hooks.example.com");
        AtomicInteger names = new AtomicInteger();
        int port = http(new HttpServerOptions().setSsl(true).setSni(true).setKeyCertOptions(
                new PemKeyCertOptions().addCertPath(certificate.certificate()).addKeyPath(certificate.key())), request -> {
                    if ("hooks.example.com".equals(request.connection().indicatedServerName())) {
                        names.incrementAndGet();
                    }
                    request.response().end();
                });
        Transmitter trusting = transmitter(always("127.0.0.1"), "allowed-networks", "127.0.0.1", "ca",
                certificate.certificate());
        assertThat(send(trusting, "https://hooks.example.com:" + port + "/", 0))
                .satisfies(attempt -> assertThat(attempt.error()).isNull());
        assertThat(names).as("server name indication").hasValue(1);
        assertThat(send(trusting, "https://other.example.com:" + port + "/", 0).error()).contains("TLS");
        assertThat(send(transmitter(always("127.0.0.1"), "allowed-networks", "127.0.0.1", "timeout", "9s"),
                "https://hooks.example.com:" + port + "/", 0).error()).contains("TLS");
    }
}
