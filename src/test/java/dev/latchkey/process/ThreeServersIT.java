package dev.latchkey.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.LatchkeyProcess.Answer;
import dev.latchkey.testing.RunningService;
import dev.latchkey.testing.TestDatabase;
import io.vertx.core.json.JsonObject;

/** Three servers on one database; the third one's clock is two minutes behind. */
class ThreeServersIT {

    private static final Duration BOUND = Duration.ofSeconds(2);
    private static final String TOKENS = "/v3/personal-access-tokens";

    private static final Optional<Path> FAKETIME = Stream.of("x86_64-linux-gnu", "aarch64-linux-gnu")
            .map(machine -> Path.of("/usr/lib", machine, "faketime", "libfaketimeMT.so.1")).filter(Files::exists).findFirst();

    @TempDir
    static Path directory;

    private static TestDatabase database;
    private static LatchkeyProcess first;
    private static LatchkeyProcess second;
    private static LatchkeyProcess late;
    private static String session;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        first = LatchkeyProcess.start(directory, database.environment()).ready();
        second = LatchkeyProcess.start(directory, database.environment());
        late = LatchkeyProcess.start(directory, withClock("-120s"));
        second.ready();
        late.ready();
        session = first.signIn("default", RunningService.ADMIN_EMAIL, RunningService.ADMIN_PASSWORD);
    }

    /** The library of the package faketime stands in front of the C library's clock; the monotonic one stays. */
    private static Map<String, String> withClock(String offset) {
        Map<String, String> environment = new HashMap<>(database.environment());
        FAKETIME.ifPresent(library -> environment.putAll(
                Map.of("LD_PRELOAD", library.toString(), "FAKETIME", offset, "FAKETIME_DONT_FAKE_MONOTONIC", "1")));
        return environment;
    }

    /** Elsewhere than on Debian the third server's clock is right, and what needs a wrong one is skipped. */
    private static void needsAWrongClock() {
        assumeTrue(FAKETIME.isPresent(), "needs the Debian package faketime");
    }

    @AfterAll
    static void stop() {
        Stream.of(first, second, late).forEach(LatchkeyProcess::close);
    }

    private static List<LatchkeyProcess> all() {
        return List.of(first, second, late);
    }

    private record Token(String id, String secret) {
    }

    private static Token cachedEverywhere(String name, Map<String, ?> more) {
        return cachedEverywhere(session, name, more);
    }

    private static Token cachedEverywhere(String session, String name, Map<String, ?> more) {
        JsonObject body = new JsonObject().put("name", name).put("scopes", List.of("license:read"));
        more.forEach(body::put);
        Answer made = first.post(TOKENS, session, body);
        assertThat(made.status()).as(made.body()).isEqualTo(201);
        Token token = new Token(made.json().getString("id"), made.json().getString("token"));
        all().forEach(server -> assertThat(server.judge(token.secret)).isEqualTo(200));
        return token;
    }

    /** How long after now each server refuses, in milliseconds, by the sequence of asking. */
    private static List<Long> refusals(Token token) {
        long committed = System.nanoTime();
        List<Long> millis = new ArrayList<>();
        for (LatchkeyProcess server : all()) {
            await().atMost(BOUND).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1))
                    .until(() -> server.judge(token.secret) == 401);
            millis.add((System.nanoTime() - committed) / 1_000_000);
        }
        all().forEach(server -> assertThat(server.judge(token.secret)).as("and stays so").isEqualTo(401));
        return millis;
    }

    @Test
    void invariant1WhateverEndsATokenEndsItOnEveryServerAndAtOnceOnTheOneThatCommits() {
        List<Long> delays = new ArrayList<>();
        for (int i = 0; i < 15; i++) {
            Token revoked = cachedEverywhere("revoked", Map.of());
            assertThat(first.post(TOKENS + "/self/rotate", revoked.secret, new JsonObject().put("gracePeriodSeconds", 60))
                    .status())
                    .isEqualTo(200);
            assertThat(first.judge(revoked.secret)).as("in its grace").isEqualTo(200);
            all().forEach(server -> assertThat(server.judge(revoked.secret)).isEqualTo(200));
            assertThat(first.delete(TOKENS + "/self", revoked.secret).status()).isEqualTo(204);
            assertThat(first.judge(revoked.secret)).as("the server that commits, at once").isEqualTo(401);
            delays.addAll(refusals(revoked));

            Token rotated = cachedEverywhere("rotated", Map.of());
            assertThat(first.post(TOKENS + "/self/rotate", rotated.secret, new JsonObject()).status()).isEqualTo(200);
            assertThat(first.judge(rotated.secret)).isEqualTo(401);
            delays.addAll(refusals(rotated));
        }
        System.out.printf("refused after (ms): %s%n", delays.stream().sorted().toList());
        assertThat(delays).allMatch(delay -> delay <= BOUND.toMillis());
    }

    /** A server that comes makes the shares smaller, one that is killed makes them larger again. */
    @Test
    void aRateLimitIsDividedAmongTheServersThatLive() {
        awaitEnforcers(3);
        LatchkeyProcess fourth = LatchkeyProcess.start(directory, database.environment()).ready();
        awaitEnforcers(4);
        String token = first.createToken(session, new JsonObject().put("name", "limited").put("scopes", List.of("license:read"))
                .put("rateLimit", new JsonObject().put("requests", 48).put("window", 3600)));
        assertThat(Stream.of(first, second, late, fourth).map(server -> passing(server, token))).containsExactly(12L, 12L, 12L,
                12L);
        fourth.kill();
        awaitEnforcers(3);
        String another = first.createToken(session,
                new JsonObject().put("name", "limited").put("scopes", List.of("license:read"))
                        .put("rateLimit", new JsonObject().put("requests", 48).put("window", 3600)));
        assertThat(all().stream().map(server -> passing(server, another))).containsExactly(16L, 16L, 16L);
    }

    private static void awaitEnforcers(int count) {
        await().atMost(Duration.ofSeconds(15))
                .until(() -> all().stream().allMatch(server -> server.metric("latchkey_ratelimit_enforcers") == count));
    }

    private static long passing(LatchkeyProcess server, String token) {
        return Stream.generate(() -> server.judge(token)).limit(60).filter(status -> status == 200).count();
    }

    @Test
    void invariant1TheOwnerTheRoleAndTheAccountCount() {
        for (String[] change : new String[][] {
                { "UPDATE app_user SET disabled_at = now() WHERE id = '%s'",
                        "UPDATE app_user SET disabled_at = NULL WHERE id = '%s'" },
                { "UPDATE account SET disabled_at = now() WHERE id = (SELECT account_id FROM app_user WHERE id = '%s')",
                        "UPDATE account SET disabled_at = NULL WHERE id = (SELECT account_id FROM app_user WHERE id = '%s')" } }) {
            Token token = cachedEverywhere("owned", Map.of());
            UUID owner = database.value("SELECT owner_id FROM personal_access_token WHERE id = ?", UUID.fromString(token.id));
            database.execute(change[0].formatted(owner));
            refusals(token);
            database.execute(change[1].formatted(owner));
            all().forEach(server -> await().atMost(BOUND).until(() -> server.judge(token.secret) == 200));
        }
        Token token = cachedEverywhere("shrunk", Map.of());
        String scopes = database.value("SELECT array_to_string(scopes, ',') FROM role WHERE name = 'super-admin'");
        try {
            database.execute("UPDATE role SET scopes = '{user:read}' WHERE name = 'super-admin'");
            all().forEach(server -> awaitScopes(server, token, 0));
        } finally {
            database.execute("UPDATE role SET scopes = ? WHERE name = 'super-admin'", (Object) scopes.split(","));
        }
        all().forEach(server -> awaitScopes(server, token, 1));
    }

    @Test
    void invariant1WhatAnAdministratorTakesAwayIsGoneAtOnceOnTheServerThatCommitsAndSoonOnAll() {
        String email = "taken-from@example.com";
        String password = "a password for tests";
        String role = "/v3/roles/" + made("/v3/roles", new JsonObject().put("name", "developer").put("claims",
                List.of("license:read", "personalAccessToken:write")));
        String user = "/v3/users/"
                + made("/v3/users", new JsonObject().put("email", email).put("password", password).put("role", "developer"));
        String theirs = first.signIn("default", email, password);
        Token token = cachedEverywhere(theirs, "theirs", Map.of());

        assertThat(first.patch(user, session, new JsonObject().put("disabled", true)).status()).isEqualTo(200);
        assertThat(first.judge(token.secret)).as("disabled, on the server that commits").isEqualTo(401);
        refusals(token);
        assertThat(first.patch(user, session, new JsonObject().put("disabled", false)).status()).isEqualTo(200);
        all().forEach(server -> await().atMost(BOUND).until(() -> server.judge(token.secret) == 200));
        assertThat(first.get("/v3/me", theirs).status()).as("whoever was disabled signs in again").isEqualTo(401);

        all().forEach(server -> awaitScopes(server, token, 1));
        assertThat(first.patch(role, session, new JsonObject().put("claims", List.of("personalAccessToken:write"))).status())
                .isEqualTo(200);
        assertThat(first.get("/v3/me", token.secret).json().getJsonArray("scopes")).as("shrunk").isEmpty();
        all().forEach(server -> awaitScopes(server, token, 0));

        String again = first.signIn("default", email, password);
        all().forEach(server -> assertThat(server.get("/v3/me", again).status()).isEqualTo(200));
        assertThat(first.delete(user, session).status()).isEqualTo(204);
        assertThat(first.judge(token.secret)).as("deleted").isEqualTo(401);
        assertThat(first.get("/v3/me", again).status()).isEqualTo(401);
        refusals(token);
        all().forEach(server -> await().atMost(BOUND).until(() -> server.get("/v3/me", again).status() == 401));
        assertThat(first.delete(role, session).status()).isEqualTo(204);
    }

    private static String made(String path, JsonObject body) {
        Answer made = first.post(path, session, body);
        assertThat(made.status()).as(made.body()).isEqualTo(201);
        return made.json().getString("id");
    }

    /** This needs more than verification: it is given more time than the bound. */
    private static void awaitScopes(LatchkeyProcess server, Token token, int count) {
        await().atMost(Duration.ofSeconds(10)).until(() -> {
            Answer answer = server.get("/v3/me", token.secret);
            return answer.status() == 200 && answer.json().getJsonArray("scopes").size() == count;
        });
    }

    @Test
    void signingOutEndsTheSessionOnEveryServer() {
        String mine = first.signIn("default", RunningService.ADMIN_EMAIL, RunningService.ADMIN_PASSWORD);
        List.of(first, second).forEach(server -> assertThat(server.get("/v3/me", mine).status()).isEqualTo(200));
        assertThat(first.post("/v3/accounts/logout", mine, new JsonObject()).status()).isEqualTo(204);
        assertThat(first.get("/v3/me", mine).status()).isEqualTo(401);
        await().atMost(BOUND).until(() -> second.get("/v3/me", mine).status() == 401);
    }

    @Test
    void aServerThatWasStoppedRefusesWithItsFirstDecision() throws InterruptedException {
        Token token = cachedEverywhere("slept through", Map.of());
        Token deleted = cachedEverywhere("slept through, too", Map.of());
        second.suspend();
        assertThat(first.delete(TOKENS + "/" + token.id, session).status()).isEqualTo(204);
        database.execute("DELETE FROM personal_access_token WHERE id = ?", UUID.fromString(deleted.id));
        Thread.sleep(10_000);
        second.resume();
        assertThat(second.judge(token.secret)).isEqualTo(401);
        assertThat(second.judge(deleted.secret)).isEqualTo(401);
        Token after = cachedEverywhere("afterwards", Map.of());
        assertThat(second.judge(after.secret)).isEqualTo(200);
    }

    @Test
    void invariant4ExpiryIsDecidedByTheClockAtEachUseAndIsOffByNoMoreThanThatClock() {
        needsAWrongClock();
        Token token = cachedEverywhere("short", Map.of("expiresAt", Instant.now().plusSeconds(3).toString()));
        await().atMost(Duration.ofSeconds(6)).until(() -> first.judge(token.secret) == 401);
        assertThat(first.get("/v3/me", token.secret).json().getString("code")).isEqualTo("TOKEN_EXPIRED");
        assertThat(second.judge(token.secret)).isEqualTo(401);
        assertThat(late.judge(token.secret)).as("its clock is behind").isEqualTo(200);
        Token revoked = cachedEverywhere("revoked under a wrong clock", Map.of());
        assertThat(first.delete(TOKENS + "/" + revoked.id, session).status()).isEqualTo(204);
        refusals(revoked);
    }

    @Test
    void aWrongClockIsToldInTheLogAndByTheMetric() {
        needsAWrongClock();
        assertThat(late.metric("latchkey_clock_offset")).isBetween(-125.0, -115.0);
        assertThat(late.output()).contains("behind the database's");
        assertThat(Math.abs(first.metric("latchkey_clock_offset"))).isLessThan(1);
        assertThat(first.output()).doesNotContain("the database's: tokens expire");
    }

    @Test
    void invariant7UsesAreWrittenInBatchesOffTheRequestsPathAndOutliveAGracefulStop() throws Exception {
        LatchkeyProcess fourth = LatchkeyProcess.start(directory, database.environment()).ready();
        Token[] tokens = Stream.generate(() -> cachedEverywhere("used", Map.of())).limit(20).toArray(Token[]::new);
        for (int round = 0; round < 5; round++) {
            Arrays.stream(tokens).forEach(token -> assertThat(fourth.judge(token.secret)).isEqualTo(200));
        }
        fourth.stop();
        for (Token token : tokens) {
            await().atMost(Duration.ofSeconds(25)).until(() -> {
                Number uses = database.value("SELECT coalesce(sum(uses), 0) FROM token_usage_hourly WHERE token_id = ?",
                        UUID.fromString(token.id));
                return uses.longValue() == 8;
            });
        }
    }
}
