package dev.latchkey.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import dev.latchkey.testing.Person;
import dev.latchkey.testing.Person.Token;
import dev.latchkey.testing.RunningService;
import dev.latchkey.testing.WebhookReceiver;
import dev.latchkey.testing.WebhookReceiver.Received;
import io.restassured.response.Response;

/**
 * What happens is told, signed, in order and at least once; what fails is tried again, given up in plain sight, and replayed.
 */
@ServiceTest
class WebhookDeliveryIT {

    private static final String SECRET = "a-signing-token-of-ours";
    private static final String LOGS = "/v3/webhook-event-logs";

    private static WebhookReceiver receiver;

    private final Person person = Person.superAdmin();

    @BeforeAll
    static void receive() {
        receiver = new WebhookReceiver();
    }

    @AfterAll
    static void close() {
        receiver.close();
    }

    private String path() {
        return "/" + person.alias;
    }

    private String webhook(String token, String... events) {
        Response created = person.asks().body(Map.of("name", "w", "url", receiver.url(path()), "token", token, "events",
                Arrays.stream(events).map(word -> "personal-access-token." + word).toList())).post("/v3/webhooks");
        created.then().statusCode(201);
        return created.path("id");
    }

    private List<Received> awaitReceived(int count) {
        eventually(() -> receiver.received(path()).size() >= count);
        return receiver.received(path());
    }

    private static void eventually(Callable<Boolean> condition) {
        await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(20)).until(condition);
    }

    private static String hmac(byte[] key, String message) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return Base64.getEncoder().encodeToString(mac.doFinal(message.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void whatHappensToATokenIsToldInOrderAndSigned() throws Exception {
        webhook(SECRET, "created", "updated", "rotated", "revoked", "deleted");
        Token token = person.token("license:read");
        person.asks().body(Map.of("name", "renamed ☂")).patch(token.path()).then().statusCode(200);
        person.asks().post(token.path() + "/rotate").then().statusCode(200);
        person.asks().body(Map.of("revoked", true)).patch(token.path()).then().statusCode(200);
        person.asks().delete(token.path()).then().statusCode(204);
        List<Received> received = awaitReceived(5);
        assertThat(received).extracting(Received::event).containsExactly("personal-access-token.created",
                "personal-access-token.updated", "personal-access-token.rotated", "personal-access-token.revoked",
                "personal-access-token.deleted");
        assertThat(received).extracting(Received::resourceId).containsOnly(token.id());
        assertThat(received).extracting(each -> each.json().fieldNames())
                .allSatisfy(names -> assertThat(names).containsExactlyInAnyOrder("event", "data", "triggeredAt"));
        assertThat(received.get(1).json().getJsonObject("data").getString("name")).isEqualTo("renamed ☂");
        assertThat(received.get(3).json().getJsonObject("data").getString("status")).isEqualTo("revoked");
        for (Received each : received) {
            assertThat(each.body()).doesNotContain(token.secret()).doesNotContain("\"token\"");
            assertThat(Instant.parse(each.json().getString("triggeredAt"))).isBetween(Instant.now().minusSeconds(60),
                    Instant.now().plusSeconds(1));
            String id = each.id();
            String timestamp = each.headers().getFirst("webhook-timestamp");
            assertThat(Instant.ofEpochSecond(Long.parseLong(timestamp))).isBetween(Instant.now().minusSeconds(60),
                    Instant.now().plusSeconds(1));
            assertThat(each.headers().get("Webhook-Signature")).containsExactly(hmac(SECRET.getBytes(), each.body()),
                    "v1," + hmac(SECRET.getBytes(), id + "." + timestamp + "." + each.body()));
            assertThat(each.headers().getFirst("Content-Type")).isEqualTo("application/json");
        }
        assertThat(received).extracting(Received::id).doesNotHaveDuplicates();
    }

    @Test
    void aTokenInTheFormOfStandardWebhooksSignsAsTheirLibrariesExpect() throws Exception {
        byte[] key = new byte[24];
        Arrays.fill(key, (byte) 7);
        String text = "whsec_" + Base64.getEncoder().encodeToString(key);
        webhook(text, "created");
        person.token("license:read");
        Received received = awaitReceived(1).get(0);
        String timestamp = received.headers().getFirst("webhook-timestamp");
        assertThat(received.headers().get("webhook-signature")).containsExactly(
                "v1," + hmac(key, received.id() + "." + timestamp + "." + received.body()) + " "
                        + hmac(text.getBytes(), received.body()));
    }

    @Test
    void whatHappensToPeopleAndRolesIsTold() {
        Response created = person.asks().body(Map.of("name", "w", "url", receiver.url(path()), "token", SECRET, "events",
                List.of("user.created", "user.updated", "user.deleted", "user.sign-in-refused", "role.created", "role.updated",
                        "role.deleted", "account.updated")))
                .post("/v3/webhooks");
        created.then().statusCode(201);
        String role = person.asks().body(Map.of("name", "reader", "claims", List.of("tag:read"))).post("/v3/roles").path("id");
        person.asks().body(Map.of("description", "reads")).patch("/v3/roles/" + role).then().statusCode(200);
        String email = "ada@" + person.alias + ".example";
        String user = person.asks().body(Map.of("email", email, "role", "reader", "password", "a password for Ada"))
                .post("/v3/users").path("id");
        Person.signIn(person.alias, email, "a wrong password").then().statusCode(401);
        person.asks().body(Map.of("disabled", true)).patch("/v3/users/" + user).then().statusCode(200);
        person.asks().delete("/v3/users/" + user).then().statusCode(204);
        person.asks().delete("/v3/roles/" + role).then().statusCode(204);
        person.asks().body(Map.of("company", "Renamed Inc.")).patch("/v3/accounts/" + person.accountId).then().statusCode(200);
        awaitReceived(8);
        assertThat(eventsOf(person.accountId.toString())).containsExactly("account.updated");
        assertThat(receiver.received(path())).filteredOn(each -> each.event().equals("account.updated")).first()
                .satisfies(
                        each -> assertThat(each.json().getJsonObject("data").getString("company")).isEqualTo("Renamed Inc."));
        assertThat(eventsOf(role)).containsExactly("role.created", "role.updated", "role.deleted");
        assertThat(eventsOf(user)).containsExactly("user.created", "user.sign-in-refused", "user.updated", "user.deleted");
        List<Received> ofUser = receiver.received(path()).stream().filter(each -> user.equals(each.resourceId())).toList();
        assertThat(ofUser).extracting(each -> each.json().getJsonObject("data").getBoolean("disabled"))
                .containsExactly(false, false, true, true);
        assertThat(ofUser.get(3).json().getJsonObject("data").getString("email")).isEqualTo(email);
        assertThat(ofUser).allSatisfy(each -> assertThat(each.body()).doesNotContain("argon2", "password for Ada", "wrong"));
    }

    private List<String> eventsOf(String resource) {
        return receiver.received(path()).stream().filter(each -> resource.equals(each.resourceId())).map(Received::event)
                .toList();
    }

    @Test
    void nobodyIsToldOfWhatTheyDidNotAskForNorOfAnotherAccountNorOfWhatDidNotHappen() {
        String id = webhook(SECRET, "revoked");
        Person.superAdmin().token("license:read").asks().delete(Person.TOKENS + "/self").then().statusCode(204);
        Token token = person.token("license:read");
        person.asks().body(Map.of("scopes", List.of("product:read"))).patch(token.path()).then().statusCode(403);
        person.asks().body(Map.of("revoked", true)).patch(token.path()).then().statusCode(200);
        assertThat(awaitReceived(1)).extracting(Received::event).containsExactly("personal-access-token.revoked");
        person.asks().get(LOGS + "?webhookId=" + id).then().header("Pagination-Count", "1");
    }

    @Test
    void whatFailsIsTriedAgainHoldsBackItsResourceAloneAndIsShown() {
        Token failing = person.token("license:read");
        Token other = person.token("license:read");
        String id = webhook(SECRET, "updated");
        receiver.answer(request -> failing.id().equals(request.resourceId()) ? 500 : 200);
        try {
            rename(failing, "one", "two");
            rename(other, "three", "four");
            eventually(() -> told(other).size() == 2);
            eventually(() -> attempts(failing) >= 3);
            assertThat(told(failing)).as("the second waits for the first").containsOnly("one");
            Response log = person.asks().get(LOGS + "?status=pending&webhookId=" + id);
            log.then().header("Pagination-Count", "2").body("responseStatus[1]", equalTo(500))
                    .body("error[1]", containsString("answered 500")).body("nextAttemptAt[1]", notNullValue())
                    .body("attempts[0]", equalTo(0)).body("payload", equalTo(Arrays.asList(null, null)));
            person.asks().get(LOGS + "/" + log.path("id[1]")).then().body("responseBody", equalTo("answered 500"))
                    .body("payload.data.name", equalTo("one")).body("payload.event", equalTo("personal-access-token.updated"));
        } finally {
            receiver.answer(request -> 200);
        }
        eventually(() -> told(failing).contains("two"));
        List<String> names = told(failing);
        assertThat(names.subList(0, names.size() - 1)).containsOnly("one");
        assertThat(names).last().isEqualTo("two");
        eventually(() -> person.asks().get(LOGS + "?webhookId=" + id + "&status=delivered").<List<?>> path("id").size() == 4);
        person.asks().get(LOGS + "?status=delivered&sort=createdAt").then().body("deliveredAt[0]", notNullValue())
                .body("error[0]", nullValue()).body("nextAttemptAt[0]", nullValue()).body("durationMs[0]", notNullValue());
        List<String> ids = receiver.received(path()).stream()
                .filter(each -> failing.id().equals(each.resourceId()) && each.body().contains("\"one\"")).map(Received::id)
                .toList();
        assertThat(ids).as("each attempt has the same id").hasSizeGreaterThan(2).containsOnly(ids.get(0));
    }

    private void rename(Token token, String... names) {
        for (String name : names) {
            person.asks().body(Map.of("name", name)).patch(token.path()).then().statusCode(200);
        }
    }

    private List<String> told(Token token) {
        return receiver.received(path()).stream().filter(each -> token.id().equals(each.resourceId()))
                .map(each -> each.json().getJsonObject("data").getString("name")).toList();
    }

    private static int attempts(Token token) {
        return RunningService.database().<Number> value(
                "SELECT max(attempts) FROM webhook_event_log WHERE resource_id = ?::uuid", token.id()).intValue();
    }

    @Test
    void afterADayItIsADeadLetterWhichIsShownAndReplayedByHand() {
        String id = webhook(SECRET, "created", "revoked");
        receiver.answer(request -> 410);
        Token token = person.token("license:read");
        person.asks().body(Map.of("revoked", true)).patch(token.path()).then().statusCode(200);
        eventually(() -> attempts(token) >= 1);
        RunningService.database().execute("UPDATE webhook_event_log SET tried_from = now() - interval '24 hours' "
                + "WHERE webhook_id = ?::uuid", id);
        eventually(() -> person.asks().get(LOGS + "?status=dead-letter").<List<?>> path("id").size() == 2);
        Response dead = person.asks().get(LOGS + "?status=dead-letter&sort=createdAt");
        dead.then().body("event", equalTo(List.of("personal-access-token.created", "personal-access-token.revoked")))
                .body("error[0]", containsString("410")).body("nextAttemptAt[0]", nullValue()).body("replays[0]", equalTo(0));
        receiver.answer(request -> 200);
        int before = receiver.received(path()).size();
        for (int i = 0; i < 2; i++) {
            person.asks().post(LOGS + "/" + dead.path("id[" + i + "]") + "/replay").then().statusCode(202)
                    .body("status", equalTo("pending")).body("replays", equalTo(1)).body("attempts", equalTo(0));
        }
        eventually(() -> person.asks().get(LOGS + "?status=delivered").<List<?>> path("id").size() == 2);
        List<Received> again = receiver.received(path());
        assertThat(again.subList(before, again.size())).extracting(Received::event)
                .containsExactly("personal-access-token.created", "personal-access-token.revoked");
        assertThat(again.get(before).id()).isEqualTo(dead.path("id[0]"));
        person.asks().post(LOGS + "/" + dead.path("id[0]") + "/replay").then().statusCode(202);
        eventually(() -> receiver.received(path()).size() == again.size() + 1);
        person.asks().get("/v3/event-logs?action=webhook.event-replayed").then().body("resourceId[0]", equalTo(id))
                .body("changes[0][0].new", equalTo(dead.path("id[0]")));
    }

    @Test
    void aWebhookThatIsOffIsToldNothingAndWhatWaitsIsHeld() {
        String id = webhook(SECRET, "created");
        receiver.answer(request -> 503);
        person.token("license:read");
        awaitReceived(1);
        person.asks().body(Map.of("active", false)).patch("/v3/webhooks/" + id).then().statusCode(200);
        receiver.answer(request -> 200);
        person.token("license:read");
        String held = person.asks().get(LOGS + "?webhookId=" + id).path("id[0]");
        person.asks().get(LOGS + "?webhookId=" + id).then().header("Pagination-Count", "1");
        person.asks().post(LOGS + "/" + held + "/replay").then().statusCode(409).body("code", equalTo("WEBHOOK_INACTIVE"));
        person.asks().body(Map.of("active", true)).patch("/v3/webhooks/" + id).then().statusCode(200);
        person.asks().post(LOGS + "/" + held + "/replay").then().statusCode(202).body("replays", equalTo(0));
        eventually(() -> "delivered".equals(person.asks().get(LOGS + "/" + held).path("status")));
    }

    @Test
    void redirectsAreNotFollowed() {
        webhook(SECRET, "created");
        receiver.answer(request -> 302);
        try {
            person.token("license:read");
            awaitReceived(2);
            person.asks().get(LOGS).then().body("error[0]", containsString("redirects are not followed"));
            assertThat(receiver.received("/elsewhere")).isEmpty();
        } finally {
            receiver.answer(request -> 200);
        }
    }

    @Test
    void thirtySlowEndpointsLeaveOthersUnaffected() throws Exception {
        Person slow = Person.superAdmin();
        try (ServerSocket silent = new ServerSocket(0, 1_000, InetAddress.getByName("127.0.0.1"))) {
            for (int i = 0; i < 30; i++) {
                slow.asks().body(Map.of("name", "w", "url", "http://127.0.0.1:" + silent.getLocalPort() + "/", "token", SECRET,
                        "events", List.of("personal-access-token.created"))).post("/v3/webhooks").then().statusCode(201);
            }
            webhook(SECRET, "created");
            for (int i = 0; i < 12; i++) {
                slow.token("license:read");
            }
            // 360 events that nobody answers, for 64 places.
            eventually(() -> RunningService.database().<Long> value("SELECT count(DISTINCT webhook_id) FROM webhook_event_log "
                    + "WHERE account_id = ? AND attempts > 0", slow.accountId) >= 8);
            for (int i = 1; i <= 5; i++) {
                person.token("license:read");
                int count = i;
                await().atMost(Duration.ofSeconds(4)).pollInterval(Duration.ofMillis(20))
                        .until(() -> receiver.received(path()).size() == count);
            }
            assertThat(RunningService.database().<Long> value("SELECT count(*) FROM webhook_lane WHERE account_id = ? "
                    + "AND claim IS NOT NULL", slow.accountId)).as("and the slow are tried, too").isPositive();
        } finally {
            slow.asks().get("/v3/webhooks?limit=100").<List<String>> path("id")
                    .forEach(id -> slow.asks().delete("/v3/webhooks/" + id));
        }
    }

    @Test
    void theMetricsCountAndNameNobodysUrl() {
        webhook(SECRET, "created");
        person.token("license:read");
        awaitReceived(1);
        eventually(() -> metrics().matches("(?s).*latchkey_webhook_attempts_total\\{outcome=\"delivered\"\\} [1-9].*"));
        assertThat(metrics())
                .contains("latchkey_webhook_under_way", "latchkey_webhook_lanes", "latchkey_webhook_dead_letters_total")
                .doesNotContain(path()).doesNotContain(":" + receiver.port());
    }

    private static String metrics() {
        return given().port(RunningService.MANAGEMENT_PORT).get("/q/metrics").asString();
    }

    @Test
    void aDeletedWebhookIsToldNothingMore() {
        String id = webhook(SECRET, "created");
        receiver.answer(request -> 503);
        person.token("license:read");
        awaitReceived(1);
        person.asks().delete("/v3/webhooks/" + id).then().statusCode(204);
        receiver.answer(request -> 200);
        person.token("license:read").status();
        assertThat(RunningService.database()
                .<Long> value("SELECT (SELECT count(*) FROM webhook_lane WHERE webhook_id = ?::uuid) + "
                        + "(SELECT count(*) FROM webhook_event_log WHERE webhook_id = ?::uuid)", id, id))
                .isZero();
    }

    @Test
    void expiryIsToldOnceBeforeAndAfterAndUseFromANewAddressOnce() {
        webhook(SECRET, "expiring-soon", "expired", "first-used-from-new-address");
        Map<Integer, Token> tokens = new TreeMap<>();
        for (int days : new int[] { 0, 1, 7, 30 }) {
            tokens.put(days, person.token(Map.of("expiresAt", Instant.now().plus(Duration.ofDays(40)).toString()),
                    "license:read"));
            expireSoon(tokens.get(days), days);
        }
        Token used = person.token("license:read");
        assertThat(used.status()).isEqualTo(200);
        awaitReceived(5);
        assertThat(receiver.received(path())).extracting(each -> each.event() + " " + each.resourceId() + " "
                + each.json().getJsonObject("data").getInteger("daysLeft")).containsExactlyInAnyOrder(
                        "personal-access-token.expired " + tokens.get(0).id() + " null",
                        "personal-access-token.expiring-soon " + tokens.get(1).id() + " 1",
                        "personal-access-token.expiring-soon " + tokens.get(7).id() + " 7",
                        "personal-access-token.expiring-soon " + tokens.get(30).id() + " 30",
                        "personal-access-token.first-used-from-new-address " + used.id() + " null");
        Received sighting = receiver.received(path()).stream().filter(each -> each.event().endsWith("new-address")).findFirst()
                .orElseThrow();
        assertThat(sighting.json().getJsonObject("data").getString("address")).isEqualTo("127.0.0.1");
        assertThat(sighting.json().getJsonObject("data").getInteger("knownAddresses")).isZero();
        assertThat(sighting.json().getJsonObject("data").getString("name")).isEqualTo("a token");
        // As the recorder of uses writes them.
        for (String address : List.of("192.0.2.1", "127.0.0.1", "192.0.2.1", "2001:db8::1")) {
            RunningService.database().execute("UPDATE token_usage SET earlier_addresses = jsonb_build_array(jsonb_build_object("
                    + "'address', last_used_ip)) || earlier_addresses, last_used_ip = ? WHERE token_id = ?::uuid", address,
                    used.id());
        }
        awaitReceived(7);
        assertThat(receiver.received(path()).subList(5, 7))
                .extracting(each -> each.json().getJsonObject("data").getString("address") + " "
                        + each.json().getJsonObject("data").getInteger("knownAddresses"))
                .containsExactly("192.0.2.1 1", "2001:db8::1 4");
    }

    /** Lets it expire just beyond what the watch for so many days before has reached: a day is what nobody can wait for. */
    private static void expireSoon(Token token, int days) {
        eventually(() -> RunningService.database().value("SELECT days_before FROM token_expiry_watch WHERE days_before = ?",
                days) != null);
        RunningService.database().execute("UPDATE personal_access_token SET expires_at = (SELECT greatest(reached_at, now() - "
                + "interval '11 seconds' + make_interval(days => ?)) + interval '3 seconds' FROM token_expiry_watch "
                + "WHERE days_before = ?) WHERE id = ?::uuid", days, days, token.id());
    }
}
