package dev.latchkey.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jose4j.jwt.JwtClaims;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.RawHttp;
import dev.latchkey.testing.RecordingUpstream;
import dev.latchkey.testing.RunningService;
import dev.latchkey.testing.SignedToken;
import dev.latchkey.testing.TestDatabase;
import io.vertx.core.json.JsonObject;

/** A policy is followed as its file changes, and what it says of the upstream is done. */
class RoutePolicyIT {

    private static final String SIGNED = "upstream: {authorization: jwt, audience: https://licenses.example}\n";

    @TempDir
    private static Path directory;
    private static TestDatabase database;
    private static RecordingUpstream api;
    private static LatchkeyProcess latchkey;
    private static String session;
    private static int internalPort;

    @BeforeAll
    static void start() throws IOException {
        // As Kubernetes mounts a ConfigMap: the file is a link into a directory that is itself behind a link.
        Files.createDirectories(directory.resolve("first"));
        Files.writeString(directory.resolve("first/policy.yaml"), SIGNED + rules("/one"));
        Files.createSymbolicLink(directory.resolve("..data"), Path.of("first"));
        Files.createSymbolicLink(directory.resolve("policy.yaml"), Path.of("..data/policy.yaml"));
        api = new RecordingUpstream();
        database = TestDatabase.create();
        Map<String, String> environment = new HashMap<>(database.environment());
        environment.put("LATCHKEY_POLICY", directory.resolve("policy.yaml").toString());
        environment.put("LATCHKEY_PROXY_UPSTREAM", "http://127.0.0.1:" + api.port());
        internalPort = LatchkeyProcess.freePorts(1)[0];
        environment.put("LATCHKEY_INTERNAL_PORT", Integer.toString(internalPort));
        latchkey = LatchkeyProcess.start(directory, environment).ready();
        session = latchkey.signIn("default", RunningService.ADMIN_EMAIL, RunningService.ADMIN_PASSWORD);
    }

    @AfterAll
    static void stop() {
        latchkey.close();
        api.close();
    }

    private static String rules(String path) {
        return "rules:\n  - {name: only, match: {methods: [GET], path: \"" + path + "\"}, require: [\"license:read\"]}\n"
                + "  - {match: {methods: [GET], path: /open}, public: true}\n";
    }

    private static int status(String path, String token) {
        return RawHttp.send(latchkey.proxyPort(), "GET", path, "Authorization: Bearer " + token).status();
    }

    private static ConditionFactory soon() {
        return Awaitility.await().atMost(Duration.ofSeconds(8));
    }

    private static void swap(String name, String policy) throws IOException {
        Files.createDirectories(directory.resolve(name));
        Files.writeString(directory.resolve(name).resolve("policy.yaml"), policy);
        Path link = Files.createSymbolicLink(directory.resolve("..next"), Path.of(name));
        Files.move(link, directory.resolve("..data"), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void aPolicyThatIsSwappedIsFollowedAndABrokenOneIsNot() throws IOException {
        String token = latchkey.createToken(session, "a token");
        assertThat(status("/one", token)).isEqualTo(200);
        swap("second", SIGNED + rules("/two"));
        soon().until(() -> status("/two", token) == 200);
        assertThat(status("/one", token)).isEqualTo(403);
        assertThat(latchkey.management("/q/health/well")).isEqualTo(200);

        swap("broken", "rules:\n  - {match: {methods: [GET], path: /three}, require: [\"no:such\"]}\n");
        soon().until(() -> latchkey.metric("latchkey_policy_valid") == 0);
        assertThat(status("/two", token)).isEqualTo(200);
        assertThat(status("/three", token)).isEqualTo(403);
        assertThat(latchkey.management("/q/health/well")).isEqualTo(503);
        assertThat(latchkey.managementAnswer("/q/health/well").body()).contains("line 2: require: there is no scope 'no:such'");
        assertThat(latchkey.management("/q/health/ready")).isEqualTo(200);
        assertThat(latchkey.output()).contains("The last good route policy stays in force", "no:such");

        Files.delete(directory.resolve("broken/policy.yaml"));
        soon().until(() -> latchkey.output().contains("it cannot be read"));
        assertThat(status("/two", token)).isEqualTo(200);

        swap("third", SIGNED + rules("/one"));
        soon().until(() -> status("/one", token) == 200);
        assertThat(latchkey.metric("latchkey_policy_valid")).isEqualTo(1);
        assertThat(latchkey.management("/q/health/well")).isEqualTo(200);
    }

    private static JwtClaims verified(String jwt) throws Exception {
        return SignedToken.verify(jwt, latchkey.get("/.well-known/jwks.json").body(), "latchkey-identity+jwt",
                "http://localhost:8080/upstream", "https://licenses.example");
    }

    private static String jwtThatArrived() {
        String authorization = api.last().value("Authorization");
        assertThat(authorization).startsWith("Bearer ey");
        return authorization.substring("Bearer ".length());
    }

    @Test
    void theUpstreamGetsASignedIdentityInPlaceOfTheToken() throws Exception {
        swap("signed", SIGNED + rules("/one"));
        String token = latchkey.createToken(session,
                new JsonObject().put("name", "two scopes").put("scopes", List.of("license:read", "tag:read")));
        soon().until(() -> status("/one", token) == 200);
        JwtClaims claims = verified(jwtThatArrived());
        assertThat(claims.getSubject()).isEqualTo(api.last().value("X-Latchkey-Subject"));
        assertThat(claims.getStringClaimValue("client_id")).isEqualTo(api.last().value("X-Latchkey-Token-Id"));
        assertThat(claims.getStringClaimValue("scope")).isEqualTo("license:read tag:read");
        assertThat(claims.getExpirationTime().getValue() - claims.getIssuedAt().getValue()).isBetween(1L, 60L);
        assertThat(api.last().headers().toString()).doesNotContain(token);

        // One serves many requests: signing is not on their way.
        String first = jwtThatArrived();
        status("/one", token);
        assertThat(jwtThatArrived()).isEqualTo(first);

        // What the token is good for changes, and with it the identity, at once.
        database.execute("UPDATE personal_access_token SET scopes = '{license:read}' WHERE id = ?::uuid",
                claims.getStringClaimValue("client_id"));
        soon().until(() -> {
            status("/one", token);
            return verified(jwtThatArrived()).getStringClaimValue("scope").equals("license:read");
        });

        // It outlives no token.
        String brief = latchkey.createToken(session,
                new JsonObject().put("name", "brief").put("scopes", List.of("license:read"))
                        .put("expiresAt", java.time.Instant.now().plusSeconds(20).toString()));
        assertThat(status("/one", brief)).isEqualTo(200);
        assertThat(verified(jwtThatArrived()).getExpirationTime().getValue())
                .isLessThanOrEqualTo(System.currentTimeMillis() / 1000 + 20);

        // On a public route there is nobody to tell of.
        status("/open", token);
        assertThat(api.last().values("Authorization")).isEmpty();
        // Neither is it a token here.
        assertThat(latchkey.get("/v3/me", first).status()).isEqualTo(401);
        assertThat(status("/one", first)).isEqualTo(401);
    }

    /** Servers sign; a sidecar gets what they signed for its audience, and has no key. */
    @Test
    void behindASidecarTheUpstreamGetsAnIdentityThatAServerSigned() throws Exception {
        Path policy = Files.writeString(directory.resolve("sidecar.yaml"), SIGNED + rules("/one"));
        String token = latchkey.createToken(session, "a token");
        try (LatchkeyProcess sidecar = LatchkeyProcess.startSidecar(directory, internalPort, database.createSidecarClient(),
                Map.of("LATCHKEY_POLICY", policy.toString(), "LATCHKEY_PROXY_UPSTREAM", "http://127.0.0.1:" + api.port()))) {
            sidecar.ready();
            for (int i = 0; i < 2; i++) {
                assertThat(RawHttp.send(sidecar.proxyPort(), "GET", "/one", "Authorization: Bearer " + token).status())
                        .isEqualTo(200);
                assertThat(verified(jwtThatArrived()).getStringClaimValue("scope")).isEqualTo("license:read");
                assertThat(api.last().headers().toString()).doesNotContain(token);
            }
            assertThat(sidecar.get("/.well-known/jwks.json").status()).isEqualTo(404);
        }
    }

    @Test
    void aPolicyCanBeCheckedAndTriedWithoutAService() throws IOException {
        Path file = Files.writeString(directory.resolve("mine.yaml"), rules("/mine/{id}"));
        assertThat(command("policy", "check", "--policy", file.toString())).isEqualTo("0 valid: 2 rules");
        assertThat(command("policy", "test", "--policy", file.toString(), "HEAD", "/mine//7/?x"))
                .contains("path:    /mine/7/", "rule:    only (line 2)", "demands: license:read").startsWith("0 ");
        assertThat(command("policy", "test", "--policy", "cryptlex-v3", "POST", "/v3/invoices")).contains("demands: denied");
        assertThat(command("policy", "test", "--policy", "cryptlex-v3", "GET", "/a;b")).startsWith("2 ")
                .contains("PATH: has a parameter behind a semicolon");
        assertThat(command("policy", "check")).startsWith("1 ").contains("set LATCHKEY_POLICY, or use --policy");
        Files.writeString(file, "rules: [1]\n");
        assertThat(command("policy", "check", "--policy", file.toString())).startsWith("1 ").contains("line 1: a rule must be");
    }

    /** Exit code and output. */
    private static String command(String... arguments) {
        LatchkeyProcess process = LatchkeyProcess.start(directory, Map.of(), arguments);
        return process.exitCode() + " " + process.output().strip();
    }

    @Test
    void aPolicyThatIsNotValidStopsTheStart() throws IOException {
        Map<String, String> environment = new HashMap<>(database.environment());
        environment.put("LATCHKEY_POLICY", Files.writeString(directory.resolve("bad.yaml"), "rules: 7\n").toString());
        LatchkeyProcess process = LatchkeyProcess.start(directory, environment);
        assertThat(process.exitCode()).isEqualTo(1);
        assertThat(process.output()).contains("latchkey: the route policy", "line 1: rules: is missing or not a list")
                .doesNotContain("\tat ");
    }
}
