package dev.latchkey.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.latchkey.testing.DatabaseProxy;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.RunningService;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.token.TokenFormat;
import io.vertx.core.json.JsonObject;

/** What happens to the connections between a server and its database, and what the server then believes. */
class FeedFaultsIT {

    private static final String FEED = "latchkey-feed";
    private static final String HEARTBEAT = "latchkey-heartbeat";
    private static final String LOOKUP = "latchkey-lookup";
    private static final Duration BOUND = Duration.ofSeconds(2);
    private static final int LOOKUPS = 16;

    @TempDir
    static Path directory;

    private static TestDatabase database;
    private static DatabaseProxy proxy;
    private static LatchkeyProcess service;
    private static String session;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        proxy = new DatabaseProxy(database.port());
        Map<String, String> environment = new HashMap<>(database.environment(proxy.port()));
        environment.put("LATCHKEY_VERIFICATION_MAX_LOOKUPS", Integer.toString(LOOKUPS));
        environment.put("LATCHKEY_VERIFICATION_UNKNOWN_PER_MINUTE", "1000000");
        service = LatchkeyProcess.start(directory, environment).ready();
        session = service.signIn("default", RunningService.ADMIN_EMAIL, RunningService.ADMIN_PASSWORD);
    }

    @AfterAll
    static void stop() {
        service.close();
        proxy.close();
    }

    @AfterEach
    void mend() {
        List.of(FEED, HEARTBEAT, LOOKUP).forEach(proxy::release);
        proxy.mend();
        awaitLease();
    }

    private static void awaitLease() {
        await("lease").atMost(Duration.ofSeconds(15)).pollInterval(Duration.ofMillis(20))
                .until(() -> service.metric("latchkey_feed_lease") == 1);
    }

    private static void awaitLoss(Duration atMost) {
        await("loss of the lease").atMost(atMost).pollInterval(Duration.ofMillis(10))
                .until(() -> service.metric("latchkey_feed_lease") == 0);
    }

    /** A token that is in the cache. */
    private static String cachedToken(String name) {
        awaitLease();
        String token = service.createToken(session, name);
        assertThat(service.judge(token)).isEqualTo(200);
        double misses = misses();
        assertThat(service.judge(token)).isEqualTo(200);
        assertThat(misses()).as("from memory").isEqualTo(misses);
        return token;
    }

    private static double misses() {
        return service.managementAnswer("/q/metrics").body().lines()
                .filter(line -> line.startsWith("latchkey_cache_gets_total{result=\"miss\"}"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ')))).sum();
    }

    private static void revokeByHand(String name) {
        assertThat(database.execute("UPDATE personal_access_token SET revoked_at = now() WHERE name = ?", name)).isOne();
    }

    /** From the commit's acknowledgement: refused within the bound, and then for good. */
    private static void refusedWithinTheBound(String token) {
        long committed = System.nanoTime();
        await("refusal").atMost(BOUND).pollInterval(Duration.ofMillis(5)).until(() -> service.judge(token) != 200);
        System.out.printf("refused %d ms after the commit%n", (System.nanoTime() - committed) / 1_000_000);
        for (int i = 0; i < 20; i++) {
            assertThat(service.judge(token)).as("and stays so").isNotEqualTo(200);
        }
    }

    @Test
    void theFeedIsCutAndComesBackByItself() {
        String token = cachedToken("cut");
        double lost = service.metric("latchkey_feed_leases_lost_total");
        String backends = "SELECT string_agg(pid::text, ',') FROM pg_stat_activity WHERE application_name = 'latchkey-lookup' "
                + "AND datname = current_database()";
        String before = database.value(backends);
        assertThat(before).isNotNull();
        proxy.cut(FEED);
        revokeByHand("cut");
        refusedWithinTheBound(token);
        awaitLease();
        assertThat(service.metric("latchkey_feed_leases_lost_total")).isGreaterThan(lost);
        await("lookups follow the feed, on connections of their own").atMost(Duration.ofSeconds(5)).until(() -> {
            String after = database.value(backends);
            return after == null || Collections.disjoint(List.of(before.split(",")), List.of(after.split(",")));
        });
    }

    @Test
    void invariant2TheFeedIsStalledWithoutBeingClosed() {
        String token = cachedToken("stalled");
        String other = cachedToken("not revoked");
        proxy.swallow(FEED);
        revokeByHand("stalled");
        refusedWithinTheBound(token);
        awaitLoss(Duration.ofMillis(500));
        double misses = misses();
        assertThat(service.judge(other)).as("checked at the source").isEqualTo(200);
        assertThat(misses()).isGreaterThan(misses);
        awaitLease();
        assertThat(service.judge(other)).isEqualTo(200);
    }

    @Test
    void theLeaseIsLostWithinASecondOfAStall() {
        cachedToken("a second");
        proxy.stall(FEED);
        awaitLoss(Duration.ofMillis(1_100));
    }

    @Test
    void aBurstOfOldHeartbeatsRenewsNothing() throws InterruptedException {
        String token = cachedToken("burst");
        proxy.stall(FEED);
        Thread.sleep(700);
        // From now on no new heartbeat is sent: the answer to the last one does not arrive.
        proxy.stall(HEARTBEAT);
        revokeByHand("burst");
        awaitLoss(Duration.ofMillis(1_100));
        // Until the newest of them is older than the lease.
        Thread.sleep(1_200);
        proxy.release(FEED);
        for (int i = 0; i < 20; i++) {
            assertThat(service.metric("latchkey_feed_lease")).as("what was held back is old").isZero();
            assertThat(service.judge(token)).isEqualTo(401);
            Thread.sleep(10);
        }
    }

    @Test
    void invariant3AnAnswerThatItsInvalidationOvertookIsNeitherGivenNorKept() throws InterruptedException {
        awaitLease();
        String token = service.createToken(session, "overtaken");
        // The lease needs no lookups, and stays.
        proxy.stall(LOOKUP);
        CompletableFuture<Integer> before = CompletableFuture.supplyAsync(() -> service.judge(token));
        Thread.sleep(200);
        double invalidations = service.metric("latchkey_feed_invalidations_total");
        revokeByHand("overtaken");
        await().atMost(Duration.ofMillis(400)).pollInterval(Duration.ofMillis(5))
                .until(() -> service.metric("latchkey_feed_invalidations_total") > invalidations);
        CompletableFuture<Integer> after = CompletableFuture.supplyAsync(() -> service.judge(token));
        Thread.sleep(50);
        proxy.release(LOOKUP);
        assertThat(after.join()).isEqualTo(401);
        assertThat(before.join()).isEqualTo(401);
        assertThat(service.judge(token)).isEqualTo(401);
    }

    @Test
    void invariant5ALookupThatTakesTooLongIsRefusedAndHoldsUpNobody() {
        awaitLease();
        String cached = cachedToken("memory");
        String token = service.createToken(session, "slow");
        proxy.swallow(LOOKUP);
        long began = System.nanoTime();
        CompletableFuture<LatchkeyProcess.Answer> slow = CompletableFuture
                .supplyAsync(() -> service.get("/v3/personal-access-tokens/self", token));
        for (int i = 0; i < 20; i++) {
            long asked = System.nanoTime();
            assertThat(service.get("/v3/scopes").status()).isEqualTo(200);
            assertThat(service.judge(cached)).as("cached").isEqualTo(200);
            assertThat(System.nanoTime() - asked).as("the event loop is free").isLessThan(500_000_000L);
        }
        assertThat(slow.join().status()).isEqualTo(503);
        assertThat(slow.join().headers()).containsKey("retry-after");
        assertThat((System.nanoTime() - began) / 1_000_000).isBetween(900L, 2_000L);
        assertThat(service.judge(token)).as("the connection was closed, and another is made").isEqualTo(200);
    }

    @Test
    void invariant6AFloodOfInventedTokensWithoutALeaseLeavesTheGoodOnesTheirShare() {
        List<String> good = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            good.add(cachedToken("good " + i));
        }
        double size = service.metric("latchkey_cache_size");
        proxy.stall(FEED);
        awaitLoss(Duration.ofMillis(1_500));
        TokenFormat format = new TokenFormat("lkp");
        Random random = new Random();
        long end = System.nanoTime() + Duration.ofSeconds(4).toNanos();
        List<CompletableFuture<Map<Integer, Integer>>> flood = new ArrayList<>();
        for (int i = 0; i < 32; i++) {
            flood.add(CompletableFuture.supplyAsync(() -> {
                Map<Integer, Integer> statuses = new HashMap<>();
                while (System.nanoTime() < end) {
                    statuses.merge(service.judge(format.generate(random)), 1, Integer::sum);
                }
                return statuses;
            }, task -> new Thread(task).start()));
        }
        int served = 0;
        while (System.nanoTime() < end) {
            assertThat(service.judge(good.get(served % good.size()))).isEqualTo(200);
            served++;
        }
        Map<Integer, Integer> statuses = new HashMap<>();
        flood.forEach(one -> one.join().forEach((status, count) -> statuses.merge(status, count, Integer::sum)));
        System.out.printf("%d good ones served; invented ones: %s%n", served, statuses);
        assertThat(statuses.keySet()).isSubsetOf(401, 503);
        assertThat(served).isGreaterThan(5);
        assertThat(service.metric("latchkey_cache_size")).as("invented tokens are not among the others")
                .isLessThanOrEqualTo(size);
        assertThat(service.metric("latchkey_lookups_active")).isLessThanOrEqualTo(LOOKUPS);
    }

    @Test
    void aTransactionThatIsRolledBackChangesNothing() throws SQLException, InterruptedException {
        String token = cachedToken("rolled back");
        double invalidations = service.metric("latchkey_feed_invalidations_total");
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.executeUpdate("UPDATE personal_access_token SET revoked_at = now() WHERE name = 'rolled back'");
            Thread.sleep(300);
            assertThat(service.judge(token)).isEqualTo(200);
            connection.rollback();
        }
        Thread.sleep(300);
        double misses = misses();
        assertThat(service.judge(token)).isEqualTo(200);
        assertThat(misses()).as("still from memory").isEqualTo(misses);
        assertThat(service.metric("latchkey_feed_invalidations_total")).isEqualTo(invalidations);
    }

    @Test
    void whatIsChangedByHandActsLikeWhatIsChangedByTheApi() {
        String updated = cachedToken("by hand");
        revokeByHand("by hand");
        refusedWithinTheBound(updated);
        String deleted = cachedToken("deleted");
        assertThat(database.execute("DELETE FROM personal_access_token WHERE name = 'deleted'")).isOne();
        refusedWithinTheBound(deleted);
        String many = cachedToken("one of many");
        database.execute("INSERT INTO personal_access_token (id, account_id, owner_id, name, digest, hint, scopes, created_at, "
                + "updated_at) SELECT gen_random_uuid(), account_id, owner_id, 'bulk', sha256(n::text::bytea), '', scopes, now(), "
                + "now() FROM personal_access_token, generate_series(1, 500) n WHERE name = 'one of many'");
        assertThat(
                database.execute("UPDATE personal_access_token SET revoked_at = now() WHERE name IN ('bulk', 'one of many')"))
                .isEqualTo(501);
        refusedWithinTheBound(many);
    }

    @Test
    void whatDoesNotMatterIsNotAnnounced() throws InterruptedException {
        String token = cachedToken("renamed");
        double invalidations = service.metric("latchkey_feed_invalidations_total");
        database.execute("UPDATE personal_access_token SET name = 'another name', updated_at = now() WHERE name = 'renamed'");
        database.execute("UPDATE app_user SET last_login_at = now()");
        database.execute("UPDATE account SET company = 'Another'");
        Thread.sleep(300);
        assertThat(service.metric("latchkey_feed_invalidations_total")).isEqualTo(invalidations);
        double misses = misses();
        assertThat(service.judge(token)).isEqualTo(200);
        assertThat(misses()).isEqualTo(misses);
    }

    @Test
    void whatTheRestOfTheServiceDoesToTheDatabaseKeepsNoLookupWaiting() throws SQLException {
        String token = service.createToken(session, "not waiting");
        // Changes of different tokens: what one person creates waits for each other, before it comes to the event log.
        List<String> ids = IntStream.range(0, 30).mapToObj(i -> service.post("/v3/personal-access-tokens", session,
                new JsonObject().put("name", "free " + i).put("scopes", List.of("license:read"))).json().getString("id"))
                .toList();
        List<CompletableFuture<Integer>> blocked = new ArrayList<>();
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("LOCK TABLE event_log IN ACCESS EXCLUSIVE MODE");
            for (int i = 0; i < 30; i++) {
                int number = i;
                blocked.add(CompletableFuture.supplyAsync(() -> service.patch("/v3/personal-access-tokens/" + ids.get(number),
                        session, new JsonObject().put("name", "waiting " + number)).status(),
                        task -> new Thread(task).start()));
            }
            await().atMost(Duration.ofSeconds(5)).until(() -> ((Number) database
                    .value("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%event_log%'"))
                    .intValue() > 10);
            String before = token;
            database.execute("UPDATE personal_access_token SET scopes = '{license:write}' WHERE name = 'not waiting'");
            assertThat(service.get("/v3/scopes").status()).isEqualTo(200);
            assertThat(service.get("/v3/nowhere", before).status()).as("looked up, though 20 connections wait")
                    .isEqualTo(404);
            connection.rollback();
        }
        assertThat(blocked.stream().map(CompletableFuture::join)).allMatch(status -> status == 200);
    }
}
