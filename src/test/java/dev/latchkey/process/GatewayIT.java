package dev.latchkey.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import dev.latchkey.testing.EnvoyClient;
import dev.latchkey.testing.FrontProxy;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.RawHttp;
import dev.latchkey.testing.RawHttp.Answer;
import dev.latchkey.testing.RecordingUpstream;
import dev.latchkey.testing.RunningService;
import dev.latchkey.testing.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * An API that knows nothing of tokens, behind every door: for each of the 29 scopes the permitted request passes and all others
 * are refused; the API learns who calls, and nothing that a client makes up.
 */
class GatewayIT {

    private static final List<String> IDENTITY = List.of("X-Latchkey-Subject", "X-Latchkey-Account", "X-Latchkey-Token-Id",
            "X-Latchkey-Scopes");

    @TempDir
    private static Path directory;
    private static RecordingUpstream api;
    private static LatchkeyProcess latchkey;
    private static LatchkeyProcess sidecar;
    private static String session;
    private static final Map<String, String> TOKENS = new HashMap<>();
    private static final List<Door> DOORS = new ArrayList<>();
    private static FrontProxy nginx;
    private static FrontProxy caddy;
    private static EnvoyClient envoy;

    /** A way to the API, or to the question whether a request would reach it. */
    private interface Way {
        Answer send(String method, String target, String... headers);
    }

    /** @param reachesApi whether what was sent arrives at the API */
    private record Door(String name, boolean reachesApi, Way way) {
        @Override
        public String toString() {
            return name;
        }

        /** Caddy takes what it is told of a permitted request for the API's eyes alone. */
        boolean tellsWhatIsLeft() {
            return !name.equals("Caddy");
        }

        /** Whether a proxy of its own, or Envoy, says where a request comes from. */
        boolean isBehindAnother() {
            return List.of("nginx", "Caddy", "envoy gRPC").contains(name);
        }
    }

    static List<String> scopes() {
        return RunningService.allScopes().stream().filter(scope -> !scope.equals(RunningService.EXTRA_SCOPE)).toList();
    }

    private static String path(String scope) {
        return "/scoped/" + scope.replace(':', '-');
    }

    @BeforeAll
    static void start() throws IOException {
        StringBuilder policy = new StringBuilder("rules:\n");
        for (String scope : scopes()) {
            policy.append("  - {name: \"").append(scope).append("\", match: {methods: [GET, POST], path: ").append(path(scope))
                    .append("/**}, require: [\"").append(scope).append("\"]}\n");
        }
        policy.append(
                """
                          - {name: open, match: {methods: [GET, OPTIONS], path: /open/**}, public: true}
                          - {name: any, match: {methods: [GET], path: /any}, any: true}
                          - {name: either, match: {methods: [GET], path: /either}, require: ["license:read"], anyOf: ["tag:read", "user:read"]}
                        """);
        Path file = Files.writeString(directory.resolve("policy.yaml"), policy);
        api = new RecordingUpstream();
        TestDatabase database = TestDatabase.create();
        Map<String, String> gateway = Map.of("LATCHKEY_POLICY", file.toString(), "LATCHKEY_PROXY_UPSTREAM",
                "http://127.0.0.1:" + api.port(), "LATCHKEY_HTTP_TRUSTED_PROXIES", "127.0.0.1");
        int internalPort = LatchkeyProcess.freePorts(1)[0];
        Map<String, String> environment = new HashMap<>(database.environment());
        environment.putAll(gateway);
        environment.put("LATCHKEY_INTERNAL_PORT", Integer.toString(internalPort));
        latchkey = LatchkeyProcess.start(directory, environment).ready();
        sidecar = LatchkeyProcess.startSidecar(directory, internalPort, database.createSidecarClient(), gateway).ready();
        session = latchkey.signIn("default", RunningService.ADMIN_EMAIL, RunningService.ADMIN_PASSWORD);
        for (String scope : scopes()) {
            TOKENS.put(scope, token(scope));
        }
        DOORS.add(new Door("reverse proxy", true,
                (method, target, headers) -> RawHttp.send(latchkey.proxyPort(), method, target, headers)));
        DOORS.add(new Door("sidecar", true,
                (method, target, headers) -> RawHttp.send(sidecar.proxyPort(), method, target, headers)));
        DOORS.add(new Door("/auth/forward", false, (method, target, headers) -> RawHttp.send(latchkey.gatewayPort(), "GET",
                "/auth/forward", with(headers, "X-Forwarded-Method: " + method, "X-Forwarded-Uri: " + target))));
        DOORS.add(new Door("/auth/envoy", false,
                (method, target, headers) -> RawHttp.send(latchkey.gatewayPort(), method, "/auth/envoy" + target, headers)));
        envoy = new EnvoyClient(latchkey.gatewayPort());
        DOORS.add(new Door("envoy gRPC", false, envoy::check));
        if (FrontProxy.isInstalled("nginx")) {
            nginx = FrontProxy.nginx(latchkey.gatewayPort(), api.port());
            DOORS.add(
                    new Door("nginx", true, (method, target, headers) -> RawHttp.send(nginx.port(), method, target, headers)));
        }
        if (FrontProxy.isInstalled("caddy")) {
            caddy = FrontProxy.caddy(latchkey.gatewayPort(), api.port());
            DOORS.add(
                    new Door("Caddy", true, (method, target, headers) -> RawHttp.send(caddy.port(), method, target, headers)));
        }
    }

    @AfterAll
    static void stop() {
        Stream.of(sidecar, latchkey, nginx, caddy, envoy, api).filter(it -> it != null).forEach(it -> {
            try {
                it.close();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    @BeforeEach
    void forget() {
        api.forget();
    }

    private static String token(String... scopes) {
        return latchkey.createToken(session,
                new JsonObject().put("name", "for the gateway").put("scopes", new JsonArray(List.of(scopes))));
    }

    private static String[] with(String[] headers, String... more) {
        return Stream.concat(Stream.of(headers), Stream.of(more)).toArray(String[]::new);
    }

    private static String bearer(String token) {
        return "Authorization: Bearer " + token;
    }

    static List<Door> doors() {
        return DOORS;
    }

    static List<Door> doorsToTheApi() {
        return DOORS.stream().filter(Door::reachesApi).toList();
    }

    @Test
    void nginxIsThere() {
        Assumptions.assumeTrue(nginx != null, "nginx is not installed");
    }

    @Test
    void caddyIsThere() {
        Assumptions.assumeTrue(caddy != null, "Caddy is not installed");
    }

    @ParameterizedTest
    @MethodSource("doors")
    void eachScopeOpensItsOwnPathAndNoOther(Door door) {
        List<String> scopes = scopes();
        assertThat(scopes).hasSize(29);
        for (int i = 0; i < scopes.size(); i++) {
            String scope = scopes.get(i);
            String other = scopes.get((i + 1) % scopes.size());
            assertThat(door.way.send("GET", path(scope), bearer(TOKENS.get(scope))).status()).as(scope).isEqualTo(200);
            assertThat(door.way.send("POST", path(scope) + "/1?a=b", bearer(TOKENS.get(scope)), "Content-Length: 0").status())
                    .as(scope).isEqualTo(200);
            Answer refused = door.way.send("GET", path(scope), bearer(TOKENS.get(other)));
            assertThat(refused.status()).as("%s with %s", scope, other).isEqualTo(403);
            assertThat(refused.code()).isEqualTo("INSUFFICIENT_SCOPE");
            assertThat(refused.value("WWW-Authenticate")).contains("error=\"insufficient_scope\"", "scope=\"" + scope + "\"");
            assertThat(door.way.send("DELETE", path(scope), bearer(TOKENS.get(scope))).code()).isEqualTo("NOT_IN_POLICY");
        }
        assertThat(api.count()).isEqualTo(door.reachesApi ? 2 * scopes.size() : 0);
    }

    @ParameterizedTest
    @MethodSource("doors")
    void whoHasNoGoodTokenIsToldWhy(Door door) {
        Answer none = door.way.send("GET", path("license:read"));
        assertThat(none.status()).isEqualTo(401);
        assertThat(none.code()).isEqualTo("UNAUTHENTICATED");
        assertThat(none.value("WWW-Authenticate")).isEqualTo("Bearer realm=\"latchkey\", scope=\"license:read\"");
        for (String bad : List.of("Bearer", "Bearer x", "Basic eDp5", "Bearer " + TOKENS.get("license:read") + "x",
                "Bearer " + session, "Bearer " + TOKENS.get("license:read") + ",Bearer " + TOKENS.get("license:read"))) {
            Answer refused = door.way.send("GET", path("license:read"), "Authorization: " + bad);
            assertThat(refused.status()).as(bad).isEqualTo(401);
            assertThat(refused.code()).isEqualTo("INVALID_TOKEN");
            assertThat(refused.value("WWW-Authenticate")).contains("error=\"invalid_token\"");
        }
        assertThat(door.way.send("GET", path("license:read"), "Authorization: Basic eDp5", bearer(TOKENS.get("license:read")))
                .status()).isIn(400, 401);
        assertThat(api.count()).isZero();
    }

    @ParameterizedTest
    @MethodSource("doors")
    void aRevokedTokenIsRefusedAtOnce(Door door) {
        String token = token("license:read");
        assertThat(door.way.send("GET", path("license:read"), bearer(token)).status()).isEqualTo(200);
        assertThat(latchkey.delete("/v3/personal-access-tokens/self", token).status()).isEqualTo(204);
        if (door.name.equals("sidecar")) {
            // What it hears takes a moment: SidecarFaultsIT says how long at most.
            Awaitility.await().atMost(Duration.ofSeconds(2))
                    .until(() -> door.way.send("GET", path("license:read"), bearer(token)).status() == 401);
        }
        Answer refused = door.way.send("GET", path("license:read"), bearer(token));
        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.code()).isIn("INVALID_TOKEN", "TOKEN_REVOKED");
    }

    @ParameterizedTest
    @MethodSource("doors")
    void aTokenThatWasUsedAsOftenAsItMayBeIsToldWhenToComeBack(Door door) {
        String token = latchkey.createToken(session,
                new JsonObject().put("name", "limited").put("scopes", List.of("license:read"))
                        .put("rateLimit", new JsonObject().put("requests", 3).put("window", 3600)));
        for (int i = 2; i >= 0; i--) {
            Answer passed = door.way.send("GET", path("license:read"), bearer(token));
            assertThat(passed.status()).isEqualTo(200);
            if (door.tellsWhatIsLeft()) {
                assertThat(passed.value("RateLimit-Policy")).isEqualTo("\"token\";q=3;w=3600");
                assertThat(passed.value("RateLimit")).matches("\"token\";r=" + i + ";t=[0-9]+");
            }
        }
        assertThat(door.way.send("GET", "/open/x", bearer(token)).status()).as("on a public route it is no use").isEqualTo(200);
        api.forget();
        for (int i = 0; i < 2; i++) {
            Answer refused = door.way.send("GET", path("license:read"), bearer(token));
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.code()).isEqualTo("TOO_MANY_REQUESTS");
            assertThat(Integer.parseInt(refused.value("Retry-After"))).isBetween(1, 1200);
            assertThat(refused.value("RateLimit-Policy")).isEqualTo("\"token\";q=3;w=3600");
            assertThat(refused.value("RateLimit")).matches("\"token\";r=0;t=[0-9]+");
        }
        assertThat(api.count()).isZero();
    }

    /** What this machine and the Envoy of the test come from; and what a client could make up. */
    @ParameterizedTest
    @MethodSource("doors")
    void aTokenIsGoodFromItsAddressesAlone(Door door) {
        String here = door.name.equals("envoy gRPC") ? "192.0.2.0/24" : "127.0.0.0/8";
        String token = latchkey.createToken(session, limitedTo(here));
        String elsewhere = latchkey.createToken(session, limitedTo("203.0.113.0/24"));
        String mapped = latchkey.createToken(session,
                limitedTo("::ffff:" + (here.startsWith("192") ? "192.0.2.0/120" : "127.0.0.0/104")));
        for (int i = 0; i < 2; i++) {
            assertThat(door.way.send("GET", path("license:read"), bearer(token)).status()).as("cached or not").isEqualTo(200);
            assertThat(door.way.send("GET", path("license:read"), bearer(mapped)).status()).as("mapped into IPv6")
                    .isEqualTo(200);
            Answer refused = door.way.send("GET", path("license:read"), bearer(elsewhere));
            assertThat(refused.status()).isEqualTo(401);
            assertThat(refused.code()).isEqualTo("IP_NOT_ALLOWED");
        }
        if (door.isBehindAnother()) {
            for (String spoof : List.of("X-Forwarded-For: 203.0.113.7", "Forwarded: for=203.0.113.7", "X-Real-IP: 203.0.113.7",
                    "X-Client-IP: 203.0.113.7")) {
                assertThat(door.way.send("GET", path("license:read"), bearer(elsewhere), spoof).status()).as(spoof)
                        .isEqualTo(401);
            }
        } else {
            assertThat(door.way.send("GET", path("license:read"), bearer(elsewhere), "X-Forwarded-For: 203.0.113.7").status())
                    .as("a trusted proxy says so").isEqualTo(200);
            assertThat(
                    door.way.send("GET", path("license:read"), bearer(elsewhere), "X-Forwarded-For: 203.0.113.7, 198.51.100.1")
                            .status())
                    .as("whoever it was that the proxy saw").isEqualTo(401);
            assertThat(door.way.send("GET", path("license:read"), bearer(elsewhere), "X-Forwarded-For: nonsense").status())
                    .as("what cannot be read is nowhere").isEqualTo(401);
        }
    }

    private static JsonObject limitedTo(String range) {
        return new JsonObject().put("name", "limited").put("scopes", List.of("license:read")).put("allowedIps", List.of(range));
    }

    @ParameterizedTest
    @MethodSource("doors")
    void alternativesPublicRoutesAndAnyTokenAreUnderstood(Door door) {
        assertThat(door.way.send("GET", "/open/x").status()).isEqualTo(200);
        assertThat(door.way.send("OPTIONS", "/open/x", "Origin: http://page.example", "Access-Control-Request-Method: GET")
                .status())
                .isEqualTo(200);
        assertThat(door.way.send("OPTIONS", path("license:read"), "Origin: http://page.example").status()).isEqualTo(403);
        assertThat(door.way.send("GET", "/any").status()).isEqualTo(401);
        assertThat(door.way.send("GET", "/any", bearer(TOKENS.get("tag:read"))).status()).isEqualTo(200);
        assertThat(door.way.send("GET", "/either", bearer(TOKENS.get("license:read"))).value("WWW-Authenticate"))
                .contains("scope=\"license:read tag:read user:read\"");
        assertThat(door.way.send("GET", "/either", bearer(token("license:read", "user:read"))).status()).isEqualTo(200);
        assertThat(door.way.send("GET", "/nowhere", bearer(TOKENS.get("tag:read"))).code()).isEqualTo("NOT_IN_POLICY");
        assertThat(door.way.send("HEAD", path("license:read"), bearer(TOKENS.get("license:read"))).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @MethodSource("doorsToTheApi")
    void theApiLearnsWhoCallsAndNeverTheToken(Door door) {
        String token = token("license:read", "tag:read");
        JsonObject self = latchkey.get("/v3/personal-access-tokens/self", token).json();
        door.way.send("GET", path("license:read") + "?q=1", bearer(token));
        assertThat(api.last().target()).isEqualTo(path("license:read") + "?q=1");
        assertThat(api.last().value("X-Latchkey-Token-Id")).isEqualTo(self.getString("id"));
        assertThat(api.last().value("X-Latchkey-Subject")).isEqualTo(self.getString("userId"));
        assertThat(api.last().value("X-Latchkey-Scopes")).isEqualTo("license:read tag:read");
        assertThat(api.last().value("X-Latchkey-Account")).matches("[0-9a-f-]{36}");
        assertThat(api.last().headers().toString()).doesNotContain(token);
        assertThat(api.last().values("Authorization")).allMatch(String::isEmpty);
        door.way.send("GET", "/open", bearer(token));
        IDENTITY.forEach(name -> assertThat(api.last().value(name)).isEqualTo("none"));
        assertThat(api.last().headers().toString()).doesNotContain(token);
    }

    /** Attack inputs on headers: spoofed identity in every spelling, method and path overrides, hop-by-hop tricks. */
    @ParameterizedTest
    @MethodSource("doorsToTheApi")
    void aClientCannotMakeUpAnIdentityNorOverrideWhatWasJudged(Door door) {
        for (String path : List.of("/open/x", path("license:read"))) {
            for (String spoof : List.of("X-Latchkey-Subject: admin", "x-latchkey-subject: admin", "X_Latchkey_Subject: admin",
                    "X-LATCHKEY-SCOPES: admin", "X-Latchkey_Account: admin", "X-Latchkey-Token-Id:admin",
                    "X-Latchkey-Role: admin",
                    "X-Latchkey-Subject: a\r\nX-Latchkey-Subject: admin", "Connection: X-Latchkey-Subject, X-Latchkey-Scopes",
                    "Connection: Authorization")) {
                for (String upgrade : List.of("", "Upgrade: websocket")) {
                    api.forget();
                    String[] headers = Stream.of(bearer(TOKENS.get("license:read")), spoof, upgrade,
                            upgrade.isEmpty() ? "" : "Connection: Upgrade").filter(it -> !it.isEmpty()).toArray(String[]::new);
                    Answer answer = door.way.send("GET", path, headers);
                    if (api.count() == 0) {
                        assertThat(answer.status()).as(spoof).isIn(400, 401);
                        continue;
                    }
                    assertThat(api.last().headers().stream().filter(header -> header.getKey().toLowerCase().startsWith("x"))
                            .map(Map.Entry::getValue)).as("%s: %s", spoof, api.last().headers()).doesNotContain("admin");
                    IDENTITY.forEach(name -> assertThat(api.last().values(name)).as(spoof + " " + name).hasSize(1));
                    assertThat(api.last().headers().toString()).doesNotContain(TOKENS.get("license:read"));
                }
            }
            for (String override : List.of("X-HTTP-Method-Override: DELETE", "x-http-method: DELETE", "X-Method-Override: PUT",
                    "X-Original-URL: /admin", "X-Rewrite-URL: /admin")) {
                api.forget();
                Answer answer = door.way.send("GET", path, bearer(TOKENS.get("license:read")), override);
                assertThat(answer.status()).as(override).isEqualTo(400);
                assertThat(api.count()).isZero();
            }
        }
    }

    /** Attack inputs on paths: what was judged is what arrives, or nothing arrives. */
    @ParameterizedTest
    @MethodSource("doorsToTheApi")
    void whateverIsSentWhatWasJudgedIsWhatArrives(Door door) {
        String guarded = path("license:read");
        List<String> spellings = new ArrayList<>();
        for (String tail : List.of(guarded, guarded + "/1")) {
            spellings.addAll(List.of("/open/.." + tail, "/open/%2e%2e" + tail, "/open/.%2E" + tail, "/open/..;" + tail,
                    "/open;" + tail,
                    "/open/..%2f" + tail.substring(1), "/open/..%5c" + tail.substring(1), "/open\\.." + tail,
                    "/open/x/../.." + tail,
                    "/open/%252e%252e" + tail, "/open/..%00" + tail, "//open/.." + tail, "/open//../" + tail,
                    "/open/./.." + tail,
                    "/%6fpen/.." + tail, "/open/%c0%ae%c0%ae" + tail, "/open/..%ff" + tail, "/open/?/.." + tail,
                    "/open/%3f/../.." + tail, "/open/x#/../.." + tail, "http://api.example" + tail, "//api.example" + tail,
                    tail.replace("licen", "%6cicen"), tail.replace("/scoped", "//scoped"), tail.replace("/scoped", "/./scoped"),
                    tail.toUpperCase(), tail + "/", tail + "//", tail + "/.", tail + "%20",
                    tail + "%0d%0aX-Latchkey-Subject:%20a"));
        }
        for (String spelling : spellings) {
            api.forget();
            // Without a token: nothing of it may arrive at the guarded path.
            Answer answer = door.way.send("GET", spelling);
            if (api.count() == 0) {
                assertThat(answer.status()).as(spelling).isIn(400, 401, 403, 308, 0);
                continue;
            }
            assertThat(answer.status()).as(spelling).isEqualTo(200);
            String arrived = api.last().target();
            String path = arrived.contains("?") ? arrived.substring(0, arrived.indexOf('?')) : arrived;
            assertThat(path).as(spelling).matches("/open(/.*)?").doesNotContain("..", "//", "\\", ";")
                    .doesNotContainIgnoringCase("%2e");
        }
    }

    /** What a door of its own cannot be told by a client of another. */
    @Test
    void eachDoorReadsItsOwnDialectAlone() {
        String[] nginxHeaders = { "X-Original-Method: GET", "X-Original-URI: /open" };
        String[] forwardHeaders = { "X-Forwarded-Method: GET", "X-Forwarded-Uri: /open" };
        assertThat(ask("/auth/nginx", nginxHeaders).status()).isEqualTo(200);
        assertThat(ask("/auth/forward", forwardHeaders).status()).isEqualTo(200);
        assertThat(ask("/auth/ingress-nginx", "X-Original-Method: GET", "X-Original-URL: https://api.example/open").status())
                .isEqualTo(200);
        assertThat(ask("/auth/forward", nginxHeaders)).satisfies(it -> assertMissing(it, 400, "X-Forwarded-Method"));
        assertThat(ask("/auth/nginx", forwardHeaders)).satisfies(it -> assertMissing(it, 403, "X-Original-Method"));
        assertThat(ask("/auth/forward")).satisfies(it -> assertMissing(it, 400, "X-Forwarded-Method"));
        assertThat(ask("/auth/forward", "X-Forwarded-Method: GET")).satisfies(it -> assertMissing(it, 400, "X-Forwarded-Uri"));
        assertThat(ask("/auth/forward", "X-Forwarded-Method: GET", "X-Forwarded-Uri:"))
                .satisfies(it -> assertMissing(it, 400, "X-Forwarded-Uri"));
        assertThat(ask("/auth/forward", "X-Forwarded-Method: GET", "X-Forwarded-Uri: /open", "X-Forwarded-Uri: /any"))
                .satisfies(it -> assertMissing(it, 400, "X-Forwarded-Uri"));
        assertThat(ask("/auth/forward", "X-Forwarded-Method: get", "X-Forwarded-Uri: /open").status()).isEqualTo(400);
        assertThat(ask("/auth/other").status()).isEqualTo(404);
        assertThat(ask("/v3/me").status()).isEqualTo(404);
        assertThat(ask("/auth/../auth/forward", forwardHeaders).status()).isEqualTo(404);
    }

    private static void assertMissing(Answer answer, int status, String header) {
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.body()).contains(header);
        assertThat(answer.code()).isEqualTo("BAD_REQUEST");
    }

    private static Answer ask(String path, String... headers) {
        return RawHttp.send(latchkey.gatewayPort(), "GET", path, headers);
    }

    @Test
    void envoyIsToldWhatToTakeOut() {
        Answer allowed = envoy.check("GET", "/open", "authorization: Bearer x", "x_latchkey_subject: admin",
                "x-latchkey-role: admin");
        assertThat(allowed.status()).isEqualTo(200);
        assertThat(allowed.values("removed")).containsExactlyInAnyOrder("authorization", "x_latchkey_subject",
                "x-latchkey-role");
        assertThat(allowed.value("X-Latchkey-Subject")).isEqualTo("none");
        assertThat(envoy.check("", "/open").code()).isEqualTo("BAD_REQUEST");
        assertThat(envoy.check("GET", "").body()).contains("attributes.request.http.path");
    }

    @Test
    void aDryRunSaysWhichRuleARequestMeets() {
        assertThat(latchkey.get("/v3/policy", TOKENS.get("license:read")).json()).as("its name, and not where it is")
                .isEqualTo(new JsonObject().put("configured", true).put("name", "policy.yaml"));
        JsonObject answer = latchkey.post("/v3/policy/test", TOKENS.get("account:read"),
                new JsonObject().put("method", "HEAD").put("path", path("license:read") + "/7?x=1")).json();
        assertThat(answer.getJsonObject("rule").getString("name")).isEqualTo("license:read");
        assertThat(answer.getJsonObject("rule").getJsonArray("require").getList()).containsExactly("license:read");
        assertThat(latchkey.post("/v3/policy/test", TOKENS.get("account:read"),
                new JsonObject().put("method", "PUT").put("path", "/nowhere")).json().getString("outcome")).isEqualTo("DENIED");
        assertThat(latchkey.post("/v3/policy/test", TOKENS.get("account:read"),
                new JsonObject().put("method", "GET").put("path", "/a//b")).json().getString("canonicalPath"))
                .isEqualTo("/a/b");
        assertThat(latchkey.post("/v3/policy/test", TOKENS.get("account:read"),
                new JsonObject().put("method", "GET").put("path", "/a;b")).status()).isEqualTo(400);
        assertThat(latchkey.post("/v3/policy/test", TOKENS.get("license:read"),
                new JsonObject().put("method", "GET").put("path", "/")).status()).isEqualTo(403);
    }
}
