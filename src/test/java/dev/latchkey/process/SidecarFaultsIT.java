package dev.latchkey.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.latchkey.testing.DatabaseProxy;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.RunningService;
import dev.latchkey.testing.TcpProxy;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.token.TokenFormat;
import io.vertx.core.json.JsonObject;

/**
 * Two servers and two sidecars, which have no database: what happens to the streams, the servers and the sidecars, and what
 * the sidecars then believe. Asked at the door for forward-auth.
 */
class SidecarFaultsIT {

    private static final String FEED = "latchkey-feed";
    private static final Duration BOUND = Duration.ofSeconds(2);
    private static final String SECRET = "a secret of the sidecars";
    private static final UUID CLIENT = UUID.randomUUID();
    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2)).build();

    @TempDir
    static Path directory;

    private static TestDatabase database;
    private static String session;
    private static final List<Server> SERVERS = new ArrayList<>();
    private static final List<Sidecar> SIDECARS = new ArrayList<>();

    /** A server, with a proxy between it and the database. */
    private static final class Server {

        final DatabaseProxy proxy = new DatabaseProxy(database.port());
        final int port = freePort();
        LatchkeyProcess process;

        void start() {
            Map<String, String> environment = new HashMap<>(database.environment(proxy.port()));
            environment.putAll(Map.of("LATCHKEY_INTERNAL_PORT", Integer.toString(port), "LATCHKEY_INTERNAL_HOST", "127.0.0.1",
                    "LATCHKEY_GATEWAY_PORT", Integer.toString(freePort())));
            process = LatchkeyProcess.start(directory, environment);
        }

        double streams() {
            return process.metric("latchkey_sidecar_streams");
        }
    }

    /** A sidecar, with a proxy between it and each server. */
    private static final class Sidecar {

        final List<TcpProxy> proxies = SERVERS.stream().map(server -> new TcpProxy(server.port)).toList();
        final int door = freePort();
        LatchkeyProcess process;

        void start() {
            process = LatchkeyProcess.start(directory, Map.of("LATCHKEY_ROLE", "sidecar", "LATCHKEY_SERVER_URL",
                    String.join(",", proxies.stream().map(proxy -> "http://127.0.0.1:" + proxy.port()).toList()),
                    "LATCHKEY_SERVER_CREDENTIAL", CLIENT + ":" + SECRET, "LATCHKEY_POLICY", "cryptlex-v3",
                    "LATCHKEY_GATEWAY_HOST", "127.0.0.1", "LATCHKEY_GATEWAY_PORT", Integer.toString(door),
                    "LATCHKEY_VERIFICATION_UNKNOWN_PER_MINUTE", "1000000"));
        }

        int judge(String token) {
            try {
                return HTTP.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + door + "/auth/forward"))
                        .timeout(Duration.ofSeconds(20)).header("X-Forwarded-Method", "GET")
                        .header("X-Forwarded-Uri", "/v3/licenses").header("Authorization", "Bearer " + token).GET().build(),
                        HttpResponse.BodyHandlers.discarding()).statusCode();
            } catch (IOException e) {
                return 0;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        boolean hasLease() {
            return process.metric("latchkey_feed_lease") == 1;
        }

        double misses() {
            return process.managementAnswer("/q/metrics").body().lines()
                    .filter(line -> line.startsWith("latchkey_cache_gets_total{result=\"miss\"}"))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ')))).sum();
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        for (int i = 0; i < 2; i++) {
            Server server = new Server();
            SERVERS.add(server);
            server.start();
            server.process.ready();
        }
        session = SERVERS.get(0).process.signIn("default", RunningService.ADMIN_EMAIL, RunningService.ADMIN_PASSWORD);
        UUID account = database.value("SELECT id FROM account");
        database.execute("INSERT INTO client (id, account_id, kind, name, secret_digest, created_at) "
                + "VALUES (?, ?, 'sidecar', '', sha256(?::bytea), now())", CLIENT, account, SECRET);
        for (int i = 0; i < 2; i++) {
            Sidecar sidecar = new Sidecar();
            SIDECARS.add(sidecar);
            sidecar.start();
        }
        SIDECARS.forEach(sidecar -> sidecar.process.ready());
    }

    @AfterAll
    static void stop() {
        SIDECARS.forEach(sidecar -> sidecar.process.close());
        SERVERS.forEach(server -> {
            server.process.close();
            server.proxy.close();
        });
        SIDECARS.forEach(sidecar -> sidecar.proxies.forEach(TcpProxy::close));
        SERVERS.clear();
        SIDECARS.clear();
    }

    @AfterEach
    void mend() {
        for (Server server : SERVERS) {
            server.proxy.release(FEED);
            server.proxy.mend();
            if (!server.process.isAlive()) {
                server.start();
            }
            server.process.ready();
        }
        for (Sidecar sidecar : SIDECARS) {
            sidecar.proxies.forEach(proxy -> {
                proxy.mend();
                proxy.release(TcpProxy.STREAM);
                proxy.release(TcpProxy.OTHERS);
            });
        }
        awaitLeases();
    }

    private static void awaitLeases() {
        await("leases").atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(20))
                .until(() -> SIDECARS.stream().allMatch(Sidecar::hasLease));
    }

    /** All streams lead to this server. */
    private static void gather(int server) {
        SIDECARS.forEach(sidecar -> sidecar.proxies.get(1 - server).cut());
        await("streams").atMost(Duration.ofSeconds(10)).until(() -> SERVERS.get(server).streams() == SIDECARS.size());
        awaitLeases();
        SIDECARS.forEach(sidecar -> sidecar.proxies.get(1 - server).mend());
    }

    /** A token that every sidecar has in memory. */
    private static String cachedToken(String name) {
        awaitLeases();
        String token = SERVERS.stream().filter(server -> server.process.isAlive()).findFirst().orElseThrow().process
                .createToken(session, name);
        for (Sidecar sidecar : SIDECARS) {
            assertThat(sidecar.judge(token)).isEqualTo(200);
            double misses = sidecar.misses();
            assertThat(sidecar.judge(token)).isEqualTo(200);
            assertThat(sidecar.misses()).as("from memory").isEqualTo(misses);
        }
        return token;
    }

    private static void revokeByHand(String name) {
        assertThat(database.execute("UPDATE personal_access_token SET revoked_at = now() WHERE name = ?", name)).isOne();
    }

    /** From the commit's acknowledgement: refused by all within the bound, and then for good. */
    private static long refusedWithin(Duration bound, String token) {
        long committed = System.nanoTime();
        List<Sidecar> accepting = new ArrayList<>(SIDECARS);
        await("refusal").atMost(bound).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(2)).until(() -> {
            accepting.removeIf(sidecar -> sidecar.judge(token) != 200);
            return accepting.isEmpty();
        });
        long millis = (System.nanoTime() - committed) / 1_000_000;
        for (int i = 0; i < 20; i++) {
            assertThat(SIDECARS).as("and stays so").noneMatch(sidecar -> sidecar.judge(token) == 200);
        }
        return millis;
    }

    private static void refusedWithinTheBound(String token) {
        System.out.printf("refused %d ms after the commit%n", refusedWithin(BOUND, token));
    }

    @Test
    void aRevocationReachesEverySidecar() {
        List<Long> delays = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            String token = cachedToken("healthy " + i);
            revokeByHand("healthy " + i);
            delays.add(refusedWithin(BOUND, token));
        }
        System.out.printf("refused by both sidecars after ms: %s%n", delays);
        assertThat(delays.stream().sorted().toList().get(17)).isLessThanOrEqualTo(250);
    }

    @Test
    void neitherTheApiNorTheDatabaseIsThere() {
        assertThat(SIDECARS.get(0).process.get("/v3/scopes").status()).isEqualTo(404);
        assertThat(SIDECARS.get(0).process.output()).doesNotContain("ERROR").doesNotContain("5432");
    }

    @Test
    void withOneServersFeedStalledNobodyKeepsAStaleYes() {
        for (int stalled = 0; stalled < 2; stalled++) {
            gather(0);
            String token = cachedToken("feed of " + stalled);
            SERVERS.get(stalled).proxy.stall(FEED);
            revokeByHand("feed of " + stalled);
            refusedWithinTheBound(token);
            SERVERS.get(stalled).proxy.release(FEED);
        }
    }

    @Test
    void theStreamIsCut() {
        String token = cachedToken("cut");
        SIDECARS.forEach(sidecar -> sidecar.proxies.forEach(proxy -> proxy.cut(TcpProxy.STREAM)));
        revokeByHand("cut");
        refusedWithinTheBound(token);
    }

    @Test
    void theStreamIsStalledAndABurstOfOldEchoesRenewsNothing() throws InterruptedException {
        String token = cachedToken("stalled");
        SIDECARS.forEach(sidecar -> sidecar.proxies.forEach(proxy -> proxy.stall(TcpProxy.STREAM)));
        Thread.sleep(700);
        revokeByHand("stalled");
        refusedWithinTheBound(token);
        await().atMost(BOUND).until(() -> SIDECARS.stream().noneMatch(Sidecar::hasLease));
        String other = SERVERS.get(0).process.createToken(session, "while stalled");
        assertThat(SIDECARS).allMatch(sidecar -> sidecar.judge(other) == 200);
        SIDECARS.forEach(sidecar -> sidecar.proxies.forEach(proxy -> proxy.release(TcpProxy.STREAM)));
        for (int i = 0; i < 50; i++) {
            assertThat(SIDECARS).noneMatch(sidecar -> sidecar.judge(token) == 200);
            Thread.sleep(5);
        }
    }

    @Test
    void aKilledServerChangesNothingButTheFailOver() throws InterruptedException {
        gather(0);
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            tokens.add(SERVERS.get(1).process.createToken(session, "killed " + i));
        }
        String cached = cachedToken("killed");
        AtomicBoolean isOver = new AtomicBoolean();
        List<CompletableFuture<Map<Integer, Integer>>> callers = new ArrayList<>();
        List<String> untouched = new ArrayList<>(tokens);
        for (Sidecar sidecar : SIDECARS) {
            callers.add(CompletableFuture.supplyAsync(() -> {
                Map<Integer, Integer> statuses = new HashMap<>();
                int next = 0;
                while (!isOver.get()) {
                    // One in memory, then one that is looked up.
                    statuses.merge(sidecar.judge(cached), 1, Integer::sum);
                    if (next < untouched.size()) {
                        statuses.merge(sidecar.judge(untouched.get(next++)), 1, Integer::sum);
                    }
                }
                return statuses;
            }, task -> new Thread(task).start()));
        }
        Thread.sleep(150);
        SERVERS.get(0).process.kill();
        Thread.sleep(2_500);
        revokeByHand("killed");
        long millis = refusedWithin(BOUND, cached);
        isOver.set(true);
        List<Map<Integer, Integer>> statuses = callers.stream().map(CompletableFuture::join).toList();
        System.out.printf("killed: %s, and a revocation afterwards took %d ms%n", statuses, millis);
        assertThat(statuses).allSatisfy(each -> assertThat(each.keySet()).isSubsetOf(200, 401));
        awaitLeases();
        assertThat(SERVERS.get(1).streams()).isEqualTo(2);
    }

    @Test
    void aSuspendedServerHoldsUpNobodyBeyondTheBound() throws InterruptedException {
        gather(0);
        String token = cachedToken("suspended server");
        SERVERS.get(0).process.suspend();
        try {
            revokeByHand("suspended server");
            refusedWithinTheBound(token);
            awaitLeases();
            assertThat(SERVERS.get(1).streams()).isEqualTo(2);
        } finally {
            SERVERS.get(0).process.resume();
        }
        for (int i = 0; i < 50; i++) {
            assertThat(SIDECARS).noneMatch(sidecar -> sidecar.judge(token) == 200);
            Thread.sleep(5);
        }
    }

    @Test
    void aSidecarThatWasSuspendedBelievesNothingOfBefore() throws InterruptedException {
        String token = cachedToken("suspended sidecar");
        SIDECARS.forEach(sidecar -> sidecar.process.suspend());
        try {
            revokeByHand("suspended sidecar");
            Thread.sleep(2_000);
        } finally {
            SIDECARS.forEach(sidecar -> sidecar.process.resume());
        }
        for (int i = 0; i < 50; i++) {
            assertThat(SIDECARS).noneMatch(sidecar -> sidecar.judge(token) == 200);
        }
    }

    @Test
    void withoutAnyServerEverythingIsRefused() {
        String token = cachedToken("alone");
        SIDECARS.forEach(sidecar -> sidecar.proxies.forEach(TcpProxy::cut));
        // Each of them takes a second to find out.
        await().atMost(BOUND.multipliedBy(2)).until(() -> SIDECARS.stream().noneMatch(sidecar -> sidecar.judge(token) == 200));
        assertThat(SIDECARS).allMatch(sidecar -> sidecar.judge(token) == 503);
        await().atMost(Duration.ofSeconds(15)).until(() -> SIDECARS.get(0).process.management("/q/health/ready") == 503);
        SIDECARS.forEach(sidecar -> sidecar.proxies.forEach(TcpProxy::mend));
        awaitLeases();
        assertThat(SIDECARS).allMatch(sidecar -> sidecar.judge(token) == 200);
    }

    @Test
    void whatIsUsedIsReported() {
        String token = cachedToken("used");
        int before = SIDECARS.size() * 2;
        for (int i = 0; i < 5; i++) {
            assertThat(SIDECARS).allMatch(sidecar -> sidecar.judge(token) == 200);
        }
        await("report").atMost(Duration.ofSeconds(15)).until(() -> database.<Long> value(
                "SELECT coalesce(sum(uses), 0)::bigint FROM token_usage_hourly u JOIN personal_access_token t ON t.id = u.token_id "
                        + "WHERE t.name = 'used' AND u.outcome = 'ALLOWED'") == before + 5 * SIDECARS.size());
    }

    /** Each learns with an answer how many there are; one that is killed counts no more. */
    @Test
    void aRateLimitIsDividedAmongTheSidecarsThatAreConnected() {
        awaitEnforcers(SIDECARS, 2);
        String token = limitedToken(10);
        assertThat(SIDECARS.stream().map(sidecar -> passing(sidecar, token))).containsExactly(5L, 5L);
        Sidecar third = new Sidecar();
        third.start();
        third.process.ready();
        List<Sidecar> all = Stream.concat(SIDECARS.stream(), Stream.of(third)).toList();
        awaitEnforcers(all, 3);
        String another = limitedToken(12);
        assertThat(all.stream().map(sidecar -> passing(sidecar, another))).containsExactly(4L, 4L, 4L);
        third.process.kill();
        third.proxies.forEach(TcpProxy::close);
        awaitEnforcers(SIDECARS, 2);
    }

    private static String limitedToken(int requests) {
        return SERVERS.get(0).process.createToken(session,
                new JsonObject().put("name", "limited").put("scopes", List.of("license:read"))
                        .put("rateLimit", new JsonObject().put("requests", requests).put("window", 3600)));
    }

    private static long passing(Sidecar sidecar, String token) {
        return Stream.generate(() -> sidecar.judge(token)).limit(20).filter(status -> status == 200).count();
    }

    private static void awaitEnforcers(List<Sidecar> sidecars, int count) {
        TokenFormat format = new TokenFormat("lkp");
        await("enforcers").atMost(Duration.ofSeconds(15)).until(() -> sidecars.stream().allMatch(sidecar -> {
            // What is not in memory is asked of a server.
            sidecar.judge(format.generate(new SecureRandom()));
            return sidecar.process.metric("latchkey_ratelimit_enforcers") == count;
        }));
    }

    @Test
    void aTokenOfAnotherAccountIsUnknown() {
        UUID account = UUID.randomUUID();
        UUID role = UUID.randomUUID();
        UUID user = UUID.randomUUID();
        database.execute(
                "INSERT INTO account (id, alias, company, created_at, updated_at) VALUES (?, 'other', '', now(), now())",
                account);
        database.execute("INSERT INTO role (id, account_id, name, scopes, created_at, updated_at) "
                + "VALUES (?, ?, 'a role', '{license:read}', now(), now())", role, account);
        database.execute("INSERT INTO app_user (id, account_id, role_id, email, created_at, updated_at) "
                + "VALUES (?, ?, ?, 'bo@example.com', now(), now())", user, account, role);
        String token = SERVERS.get(0).process.createToken(session, "of another");
        database.execute(
                "DELETE FROM token_usage u USING personal_access_token t WHERE t.id = u.token_id AND t.name = 'of another'");
        assertThat(database.execute("UPDATE personal_access_token SET account_id = ?, owner_id = ? WHERE name = 'of another'",
                account, user)).isOne();
        assertThat(SIDECARS).allMatch(sidecar -> sidecar.judge(token) == 401);
        await("it exists").until(() -> SERVERS.get(0).process.judge(token) == 200);
    }
}
