package dev.latchkey.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.RawHttp;
import dev.latchkey.testing.RawHttp.Answer;
import dev.latchkey.testing.RecordingUpstream;
import dev.latchkey.testing.RunningService;
import dev.latchkey.testing.TestDatabase;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

/** The reverse proxy streams, survives every upstream and client, and ends what its token does not allow any more. */
class ReverseProxyIT {

    private static final long TWO_GIB = 2L << 30;
    /** The bound of section 5 of the documentation, and what a busy machine may add to what this test sees of it. */
    private static final Duration BOUND = Duration.ofMillis(2_500);

    @TempDir
    private static Path directory;
    private static RecordingUpstream api;
    private static LatchkeyProcess latchkey;
    private static String session;
    private static String token;

    @BeforeAll
    static void start() throws IOException {
        Path policy = Files.writeString(directory.resolve("policy.yaml"), """
                rules:
                  - {match: {methods: [GET, POST, PUT], path: /api/**}, require: ["license:read"]}
                  - {match: {methods: [GET, POST], path: /open/**}, public: true}
                """);
        api = new RecordingUpstream();
        Map<String, String> environment = new HashMap<>(TestDatabase.create().environment());
        environment.put("LATCHKEY_POLICY", policy.toString());
        environment.put("LATCHKEY_PROXY_UPSTREAM", "http://127.0.0.1:" + api.port());
        environment.put("LATCHKEY_PROXY_CONNECT_TIMEOUT", "500ms");
        environment.put("LATCHKEY_PROXY_IDLE_TIMEOUT", "2s");
        environment.put("LATCHKEY_PROXY_POOL_SIZE", "32");
        // Little enough that a body which is kept anywhere does not fit.
        environment.put("JAVA_TOOL_OPTIONS", "-Xmx256m -XX:MaxDirectMemorySize=128m");
        latchkey = LatchkeyProcess.start(directory, environment).ready();
        session = latchkey.signIn("default", RunningService.ADMIN_EMAIL, RunningService.ADMIN_PASSWORD);
        token = latchkey.createToken(session, "for the proxy");
    }

    @AfterAll
    static void stop() {
        latchkey.close();
        api.close();
    }

    @BeforeEach
    void behaveWell() {
        api.behaveWell();
        api.forget();
    }

    private static URI uri(String path) {
        return URI.create("http://127.0.0.1:" + latchkey.proxyPort() + path);
    }

    private static Answer get(String path, String... headers) {
        List<String> all = new ArrayList<>(List.of(headers));
        all.add("Authorization: Bearer " + token);
        return RawHttp.send(latchkey.proxyPort(), "GET", path, all.toArray(String[]::new));
    }

    private static double openExchanges() {
        return latchkey.metric("latchkey_proxy_exchanges");
    }

    private static void awaitNoExchanges() {
        Awaitility.await("no exchange is left").atMost(Duration.ofSeconds(5)).until(() -> openExchanges() == 0);
    }

    private static long residentKib() throws IOException {
        return Files.readAllLines(Path.of("/proc/" + latchkey.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:")).mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst().orElseThrow();
    }

    // What passes

    @Test
    void theAnswerAndTheRequestPassAsTheyAre() {
        api.behave(request -> request.body().onSuccess(body -> request.response().setStatusCode(207)
                .putHeader("X-Answer", (Iterable<String>) List.of("a", "b")).putHeader("Set-Cookie", "k=v").end(body)));
        Answer answer = RawHttp.exchange(latchkey.proxyPort(),
                "POST /api/x?q=%2F&r HTTP/1.1\r\nHost: api.example\r\nX-Mine: 1\r\n"
                        + "Authorization: Bearer " + token + "\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
        assertThat(answer.status()).isEqualTo(207);
        assertThat(answer.body()).isEqualTo("hello");
        assertThat(answer.values("X-Answer")).containsExactly("a", "b");
        assertThat(answer.value("Set-Cookie")).isEqualTo("k=v");
        assertThat(api.last().target()).isEqualTo("/api/x?q=%2F&r");
        assertThat(api.last().value("X-Mine")).isEqualTo("1");
        assertThat(api.last().value("Host")).isEqualTo("api.example");
    }

    @Test
    void thePathIsForwardedInTheFormInWhichItWasJudged() {
        assertThat(get("/open/../api//%78/./?q=..//").status()).isEqualTo(200);
        assertThat(api.last().target()).isEqualTo("/api/x/?q=..//");
    }

    @Test
    void theUpstreamLearnsWhereARequestComesFromAndNobodyMakesItUp() {
        get("/api/x", "X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil",
                "Forwarded: for=192.0.2.1",
                "X-Real-IP: 192.0.2.1", "X-Forwarded-Uri: /other");
        assertThat(api.last().value("X-Forwarded-For")).isEqualTo("127.0.0.1");
        assertThat(api.last().value("X-Forwarded-Proto")).isEqualTo("http");
        assertThat(api.last().value("X-Forwarded-Host")).isEqualTo("api.example");
        assertThat(api.last().value("Forwarded")).isEqualTo("for=127.0.0.1;host=\"api.example\";proto=http");
        assertThat(api.last().headers().toString()).doesNotContain("192.0.2.1", "evil", "/other");
    }

    @Test
    void headersForTheNextHopAloneAreNotForwarded() {
        api.behave(request -> request.response().putHeader("Connection", "X-Private").putHeader("X-Private", "1")
                .putHeader("Keep-Alive", "timeout=1").end("x"));
        Answer answer = get("/api/x", "Connection: X-Secret, keep-alive", "X-Secret: 1", "Keep-Alive: 1", "TE: trailers",
                "Proxy-Authorization: Basic eDp5", "Proxy-Connection: x", "Upgrade: other");
        assertThat(api.last().headers().stream().map(header -> header.getKey().toLowerCase())).doesNotContain("x-secret",
                "keep-alive",
                "te", "proxy-authorization", "proxy-connection", "upgrade", "connection");
        assertThat(answer.values("X-Private")).isEmpty();
        assertThat(answer.values("Keep-Alive")).isEmpty();
    }

    @Test
    void clientsOfHttp10And2ArePassedOnToo() throws Exception {
        api.behave(request -> request.response().setChunked(true).end("in chunks"));
        Answer old = RawHttp.exchange(latchkey.proxyPort(),
                "GET /api/x HTTP/1.0\r\nHost: api.example\r\nAuthorization: Bearer " + token + "\r\n\r\n");
        assertThat(old.body()).isEqualTo("in chunks");
        assertThat(old.values("Transfer-Encoding")).isEmpty();
        var h2c = api.vertx().createHttpClient(new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2)
                .setHttp2ClearTextUpgrade(false));
        Buffer body = onEventLoop(() -> h2c.request(HttpMethod.POST, latchkey.proxyPort(), "127.0.0.1", "/api/x")
                .compose(request -> request.putHeader("Authorization", "Bearer " + token).send("ping"))
                .compose(response -> {
                    if (response.version() != HttpVersion.HTTP_2) {
                        throw new AssertionError(response.version());
                    }
                    return response.body();
                }));
        assertThat(body.toString()).isEqualTo("in chunks");
    }

    @Test
    void anAnswerWithoutABodyHasNone() {
        for (int status : new int[] { 204, 304 }) {
            api.behave(request -> request.response().setStatusCode(status).end());
            Answer answer = get("/api/x");
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.body()).isEmpty();
            assertThat(answer.values("Transfer-Encoding")).isEmpty();
        }
        api.behaveWell();
        Answer head = RawHttp.send(latchkey.proxyPort(), "HEAD", "/api/x", "Authorization: Bearer " + token);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(api.last().method()).isEqualTo("HEAD");
    }

    @Test
    void whoExpectsToContinueIsToldSoOnceTheRequestMayPass() throws IOException {
        String head = "POST /api/x HTTP/1.1\r\nHost: api.example\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n";
        try (Socket socket = new Socket("127.0.0.1", latchkey.proxyPort())) {
            socket.setSoTimeout(5_000);
            socket.getOutputStream()
                    .write((head + "Authorization: Bearer " + token + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            byte[] buffer = new byte[1_000];
            int count = socket.getInputStream().read(buffer);
            assertThat(new String(buffer, 0, count, StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 100");
            socket.getOutputStream().write("ok".getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)).contains("HTTP/1.1 200");
        }
        assertThat(RawHttp.exchange(latchkey.proxyPort(), head + "\r\n").status()).isEqualTo(401);
    }

    @Test
    void twoGibibytesDownAndUpPassInFlatMemory() throws Exception {
        Buffer chunk = Buffer.buffer(new byte[64 * 1024]);
        api.behave(request -> {
            request.response().putHeader("Content-Length", Long.toString(TWO_GIB));
            pour(request, chunk, new AtomicLong());
        });
        long before = residentKib();
        HttpClient client = HttpClient.newHttpClient();
        HttpResponse<InputStream> download = client.send(
                HttpRequest.newBuilder(uri("/api/down")).header("Authorization", "Bearer " + token).build(),
                HttpResponse.BodyHandlers.ofInputStream());
        long received = 0;
        byte[] buffer = new byte[1 << 20];
        try (InputStream in = download.body()) {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                received += count;
            }
        }
        assertThat(received).isEqualTo(TWO_GIB);

        AtomicLong uploaded = new AtomicLong();
        api.behave(request -> request.handler(bytes -> uploaded.addAndGet(bytes.length()))
                .endHandler(ended -> request.response().end(Long.toString(uploaded.get()))));
        try (Socket socket = new Socket("127.0.0.1", latchkey.proxyPort())) {
            socket.setSoTimeout(30_000);
            OutputStream out = socket.getOutputStream();
            out.write(("PUT /api/up HTTP/1.1\r\nHost: api.example\r\nContent-Length: " + TWO_GIB + "\r\nConnection: close\r\n"
                    + "Authorization: Bearer " + token + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            for (long sent = 0; sent < TWO_GIB; sent += buffer.length) {
                out.write(buffer);
            }
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .endsWith(Long.toString(TWO_GIB));
        }
        assertThat(residentKib() - before).as("KiB more than before").isLessThan(200 * 1024);
    }

    private static void pour(HttpServerRequest request, Buffer chunk, AtomicLong sent) {
        while (sent.get() < TWO_GIB) {
            if (request.response().closed()) {
                return;
            }
            request.response().write(chunk);
            sent.addAndGet(chunk.length());
            if (request.response().writeQueueFull()) {
                request.response().drainHandler(drained -> pour(request, chunk, sent));
                return;
            }
        }
        request.response().end();
    }

    /** A reader that does not read holds up the writer, in both directions of a tunnel too. */
    @Test
    void whoeverIsSlowHoldsUpTheOther() throws Exception {
        AtomicLong written = new AtomicLong();
        Handler<HttpServerRequest> endless = request -> {
            request.response().setChunked(true);
            pour(request, Buffer.buffer(new byte[64 * 1024]), written);
        };
        api.behave(endless);
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(64 * 1024);
            socket.connect(new InetSocketAddress("127.0.0.1", latchkey.proxyPort()));
            socket.getOutputStream().write(("GET /api/x HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            Thread.sleep(1_000);
            long held = written.get();
            assertThat(held).isLessThan(64L << 20);
            Thread.sleep(300);
            assertThat(written.get()).isEqualTo(held);
        }
        awaitNoExchanges();
    }

    // Tokens that end

    /** What a WebSocket told, and how it was closed. */
    private static final class Listener implements WebSocket.Listener {

        private final List<String> messages = new ArrayList<>();
        private final CompletableFuture<Integer> closed = new CompletableFuture<>();

        @Override
        public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
            synchronized (messages) {
                messages.add(text.toString());
            }
            socket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
            closed.complete(status);
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable failure) {
            closed.completeExceptionally(failure);
        }
    }

    private static WebSocket connect(Listener listener, String path, String bearer) throws Exception {
        return HttpClient.newHttpClient().newWebSocketBuilder().header("Authorization", "Bearer " + bearer)
                .connectTimeout(Duration.ofSeconds(5))
                .buildAsync(URI.create("ws://127.0.0.1:" + latchkey.proxyPort() + path), listener)
                .get(10, TimeUnit.SECONDS);
    }

    private static void echo(HttpServerRequest request) {
        request.toWebSocket().onSuccess(socket -> socket.textMessageHandler(socket::writeTextMessage));
    }

    @Test
    void webSocketsPass() throws Exception {
        api.behave(ReverseProxyIT::echo);
        Listener listener = new Listener();
        WebSocket socket = connect(listener, "/api/socket", token);
        String large = "x".repeat(100_000);
        for (String text : List.of("one", large, "three")) {
            socket.sendText(text, true).get(5, TimeUnit.SECONDS);
        }
        Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> String.join("", listener.messages).length() == 100_008);
        assertThat(api.last().value("X-Latchkey-Scopes")).isEqualTo("license:read");
        assertThat(api.last().headers().toString()).doesNotContain(token);
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(5, TimeUnit.SECONDS);
        assertThat(listener.closed.get(5, TimeUnit.SECONDS)).isEqualTo(1000);
        awaitNoExchanges();
    }

    @Test
    void anUpgradeThatIsNotAllowedOrNotWantedIsAnsweredAsAnyRequest() {
        assertThatThrownBy(() -> connect(new Listener(), "/api/socket", "lkp_nothing")).isInstanceOf(ExecutionException.class);
        assertThat(api.count()).isZero();
        api.behave(request -> request.response().setStatusCode(418).end("no"));
        Answer answer = get("/api/socket", "Connection: keep-alive, Upgrade", "Upgrade: WebSocket", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
        assertThat(answer.status()).isEqualTo(418);
        assertThat(answer.body()).isEqualTo("no");
        awaitNoExchanges();
    }

    private Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }

    @Test
    void aWebSocketWhoseTokenIsRevokedIsClosedWith1008() throws Exception {
        api.behave(request -> request.toWebSocket().onSuccess(socket -> api.vertx().setPeriodic(5, ignored -> {
            if (!socket.isClosed()) {
                socket.writeTextMessage("tick");
            }
        })));
        String own = latchkey.createToken(session, "to be revoked");
        Listener listener = new Listener();
        connect(listener, "/api/socket", own);
        Thread.sleep(500);
        assertThat(listener.closed).isNotDone();
        long revoked = System.nanoTime();
        assertThat(latchkey.delete("/v3/personal-access-tokens/self", own).status()).isEqualTo(204);
        assertThat(listener.closed.get(5, TimeUnit.SECONDS)).isEqualTo(1008);
        assertThat(since(revoked)).isLessThan(BOUND);
        awaitNoExchanges();
    }

    @ParameterizedTest
    @ValueSource(strings = { "events", "download" })
    void aStreamWhoseTokenIsRevokedBreaksOff(String kind) throws Exception {
        AtomicBoolean upstreamClosed = new AtomicBoolean();
        api.behave(request -> {
            request.response().closeHandler(closed -> upstreamClosed.set(true));
            Buffer part;
            if (kind.equals("events")) {
                part = Buffer.buffer("data: 1\n\n");
                request.response().putHeader("Content-Type", "text/event-stream").setChunked(true);
            } else {
                part = Buffer.buffer(new byte[64 * 1024]);
                request.response().putHeader("Content-Length", Long.toString(TWO_GIB));
            }
            request.response().write(part);
            // Steadily, not as fast as it goes: a flood would measure how the machine shares its processors.
            api.vertx().setPeriodic(20, timer -> {
                if (request.response().closed()) {
                    api.vertx().cancelTimer(timer);
                } else if (!request.response().writeQueueFull()) {
                    request.response().write(part);
                }
            });
        });
        String own = latchkey.createToken(session, "to be revoked");
        HttpResponse<InputStream> answer = HttpClient.newHttpClient().send(
                HttpRequest.newBuilder(uri("/api/stream")).header("Authorization", "Bearer " + own).build(),
                HttpResponse.BodyHandlers.ofInputStream());
        assertThat(answer.statusCode()).isEqualTo(200);
        InputStream in = answer.body();
        byte[] buffer = new byte[1_024];
        assertThat(in.read(buffer)).isPositive();
        Thread.sleep(400);
        long revoked = System.nanoTime();
        assertThat(latchkey.delete("/v3/personal-access-tokens/self", own).status()).isEqualTo(204);
        assertThatThrownBy(() -> {
            while (in.read(new byte[1 << 20]) >= 0) {
                assertThat(since(revoked)).isLessThan(BOUND);
            }
        }).isInstanceOf(IOException.class);
        assertThat(since(revoked)).isLessThan(BOUND);
        Awaitility.await().atMost(Duration.ofSeconds(3)).untilTrue(upstreamClosed);
        awaitNoExchanges();
    }

    @Test
    void aWebSocketWhoseTokenExpiresIsClosedToo() throws Exception {
        api.behave(ReverseProxyIT::echo);
        String own = latchkey.createToken(session, new io.vertx.core.json.JsonObject().put("name", "short")
                .put("scopes", List.of("license:read")).put("expiresAt", java.time.Instant.now().plusMillis(1_200).toString()));
        Listener listener = new Listener();
        connect(listener, "/api/socket", own);
        assertThat(listener.closed.get(5, TimeUnit.SECONDS)).isEqualTo(1008);
    }

    @Test
    void anAnswerThatIsAwaitedEndsWithItsToken() throws Exception {
        api.behave(request -> {
            // Never answers.
        });
        String own = latchkey.createToken(session, "to be revoked");
        CompletableFuture<Answer> pending = CompletableFuture.supplyAsync(
                () -> RawHttp.send(latchkey.proxyPort(), "GET", "/api/x", "Authorization: Bearer " + own));
        Awaitility.await().until(() -> api.count() == 1);
        assertThat(latchkey.delete("/v3/personal-access-tokens/self", own).status()).isEqualTo(204);
        assertThat(pending.get(5, TimeUnit.SECONDS).status()).isEqualTo(401);
    }

    /** A body that is still being sent when its answer is whole is watched no more, and so goes no further. */
    @Test
    void anUploadThatIsAnsweredEarlyIsNotReadOn() throws Exception {
        api.behave(request -> request.response().end("enough"));
        try (Socket socket = new Socket("127.0.0.1", latchkey.proxyPort())) {
            socket.setSoTimeout(5_000);
            OutputStream out = socket.getOutputStream();
            out.write(("PUT /api/up HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\nAuthorization: Bearer " + token
                    + "\r\n\r\nsome").getBytes(StandardCharsets.US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)).contains("200 OK",
                    "enough");
        }
        awaitNoExchanges();
    }

    /** What was begun of the answer is not mixed with the refusal. */
    @Test
    void anAnswerOfWhichOnlyTheHeadHasComeBreaksOff() throws Exception {
        api.behave(
                request -> request.response().putHeader("Content-Length", "1000").putHeader("Set-Cookie", "a=b").writeHead());
        String own = latchkey.createToken(session, "to be revoked");
        CompletableFuture<Answer> pending = CompletableFuture.supplyAsync(
                () -> RawHttp.send(latchkey.proxyPort(), "GET", "/api/x", "Authorization: Bearer " + own));
        Awaitility.await().until(() -> api.count() == 1);
        Thread.sleep(200);
        assertThat(latchkey.delete("/v3/personal-access-tokens/self", own).status()).isEqualTo(204);
        Answer answer = pending.get(5, TimeUnit.SECONDS);
        assertThat(answer.body()).doesNotContain("code");
        awaitNoExchanges();
    }

    @Test
    void aStreamBeginsBeforeItsFirstEvent() throws Exception {
        api.behave(request -> request.response().putHeader("Content-Type", "text/event-stream").setChunked(true).writeHead());
        HttpResponse<InputStream> answer = HttpClient.newHttpClient().sendAsync(
                HttpRequest.newBuilder(uri("/api/events")).header("Authorization", "Bearer " + token).build(),
                HttpResponse.BodyHandlers.ofInputStream()).get(1, TimeUnit.SECONDS);
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/event-stream");
        answer.body().close();
    }

    // HTTP/2

    private static io.vertx.core.http.HttpClient http2() {
        return api.vertx().createHttpClient(
                new HttpClientOptions().setProtocolVersion(HttpVersion.HTTP_2).setHttp2ClearTextUpgrade(false));
    }

    private static <T> T await(io.vertx.core.Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(6, TimeUnit.SECONDS);
    }

    /** On an event loop, where nothing of an answer comes between two steps. */
    private static <T> T onEventLoop(java.util.function.Supplier<io.vertx.core.Future<T>> steps) throws Exception {
        io.vertx.core.Promise<T> promise = io.vertx.core.Promise.promise();
        api.vertx().runOnContext(ignored -> steps.get().onComplete(promise));
        return await(promise.future());
    }

    private static io.vertx.core.Future<io.vertx.core.http.HttpClientRequest> http2(io.vertx.core.http.HttpClient client,
            HttpMethod method, String path) {
        return client.request(method, latchkey.proxyPort(), "127.0.0.1", path)
                .map(request -> request.putHeader("Authorization", "Bearer " + token));
    }

    @Test
    void aBodyOfHttp2WithoutALengthArrivesWhole() throws Exception {
        api.behave(request -> request.body().onSuccess(body -> request.response().end(body)));
        Buffer echoed = onEventLoop(() -> http2(http2(), HttpMethod.POST, "/api/x").compose(request -> {
            request.setChunked(true).write("hello ");
            request.end("world");
            return request.response();
        }).compose(io.vertx.core.http.HttpClientResponse::body));
        assertThat(echoed.toString()).isEqualTo("hello world");
        assertThat(await(http2(http2(), HttpMethod.GET, "/api/x").compose(request -> request.send())).statusCode())
                .isEqualTo(200);
        assertThat(api.last().values("Transfer-Encoding")).isEmpty();
    }

    @Test
    void connectionsToTheUpstreamAreUsedAgainForHttp2() throws Exception {
        java.util.Set<Integer> ports = java.util.concurrent.ConcurrentHashMap.newKeySet();
        api.behave(request -> {
            ports.add(request.remoteAddress().port());
            request.response().end("x");
        });
        var client = http2();
        for (int i = 0; i < 20; i++) {
            assertThat(onEventLoop(() -> http2(client, HttpMethod.GET, "/api/x").compose(request -> request.send())
                    .compose(io.vertx.core.http.HttpClientResponse::body)).toString()).isEqualTo("x");
        }
        assertThat(ports).hasSizeLessThan(4);
        awaitNoExchanges();
    }

    @ParameterizedTest
    @ValueSource(strings = { "closes", "slow" })
    void clientsOfHttp2LearnThatTheUpstreamFailed(String how) throws Exception {
        api.behave(misbehaving(how));
        assertThat(await(http2(http2(), HttpMethod.GET, "/api/x").compose(request -> request.send())).statusCode())
                .isEqualTo(how.equals("slow") ? 504 : 502);
        awaitNoExchanges();
    }

    @Test
    void anExchangeOfHttp2EndsWithItsToken() throws Exception {
        AtomicBoolean cancelled = new AtomicBoolean();
        api.behave(request -> request.connection().closeHandler(closed -> cancelled.set(true)));
        String own = latchkey.createToken(session, "to be revoked");
        var pending = http2().request(HttpMethod.GET, latchkey.proxyPort(), "127.0.0.1", "/api/x")
                .compose(request -> request.putHeader("Authorization", "Bearer " + own).send());
        Awaitility.await().until(() -> api.count() == 1);
        assertThat(latchkey.delete("/v3/personal-access-tokens/self", own).status()).isEqualTo(204);
        assertThat(await(pending).statusCode()).isEqualTo(401);
        Awaitility.await().atMost(Duration.ofSeconds(2)).untilTrue(cancelled);
        awaitNoExchanges();
    }

    // What goes wrong

    /** What an upstream says about caching or coding is nothing that the proxy could stumble on. */
    @ParameterizedTest
    @ValueSource(strings = { "Expires: 0", "Warning: nonsense", "Date: never", "Cache-Control: max-age=x",
            "Connection: Content-Length" })
    void oddHeadersOfTheUpstreamPass(String odd) {
        int colon = odd.indexOf(':');
        api.behave(request -> request.response().putHeader("Cache-Control", "public")
                .putHeader("Date", "Tue, 24 Nov 2026 00:00:00 GMT")
                .putHeader(odd.substring(0, colon), odd.substring(colon + 2)).end("x".repeat(100_000)));
        for (int i = 0; i < 40; i++) {
            Answer answer = get("/api/x");
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).hasSize(100_000);
        }
        awaitNoExchanges();
    }

    @Test
    void webSocketsDoNotTakeTheConnectionsOfRequests() throws Exception {
        api.behave(ReverseProxyIT::echo);
        List<WebSocket> sockets = new ArrayList<>();
        for (int i = 0; i < 80; i++) {
            sockets.add(connect(new Listener(), "/api/socket", token));
            if (i == 60) {
                break;
            }
        }
        api.behaveWell();
        assertThat(get("/api/x").status()).isEqualTo(200);
        sockets.forEach(WebSocket::abort);
        awaitNoExchanges();
    }

    /** Attack inputs on upgrades and methods: a request is passed on as what it was judged as. */
    @Test
    void aWishToUpgradeDoesNotChangeTheMethod() {
        for (String method : List.of("POST", "PUT", "DELETE", "PATCH")) {
            api.forget();
            Answer answer = RawHttp.send(latchkey.proxyPort(), method, "/open/x", "Upgrade: websocket", "Connection: Upgrade",
                    "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Content-Length: 0");
            if (method.equals("POST")) {
                assertThat(answer.status()).isEqualTo(200);
                assertThat(api.last().method()).isEqualTo("POST");
                assertThat(api.last().values("Upgrade")).isEmpty();
            } else {
                assertThat(answer.status()).isEqualTo(403);
                assertThat(api.count()).isZero();
            }
        }
        for (String method : List.of("TRACE", "CONNECT")) {
            assertThat(RawHttp.send(latchkey.proxyPort(), method, "/open/x").status()).isEqualTo(400);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = { "/open/x?a\tb", "/open/x?\u00ff", "/open/x?a\u0001", "/open/x?a#b", "/open/\u007f" })
    void whatCannotBeInARequestLineIsRefusedInTheQueryToo(String target) {
        assertThat(RawHttp.send(latchkey.proxyPort(), "GET", target).status()).isEqualTo(400);
        assertThat(api.count()).isZero();
    }

    @Test
    void aCodingIsUnderstoodInAnyCase() {
        Answer answer = RawHttp.exchange(latchkey.proxyPort(),
                "POST /open/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n"
                        + "Connection: close\r\n\r\n2\r\nab\r\n0\r\n\r\n");
        assertThat(answer.status()).isEqualTo(200);
        awaitNoExchanges();
    }

    @ParameterizedTest
    @ValueSource(strings = { "closes", "garbage", "headers", "half", "slow" })
    void anUpstreamThatMisbehavesIsAnsweredFor(String how) {
        api.behave(misbehaving(how));
        long asked = System.nanoTime();
        Answer answer = get("/api/x");
        if (how.equals("half")) {
            assertThat(answer.body()).isEqualTo("half");
            assertThat(answer.value("Content-Length")).isEqualTo("100");
        } else {
            assertThat(answer.status()).isEqualTo(how.equals("slow") ? 504 : 502);
            assertThat(answer.code()).isEqualTo(how.equals("slow") ? "UPSTREAM_TIMEOUT" : "UPSTREAM_FAILED");
            assertThat(since(asked)).isLessThan(Duration.ofSeconds(5));
        }
        awaitNoExchanges();
        api.behaveWell();
        assertThat(get("/api/x").status()).isEqualTo(200);
    }

    private static Handler<HttpServerRequest> misbehaving(String how) {
        return request -> {
            switch (how) {
                case "closes" -> request.connection().close();
                case "garbage" -> request.toNetSocket().onFailure(no -> request.connection().close())
                        .onSuccess(socket -> socket.write("this is not HTTP\r\n\r\n").onComplete(done -> socket.close()));
                case "headers" -> request.response().putHeader("X-Large", "x".repeat(100_000)).end("x");
                case "half" -> {
                    request.response().putHeader("Content-Length", "100").write("half");
                    api.vertx().setTimer(100, later -> request.connection().close());
                }
                default -> {
                    // Says nothing.
                }
            }
        };
    }

    @Test
    void tenThousandFailuresLeaveNothingBehind() throws Exception {
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        List<Handler<HttpServerRequest>> kinds = List.of(misbehaving("closes"), misbehaving("garbage"), misbehaving("headers"));
        AtomicLong number = new AtomicLong();
        api.behave(request -> kinds.get((int) (number.getAndIncrement() % kinds.size())).handle(request));
        HttpRequest request = HttpRequest.newBuilder(uri("/api/x")).header("Authorization", "Bearer " + token).build();
        AtomicLong bad = new AtomicLong();
        for (int round = 0; round < 100; round++) {
            List<CompletableFuture<?>> all = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                all.add(client.sendAsync(request, HttpResponse.BodyHandlers.ofString()).thenAccept(answer -> {
                    if (answer.statusCode() == 502) {
                        bad.incrementAndGet();
                    }
                }));
            }
            CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
        }
        assertThat(bad.get()).isEqualTo(10_000);
        awaitNoExchanges();
        api.behaveWell();
        for (int i = 0; i < 100; i++) {
            assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aClientThatLeavesTakesItsRequestWithIt() throws Exception {
        AtomicBoolean cancelled = new AtomicBoolean();
        api.behave(request -> request.connection().closeHandler(closed -> cancelled.set(true)));
        try (Socket socket = new Socket("127.0.0.1", latchkey.proxyPort())) {
            socket.getOutputStream().write(("GET /api/x HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + token + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            Awaitility.await().until(() -> api.count() == 1);
        }
        Awaitility.await().atMost(Duration.ofMillis(1_500)).untilTrue(cancelled);
        awaitNoExchanges();
    }

    /** Attack inputs on framing: what two programs could take for two requests is refused, and nothing arrives. */
    @ParameterizedTest
    @ValueSource(strings = { "Content-Length: 4\r\nTransfer-Encoding: chunked", "Content-Length: 4\r\nContent-Length: 30",
            "Content-Length: 4\r\nContent-Length: 4", "Content-Length: 4, 30", "Content-Length: +4", "Content-Length: -4",
            "Content-Length: 4x", "Content-Length: 99999999999999999999",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
            "Transfer-Encoding: identity, chunked, identity", "Transfer-Encoding: xchunked", "Transfer-Encoding : chunked",
            "Transfer-Encoding: chunked, chunked", "Transfer-Encoding:\u000bchunked", "X: y\nTransfer-Encoding: chunked",
            "X: y\rTransfer-Encoding: chunked", " Transfer-Encoding: chunked", "X:\u0000y", "Host: other", "X Y: z" })
    void aRequestThatCouldBeTwoIsRefused(String headers) {
        Answer answer = RawHttp.exchange(latchkey.proxyPort(), "POST /open/x HTTP/1.1\r\nHost: api.example\r\n" + headers
                + "\r\n\r\n0\r\n\r\nGET /open/smuggled HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n\r\n");
        assertThat(answer.status()).as(answer.toString()).isIn(400, 501);
        assertThat(api.count()).as("arrived: %s", api.count() == 0 ? "" : api.last()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = { "GET /open HTTP/1.1\r\n\r\n", "GET /open\r\n\r\n",
            "GET /open HTTP/9.9\r\nHost: a\r\n\r\n", "get /open HTTP/1.1\r\nHost: a\r\n\r\n",
            "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST /open HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" })
    void whatIsNotOurKindOfHttpIsRefused(String request) {
        assertThat(RawHttp.exchange(latchkey.proxyPort(), request).status()).isIn(400, 403, 501, 505);
        assertThat(api.count()).isZero();
    }

    @Test
    void whatIsTooLongIsRefused() {
        assertThat(get("/api/" + "x".repeat(20_000)).status()).isIn(400, 414);
        assertThat(get("/api/x", "X-Large: " + "x".repeat(100_000)).status()).isIn(400, 431);
        assertThat(api.count()).isZero();
    }

    /** Of two pipelined requests each is judged by itself. */
    @Test
    void pipelinedRequestsAreJudgedOneByOne() {
        Answer answer = RawHttp.exchange(latchkey.proxyPort(), "GET /open/1 HTTP/1.1\r\nHost: a\r\n\r\n"
                + "GET /api/2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).contains("HTTP/1.1 401");
        assertThat(api.last().target()).isEqualTo("/open/1");
    }

    @Test
    void atAStopWhatIsUnderWayMayEnd() throws Exception {
        Map<String, String> environment = new HashMap<>(TestDatabase.create().environment());
        environment.put("LATCHKEY_POLICY", directory.resolve("policy.yaml").toString());
        environment.put("LATCHKEY_PROXY_UPSTREAM", "http://127.0.0.1:" + api.port());
        api.behave(request -> api.vertx().setTimer(1_500, later -> request.response().end("late")));
        LatchkeyProcess own = LatchkeyProcess.start(directory, environment).ready();
        CompletableFuture<Answer> pending = CompletableFuture
                .supplyAsync(() -> RawHttp.send(own.proxyPort(), "GET", "/open/x"));
        Awaitility.await().until(() -> api.count() == 1);
        own.stop();
        assertThat(pending.get(5, TimeUnit.SECONDS).body()).isEqualTo("late");
    }

    @Test
    void anUpstreamThatIsDownIs502() throws IOException {
        Map<String, String> environment = new HashMap<>(TestDatabase.create().environment());
        environment.put("LATCHKEY_POLICY", directory.resolve("policy.yaml").toString());
        environment.put("LATCHKEY_PROXY_UPSTREAM", "http://127.0.0.1:1");
        try (LatchkeyProcess alone = LatchkeyProcess.start(directory, environment).ready()) {
            Answer answer = RawHttp.send(alone.proxyPort(), "POST", "/open/x", "Content-Length: 0");
            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.code()).isEqualTo("UPSTREAM_FAILED");
        }
    }
}
