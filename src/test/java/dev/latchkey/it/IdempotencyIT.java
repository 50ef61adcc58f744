package dev.latchkey.it;

import static dev.latchkey.testing.Person.TOKENS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

import dev.latchkey.testing.Person;
import dev.latchkey.testing.RunningService;
import io.restassured.response.Response;

@ServiceTest
class IdempotencyIT {

    private final Person person = Person.superAdmin();

    @Test
    void theSameRequestAgainMakesNothingAndDoesNotShowTheTokenAgain() {
        Response first = create("key-1", "one");
        first.then().statusCode(201).body("token", notNullValue()).header("Idempotency-Replayed", nullValue());
        create("key-1", "one").then().statusCode(200).header("Idempotency-Replayed", "true")
                .body("id", equalTo(first.path("id"))).body("token", nullValue());
        assertThat(count()).isEqualTo(1);
    }

    @Test
    void anotherBodyWithTheSameKeyIs422AndNothingChanges() {
        create("key-1", "one").then().statusCode(201);
        create("key-1", "two").then().statusCode(422).body("code", equalTo("IDEMPOTENCY_KEY_REUSED"));
        assertThat(count()).isEqualTo(1);
    }

    @Test
    void aKeyIsOfOneCredentialAndLastsADay() {
        create("key-1", "one").then().statusCode(201);
        Person colleague = person.colleagueWithRole("super-admin");
        colleague.asks().header("Idempotency-Key", "key-1").body(body("one")).post(TOKENS).then().statusCode(201);
        RunningService.database().execute("UPDATE idempotency_key SET created_at = created_at - interval '24 hours' "
                + "WHERE account_id = ?", person.accountId);
        create("key-1", "two").then().statusCode(201);
        create("key-1", "two").then().statusCode(200);
    }

    @Test
    void aFailedRequestDoesNotUseUpTheKey() {
        person.asks().header("Idempotency-Key", "key-1").body(Map.of("name", "n", "scopes", List.of("no:such"))).post(TOKENS)
                .then()
                .statusCode(400);
        create("key-1", "one").then().statusCode(201);
    }

    @Test
    void aBadKeyIsNamed() {
        for (String key : List.of("with space", "x".repeat(256))) {
            create(key, "one").then().statusCode(400).body("errors[0].field", equalTo("Idempotency-Key"));
        }
    }

    @Test
    void whileTheFirstIsRunningTheSecondIs409() throws Exception {
        try (Connection connection = RunningService.database().connect(); Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            // Holds the first request's insert of the token.
            statement.execute("LOCK TABLE event_log IN SHARE MODE");
            CompletableFuture<Response> first = CompletableFuture.supplyAsync(() -> create("key-1", "one"));
            Awaitility.await().until(() -> RunningService.database().<Long> value(
                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%event_log%'") > 0);
            create("key-1", "one").then().statusCode(409).body("code", equalTo("IDEMPOTENCY_IN_PROGRESS"));
            connection.rollback();
            first.get().then().statusCode(201);
        }
        create("key-1", "one").then().statusCode(200);
        assertThat(count()).isEqualTo(1);
    }

    private Response create(String key, String name) {
        return person.asks().header("Idempotency-Key", key).body(body(name)).post(TOKENS);
    }

    private static Map<String, Object> body(String name) {
        return Map.of("name", name, "scopes", List.of("license:read"));
    }

    private long count() {
        return RunningService.database().<Long> value("SELECT count(*) FROM personal_access_token WHERE owner_id = ?",
                person.id);
    }
}
