package dev.latchkey.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import dev.latchkey.platform.Ids;
import dev.latchkey.testing.Person;
import dev.latchkey.testing.Person.Token;
import dev.latchkey.testing.RunningService;
import io.restassured.response.Response;

/** Webhooks are created, found, changed and deleted by whoever may, with what is allowed, in their own account. */
@ServiceTest
class WebhookIT {

    private static final String WEBHOOKS = "/v3/webhooks";
    private static final String URL = "https://hooks.example.com/latchkey?team=7";
    private static final String SECRET = "a-signing-token-of-ours";

    private final Person person = Person.superAdmin();

    private static Map<String, Object> body(Map<String, ?> more) {
        Map<String, Object> body = new HashMap<>(Map.of("name", "CI", "url", URL, "token", SECRET, "events",
                List.of("personal-access-token.revoked", "personal-access-token.created")));
        body.putAll(more);
        return body;
    }

    private static String create(Person who, Map<String, ?> more) {
        Response created = who.asks().body(body(more)).post(WEBHOOKS);
        created.then().statusCode(201);
        return created.path("id");
    }

    private static String path(String id) {
        return WEBHOOKS + "/" + id;
    }

    @Test
    void aWebhookIsCreatedAndNeverShowsItsToken() {
        Response created = person.asks().body(body(Map.of())).post(WEBHOOKS);
        created.then().statusCode(201).header("Location", endsWith(path(created.path("id"))))
                .body("name", equalTo("CI")).body("url", equalTo(URL)).body("active", equalTo(true))
                .body("events", equalTo(List.of("personal-access-token.created", "personal-access-token.revoked")))
                .body("createdAt", notNullValue()).body("updatedAt", notNullValue()).body("token", nullValue());
        Response found = person.asks().get(path(created.path("id")));
        found.then().statusCode(200);
        assertThat(found.asString()).isEqualTo(created.asString());
        assertThat(person.asks().get(WEBHOOKS).asString()).doesNotContain(SECRET).contains(URL);
        assertThat(person.asks().get("/v3/event-logs").asString()).doesNotContain(SECRET).contains("webhook.created")
                .as("the path of a URL may be a secret").doesNotContain("team=7");
        assertThat(RunningService.database().<Long> value("SELECT count(*) FROM webhook WHERE position(?::bytea IN token) > 0",
                SECRET)).as("encrypted").isZero();
    }

    @Test
    void whoGivesNoTokenGetsOneOnce() {
        Map<String, Object> body = body(Map.of());
        body.remove("token");
        Response created = person.asks().header("Idempotency-Key", "k").body(body).post(WEBHOOKS);
        created.then().statusCode(201).body("token", startsWith("whsec_"));
        assertThat(Base64.getDecoder().decode(created.<String> path("token").substring(6))).hasSize(32);
        person.asks().header("Idempotency-Key", "k").body(body).post(WEBHOOKS).then().statusCode(200)
                .header("Idempotency-Replayed", "true").body("id", equalTo(created.path("id"))).body("token", nullValue());
        body.put("token", "another-token-of-ours");
        person.asks().header("Idempotency-Key", "k").body(body).post(WEBHOOKS).then().statusCode(422);
        assertThat(person.asks().get(WEBHOOKS).<List<?>> path("id")).hasSize(1);
    }

    @Test
    void aWebhookIsChangedFieldByFieldAndDeleted() {
        String id = create(person, Map.of());
        person.asks().body(Map.of("name", "renamed", "active", false)).patch(path(id)).then().statusCode(200)
                .body("name", equalTo("renamed")).body("active", equalTo(false)).body("url", equalTo(URL));
        person.asks().body(Map.of("url", "https://other.example.com", "events", List.of("personal-access-token.expired"),
                "token", "another-token-of-ours")).patch(path(id)).then().statusCode(200)
                .body("url", equalTo("https://other.example.com"))
                .body("events", equalTo(List.of("personal-access-token.expired"))).body("name", equalTo("renamed"));
        person.asks().body(Map.of("name", "renamed")).patch(path(id)).then().statusCode(200);
        person.asks().delete(path(id)).then().statusCode(204);
        person.asks().get(path(id)).then().statusCode(404);
        person.asks().delete(path(id)).then().statusCode(404);
        Response log = person.asks().get("/v3/event-logs?resourceId=" + id);
        log.then().body("action",
                equalTo(List.of("webhook.deleted", "webhook.updated", "webhook.updated", "webhook.created")));
        assertThat(log.asString()).doesNotContain("another-token");
    }

    @Test
    void webhooksAreListedSortedFilteredAndFound() {
        String first = create(person, Map.of("name", "first of all"));
        String second = create(person, Map.of("name", "second", "active", false));
        String third = create(person, Map.of("name", "third", "events", List.of("personal-access-token.expired")));
        assertThat(ids(person, "")).containsExactly(third, second, first);
        assertThat(ids(person, "?sort=name")).containsExactly(first, second, third);
        assertThat(ids(person, "?active=false")).containsExactly(second);
        assertThat(ids(person, "?event=personal-access-token.expired")).containsExactly(third);
        assertThat(ids(person, "?name=second")).containsExactly(second);
        assertThat(ids(person, "?query=all")).containsExactly(first);
        person.asks().get(WEBHOOKS + "?limit=1").then().header("Pagination-Count", "3");
        for (String query : List.of("active=maybe", "event=no.such", "colour=red", "sort=url")) {
            person.asks().get(WEBHOOKS + "?" + query).then().statusCode(400).body("errors[0].field",
                    equalTo(query.substring(0, query.indexOf('='))));
        }
    }

    private static List<String> ids(Person who, String query) {
        Response list = who.asks().urlEncodingEnabled(false).get(WEBHOOKS + query);
        list.then().statusCode(200);
        return list.path("id");
    }

    @Test
    void eachScopeOpensWhatItNamesAndNoMore() {
        String id = create(person, Map.of());
        Token reads = person.token("webhook:read");
        Token writes = person.token("webhook:write");
        reads.asks().get(WEBHOOKS).then().statusCode(200);
        reads.asks().get(path(id)).then().statusCode(200);
        reads.asks().get(WEBHOOKS + "/events").then().statusCode(200).body("name", hasItem("personal-access-token.created"))
                .body("resource", hasItem("personal-access-token"));
        reads.asks().get("/v3/webhook-event-logs").then().statusCode(200);
        reads.asks().body(body(Map.of())).post(WEBHOOKS).then().statusCode(403).body("code", equalTo("INSUFFICIENT_SCOPE"));
        reads.asks().body(Map.of("name", "x")).patch(path(id)).then().statusCode(403);
        reads.asks().delete(path(id)).then().statusCode(403);
        reads.asks().post("/v3/webhook-event-logs/" + Ids.next() + "/replay").then().statusCode(403);
        writes.asks().get(WEBHOOKS).then().statusCode(403);
        writes.asks().get(path(id)).then().statusCode(403);
        writes.asks().get("/v3/webhook-event-logs").then().statusCode(403);
        writes.asks().body(Map.of("name", "x")).patch(path(id)).then().statusCode(200);
        writes.asks().post("/v3/webhook-event-logs/" + Ids.next() + "/replay").then().statusCode(404);
        writes.asks().delete(path(id)).then().statusCode(204);
    }

    @Test
    void anotherAccountsWebhooksAndTheirLogAreNotThere() {
        Person theirs = Person.superAdmin();
        String id = create(theirs, Map.of("active", true));
        theirs.token("license:read");
        String event = RunningService.database()
                .<UUID> value("SELECT id FROM webhook_event_log WHERE webhook_id = ?::uuid", id).toString();
        person.asks().get(path(id)).then().statusCode(404);
        person.asks().body(Map.of("name", "pwned")).patch(path(id)).then().statusCode(404);
        person.asks().delete(path(id)).then().statusCode(404);
        person.asks().get("/v3/webhook-event-logs/" + event).then().statusCode(404);
        person.asks().post("/v3/webhook-event-logs/" + event + "/replay").then().statusCode(404);
        assertThat(ids(person, "")).isEmpty();
        assertThat(person.asks().get("/v3/webhook-event-logs?webhookId=" + id).<List<?>> path("id")).isEmpty();
        theirs.asks().get("/v3/webhook-event-logs/" + event).then().statusCode(200);
        assertThatThrownBy(() -> RunningService.database().execute(
                "UPDATE webhook_event_log SET account_id = ? WHERE id = ?::uuid", person.accountId, event))
                .hasMessageContaining("foreign key");
    }

    @Test
    void anAccountHasAHundredWebhooksAtMost() {
        create(person, Map.of());
        RunningService.database()
                .execute("INSERT INTO webhook SELECT gen_random_uuid(), account_id, name, url, token, secret_id, events, "
                        + "active, created_at, updated_at FROM webhook, generate_series(1, 99) WHERE account_id = ?",
                        person.accountId);
        person.asks().body(body(Map.of())).post(WEBHOOKS).then().statusCode(409).body("code", equalTo("TOO_MANY_WEBHOOKS"));
    }

    static Stream<Arguments> bad() {
        return Stream.of(
                Arguments.of("name", "", "blank"),
                Arguments.of("name", "x".repeat(256), "255"),
                Arguments.of("name", "a\u0000b", "control"),
                Arguments.of("name", 7, "a string"),
                Arguments.of("url", "ftp://hooks.example.com", "https://"),
                Arguments.of("url", "hooks.example.com", "https://"),
                Arguments.of("url", "https://user:secret@hooks.example.com", "user or password"),
                Arguments.of("url", "https://hooks.example.com/#fragment", "fragment"),
                Arguments.of("url", "https://hooks.example.com/a b", "not a URL"),
                Arguments.of("url", "https://hooks.exämple.com", "ASCII"),
                Arguments.of("url", "https://hooks.example.com:99999/", "port"),
                Arguments.of("url", "https:///path", "host"),
                Arguments.of("url", "https://hooks.example.com/" + "x".repeat(2000), "2000"),
                Arguments.of("url", "https://10.0.0.1/", "private"),
                Arguments.of("url", "https://127.0.0.2/", "private"),
                Arguments.of("url", "https://169.254.169.254/latest/meta-data", "private"),
                Arguments.of("url", "https://100.64.0.1/", "private"),
                Arguments.of("url", "https://[::1]/", "private"),
                Arguments.of("url", "https://[::ffff:10.0.0.1]/", "private"),
                Arguments.of("url", "https://[fd00::1]/", "private"),
                Arguments.of("url", "https://[64:ff9b::a00:1]/", "private"),
                Arguments.of("url", "https://2130706433/", "host"),
                Arguments.of("url", "https://127.1/", "host"),
                Arguments.of("url", "https://0x7f.0.0.0x1/", "host"),
                Arguments.of("events", List.of(), "empty"),
                Arguments.of("events", List.of("personal-access-token.created", "no.such", "*"), "'*', 'no.such'"),
                Arguments.of("events", "personal-access-token.created", "a list"),
                Arguments.of("token", "short", "16 to 255"),
                Arguments.of("token", "x".repeat(256), "16 to 255"),
                Arguments.of("token", "with a line\nbreak in it", "visible ASCII"),
                Arguments.of("token", "whsec_not*base64*at*all", "Base64"),
                Arguments.of("token", "whsec_c2hvcnQga2V5", "24 to 64"),
                Arguments.of("active", "yes", "true or false"),
                Arguments.of("colour", "red", "spelling"));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("bad")
    void aWrongFieldIsNamedWithTheRemedyInACreationAndAChange(String field, Object value, String remedy) {
        String id = create(person, Map.of());
        person.asks().body(body(Map.of(field, value))).post(WEBHOOKS).then().statusCode(400)
                .body("code", equalTo("VALIDATION_FAILED")).body("errors[0].field", startsWith(field))
                .body("errors[0].message", containsString(remedy)).body("message", not(containsString("secret@")));
        person.asks().body(Map.of(field, value)).patch(path(id)).then().statusCode(400)
                .body("errors[0].field", startsWith(field)).body("errors[0].message", containsString(remedy));
        assertThat(ids(person, "")).containsExactly(id);
    }

    @Test
    void whatIsMissingOrNullIsNamed() {
        person.asks().body("{}").post(WEBHOOKS).then().statusCode(400).body("errors.field",
                equalTo(List.of("events", "name", "url")));
        String id = create(person, Map.of());
        for (String field : List.of("name", "url", "events", "token", "active")) {
            person.asks().body("{\"" + field + "\":null}").patch(path(id)).then().statusCode(400)
                    .body("errors[0].field", equalTo(field)).body("errors[0].message", containsString("null"));
        }
        person.asks().patch(path(id)).then().statusCode(400);
        person.asks().get(path("no-id")).then().statusCode(404);
    }
}
