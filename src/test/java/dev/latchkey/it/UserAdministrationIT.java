package dev.latchkey.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import dev.latchkey.testing.Person;
import dev.latchkey.testing.RawHttp;
import dev.latchkey.testing.RunningService;
import io.restassured.RestAssured;
import io.restassured.http.ContentType;
import io.restassured.response.Response;

/** People are made, changed and removed by whoever may, and nobody rises above themselves by it. */
@ServiceTest
class UserAdministrationIT {

    private static final String USERS = "/v3/users";
    private static final String PASSWORD = "another password for tests";

    private final Person person = Person.superAdmin();

    private static Response create(Person by, Map<String, ?> more) {
        Map<String, Object> body = new HashMap<>(Map.of("email", "new-" + UUID.randomUUID() + "@example.com"));
        body.putAll(more);
        return by.asks().body(body).post(USERS);
    }

    private static String path(Object id) {
        return USERS + "/" + id;
    }

    private Response change(Person by, Object id, Map<String, ?> body) {
        return by.asks().body(body).patch(path(id));
    }

    @Test
    void aUserIsMadeWithEverythingThatIsKnownOfThem() {
        Response made = create(person,
                Map.of("email", " Ada@Example.com ", "firstName", "Ada", "lastName", "Lovelace", "company",
                        "Analytical", "role", "admin", "password", PASSWORD, "tags", List.of("research", " research"),
                        "metadata",
                        List.of(Map.of("key", "desk", "value", "7"))));
        made.then().statusCode(201).header("Location", endsWith(path(made.path("id"))))
                .body("email", equalTo("Ada@Example.com"))
                .body("firstName", equalTo("Ada")).body("lastName", equalTo("Lovelace")).body("company", equalTo("Analytical"))
                .body("role", equalTo("admin")).body("invited", equalTo(false)).body("disabled", equalTo(false))
                .body("tags", equalTo(List.of("research")))
                .body("metadata", equalTo(List.of(Map.of("key", "desk", "value", "7"))))
                .body("lastLoginAt", nullValue()).body("invitation", nullValue()).body("$", not(containsString("password")));
        person.asks().get(path(made.path("id"))).then().body("", equalTo(made.path("")));
        Person.signIn(person.alias, "ada@example.com", PASSWORD).then().statusCode(200);
        person.asks().get(path(made.path("id"))).then().body("lastLoginAt", notNullValue()).body("lastSeenAt", notNullValue());
        assertThat(person.asks().get(USERS + "?tag=research").<List<String>> path("id"))
                .containsExactly(made.<String> path("id"));
        assertThat(person.asks().get(USERS + "?role=admin").<List<String>> path("id"))
                .containsExactly(made.<String> path("id"));
        assertThat(person.asks().get("/v3/tags?name=research").<List<String>> path("name")).containsExactly("research");
        person.asks().get("/v3/event-logs?resourceId=" + made.path("id") + "&action=user.created").then()
                .body("[0].changes.field", equalTo(List.of("email", "role"))).body("[0].userId", equalTo(person.id.toString()))
                .body(not(containsString(PASSWORD)));
        create(person, Map.of("email", "ADA@example.com")).then().statusCode(409).body("code", equalTo("EMAIL_TAKEN"));
    }

    @Test
    void whoIsInvitedSetsAPasswordOnce() {
        Response made = create(person, Map.of("role", "user"));
        made.then().statusCode(201).body("invited", equalTo(true)).body("invitation.url",
                equalTo(RunningService.PUBLIC_URL + "/set-password#user=" + made.path("id") + "&token="
                        + made.path("invitation.token")));
        person.asks().get(path(made.path("id"))).then().body("invitation", nullValue());
        String token = made.path("invitation.token");
        Response wrong = reset(made.path("id"), token + "x", PASSWORD);
        wrong.then().statusCode(400).body("code", equalTo("INVALID_RESET_TOKEN"));
        reset(person.id, token, PASSWORD).then().statusCode(400).body("message", equalTo(wrong.path("message")));
        reset(made.path("id"), token, "short").then().statusCode(400).body("errors[0].field", equalTo("newPassword"));
        reset(made.path("id"), token, PASSWORD).then().statusCode(204);
        reset(made.path("id"), token, PASSWORD).then().statusCode(400);
        Person.signIn(person.alias, made.path("email"), PASSWORD).then().statusCode(200);
        person.asks().post(path(made.path("id")) + "/invitation").then().statusCode(409).body("code",
                equalTo("ALREADY_A_USER"));
    }

    @Test
    void anotherInvitationEndsTheFirst() {
        Response made = create(person, Map.of("role", "admin"));
        String second = person.asks().post(path(made.path("id")) + "/invitation").then().statusCode(200).extract()
                .path("token");
        reset(made.path("id"), made.path("invitation.token"), PASSWORD).then().statusCode(400);
        RunningService.database().execute("UPDATE password_link SET expires_at = now() WHERE user_id = ?",
                UUID.fromString(made.path("id")));
        reset(made.path("id"), second, PASSWORD).then().statusCode(400);
        String third = person.asks().post(path(made.path("id")) + "/invitation").path("token");
        change(person, made.path("id"), Map.of("disabled", true)).then().statusCode(200);
        reset(made.path("id"), third, PASSWORD).then().statusCode(400);
        person.asks().post(path(made.path("id")) + "/invitation").then().statusCode(409).body("code", equalTo("USER_DISABLED"));
    }

    private static Response reset(Object id, String token, String password) {
        return given().contentType(ContentType.JSON).body(Map.of("token", token, "newPassword", password))
                .post(path(id) + "/reset-password");
    }

    @Test
    void aForgottenPasswordIsReset() {
        Person colleague = person.colleagueWithRole("user");
        String token = person.asks().post(path(colleague.id) + "/reset-password-token").then().statusCode(200).extract()
                .path("token");
        colleague.asks().get("/v3/me").then().statusCode(200);
        reset(colleague.id, token, PASSWORD).then().statusCode(204);
        colleague.asks().get("/v3/me").then().statusCode(401);
        Person.signIn(person.alias, colleague.email, Person.PASSWORD).then().statusCode(401);
        Person.signIn(person.alias, colleague.email, PASSWORD).then().statusCode(200);
        person.asks().body(Map.of("newPassword", "a third password")).patch(path(colleague.id) + "/update-password").then()
                .statusCode(204);
        Person.signIn(person.alias, colleague.email, "a third password").then().statusCode(200);
        assertThat(person.asks().get("/v3/event-logs?resourceId=" + colleague.id).<List<String>> path("action"))
                .contains("user.password-reset-requested", "user.password-set");
    }

    @Test
    void onlyOrdinaryUsersPasswordsAreSetByOthers() {
        for (Person other : List.of(person.colleagueWithRole("admin"), person.colleague("user:read"), person)) {
            person.asks().post(path(other.id) + "/reset-password-token").then().statusCode(403).body("code",
                    equalTo("NOT_AN_ORDINARY_USER"));
            person.asks().body(Map.of("newPassword", PASSWORD)).patch(path(other.id) + "/update-password").then()
                    .statusCode(403);
        }
    }

    @Test
    void nobodyActsOnWhoMayDoMore() {
        Person below = person.colleague("user:read", "user:write", "tag:read", "personalAccessToken:write");
        Person equal = person.colleague("user:read", "tag:read");
        for (Response refused : List.of(create(below, Map.of("role", "admin")), create(below, Map.of()),
                change(below, person.id, Map.of("disabled", true)), change(below, equal.id, Map.of("role", "admin")),
                below.asks().delete(path(person.id)), below.asks().post(path(person.colleagueWithRole("user").id)
                        + "/reset-password-token"))) {
            refused.then().statusCode(403).body("code", equalTo("SCOPE_NOT_GRANTABLE"));
        }
        change(below, equal.id, Map.of("firstName", "Changed")).then().statusCode(200).body("firstName", equalTo("Changed"));
        // A token has no more than its own scopes, whoever made it.
        Person.asking(person.token("user:write").secret()).body(Map.of("disabled", true)).patch(path(equal.id)).then()
                .statusCode(403);
        change(person, person.id, Map.of("email", "taken-over@example.com")).then().statusCode(403).body("code",
                equalTo("OWN_EMAIL"));
    }

    @Test
    void aLinkEndsWhenItsUserGetsAnotherRoleOrAddress() {
        for (Map<String, String> more : List.of(Map.of("role", "super-admin"), Map.of("email", "moved-" + UUID.randomUUID()
                + "@example.com"))) {
            Person colleague = person.colleagueWithRole("user");
            String reset = person.asks().post(path(colleague.id) + "/reset-password-token").path("token");
            Response invited = create(person, Map.of("role", "user"));
            change(person, colleague.id, more).then().statusCode(200);
            reset(colleague.id, reset, PASSWORD).then().statusCode(400).body("code", equalTo("INVALID_RESET_TOKEN"));
            change(person, invited.path("id"), Map.of("firstName", "Ada")).then().statusCode(200);
            change(person, invited.path("id"), more.containsKey("email") ? Map.of("email", "other-" + UUID.randomUUID()
                    + "@example.com") : more).then().statusCode(200);
            reset(invited.path("id"), invited.path("invitation.token"), PASSWORD).then().statusCode(400);
            person.asks().post(path(invited.path("id")) + "/invitation").then().statusCode(200);
        }
    }

    @Test
    void aScopeThatTheOperatorTookAwayIsInNobodysWay() {
        Person colleague = person.colleague("tag:read", "gone:write");
        change(person, colleague.id, Map.of("firstName", "Ada", "role", "role-" + colleague.roleId)).then().statusCode(200);
        String role = "/v3/roles/" + colleague.roleId;
        change(person, person.colleagueWithRole("user").id, Map.of("role", "role-" + colleague.roleId)).then().statusCode(403)
                .body("message", containsString("gone:write"));
        person.asks().body(Map.of("claims", List.of("tag:read"))).patch(role).then().statusCode(200)
                .body("claims", equalTo(List.of("tag:read")));
        person.asks().delete(path(person.colleague("gone:write").id)).then().statusCode(204);
        person.asks().delete("/v3/roles/" + person.colleague("gone:write").roleId).then().statusCode(409).body("code",
                equalTo("ROLE_IN_USE"));
    }

    @Test
    void anAddressIsOnePersonsHoweverItIsWritten() {
        Response made = create(person, Map.of("email", "Ada.One@Example.com", "role", "user"));
        assertThat(person.asks().get(USERS + "?email=ADA.one@example.COM").<List<String>> path("id"))
                .containsExactly(made.<String> path("id"));
        Person colleague = person.colleagueWithRole("user");
        change(person, colleague.id, Map.of("email", "ada.ONE@example.com")).then().statusCode(409).body("code",
                equalTo("EMAIL_TAKEN"));
        change(person, made.path("id"), Map.of("email", "ada.one@example.com")).then().statusCode(200);
        create(Person.superAdmin(), Map.of("email", "ada.one@example.com")).then().statusCode(201);
    }

    @Test
    void whoIsDisabledOrDeletedIsRefusedAtOnceWithTheirTokens() {
        Person colleague = person.colleagueWithRole("user");
        Person.Token token = colleague.token("license:read");
        assertThat(token.status()).isEqualTo(200);
        change(person, colleague.id, Map.of("disabled", true)).then().statusCode(200).body("disabled", equalTo(true));
        assertThat(token.status()).isEqualTo(401);
        colleague.asks().get("/v3/me").then().statusCode(401);
        Person.signIn(person.alias, colleague.email, Person.PASSWORD).then().statusCode(401);
        change(person, colleague.id, Map.of("disabled", false)).then().statusCode(200);
        assertThat(token.status()).isEqualTo(200);
        colleague.asks().get("/v3/me").then().statusCode(401);
        person.asks().delete(path(colleague.id)).then().statusCode(204);
        assertThat(token.status()).isEqualTo(401);
        person.asks().get(path(colleague.id)).then().statusCode(404);
        person.asks().delete(path(colleague.id)).then().statusCode(404);
        assertThat(person.asks().get("/v3/event-logs?resourceId=" + colleague.id).<List<String>> path("action"))
                .contains("user.deleted", "user.updated");
    }

    @Test
    void theLastSuperAdminStays() {
        for (Response refused : List.of(person.asks().delete(path(person.id)),
                change(person, person.id, Map.of("disabled", true)), change(person, person.id, Map.of("role", "admin")))) {
            refused.then().statusCode(409).body("code", equalTo("LAST_SUPER_ADMIN"));
        }
        create(person, Map.of("role", "super-admin")).then().statusCode(201);
        person.asks().delete(path(person.id)).then().statusCode(409);
        Person second = person.colleagueWithRole("super-admin");
        // Each removes the other at the same time: one of them stays.
        List<Integer> answers = Stream.of(new Person[] { person, second }, new Person[] { second, person }).parallel()
                .map(pair -> change(pair[0], pair[1].id, Map.of("role", "admin")).statusCode()).toList();
        assertThat(answers).contains(200);
        assertThat(RunningService.database()
                .<Long> value("SELECT count(*) FROM app_user u JOIN role r ON r.id = u.role_id WHERE "
                        + "u.account_id = ? AND r.name = 'super-admin' AND u.password_hash IS NOT NULL", person.accountId))
                .isOne();
    }

    static Stream<Arguments> badBodies() {
        return Stream.of(Arguments.of("email", "nobody"), Arguments.of("email", null), Arguments.of("email", "a".repeat(300)),
                Arguments.of("firstName", "a".repeat(256)), Arguments.of("lastName", "a\u0007"),
                Arguments.of("company", "a\u202e"),
                Arguments.of("role", "no such role"), Arguments.of("role", ""), Arguments.of("password", "short"),
                Arguments.of("password", "x".repeat(129)), Arguments.of("tags", List.of("")), Arguments.of("tags",
                        List.of("x".repeat(65))),
                Arguments.of("metadata", List.of(Map.of("key", "a", "value", "1"), Map.of("key", "a", "value", "2"))),
                Arguments.of("metadata", List.of(Map.of("key", "a"))), Arguments.of("metadata", "text"),
                Arguments.of("isAdmin", true));
    }

    @ParameterizedTest
    @MethodSource("badBodies")
    void eachFieldIsChecked(String field, Object value) {
        Map<String, Object> body = new HashMap<>(Map.of("email", "good@example.com", "role", "user"));
        body.put(field, value);
        person.asks().body(body).post(USERS).then().statusCode(400).body("errors[0].field", containsString(field));
    }

    @ParameterizedTest
    @MethodSource("badBodies")
    void eachFieldOfAChangeIsChecked(String field, Object value) {
        if (field.equals("password")) {
            field = "newPassword";
            String path = path(person.colleagueWithRole("user").id);
            Map<String, Object> body = new HashMap<>(Map.of("newPassword", value, "token", "x"));
            given().contentType(ContentType.JSON).body(body).post(path + "/reset-password").then().statusCode(400)
                    .body("errors[0].field", equalTo(field));
            body.remove("token");
            person.asks().body(body).patch(path + "/update-password").then().statusCode(400).body("errors[0].field",
                    equalTo(field));
            return;
        }
        Map<String, Object> body = new HashMap<>();
        body.put(field, value);
        change(person, person.id, body).then().statusCode(400).body("errors[0].field", containsString(field));
    }

    @Test
    void whatIsNoBodyOrNoUserIsSaid() {
        for (String path : List.of(USERS, "/v3/roles", "/v3/tags")) {
            person.asks().post(path).then().statusCode(400).body("errors[0].field", equalTo("body"));
            person.asks().body("[]").post(path).then().statusCode(400).body("code", equalTo("MALFORMED_JSON"));
            person.asks().body("{}").patch(path + "/7").then().statusCode(404);
            person.asks().body("{}").patch(path + "/" + UUID.randomUUID()).then().statusCode(404);
            person.asks().delete(path + "/" + UUID.randomUUID()).then().statusCode(404);
        }
        Map<String, Object> nothing = new HashMap<>();
        for (String field : List.of("disabled", "role", "email")) {
            nothing.put(field, null);
            change(person, person.id, nothing).then().statusCode(400).body("errors[0].field", equalTo(field));
            nothing.clear();
        }
        nothing.put("company", null);
        nothing.put("tags", null);
        nothing.put("metadata", null);
        change(person, person.id, nothing).then().statusCode(200).body("company", equalTo("")).body("tags", equalTo(List.of()))
                .body("metadata", equalTo(List.of()));
    }

    @Test
    void whatChangedIsWrittenDown() {
        Person colleague = person.colleagueWithRole("user");
        change(person, colleague.id, Map.of("role", "admin", "firstName", "Ada", "tags", List.of("new"), "disabled", true));
        person.asks().get("/v3/event-logs?resourceId=" + colleague.id + "&action=user.updated").then()
                .body("[0].changes.find { it.field == 'role' }",
                        equalTo(Map.of("field", "role", "old", "user", "new", "admin")))
                .body("[0].changes.find { it.field == 'firstName' }.new", equalTo("Ada"))
                .body("[0].changes.find { it.field == 'tags' }.new", equalTo(List.of("new")))
                .body("[0].changes.find { it.field == 'disabled' }.new", equalTo("true"))
                .body("[0].changes.size()", equalTo(4)).body("[0].credential.type", equalTo("session"));
        change(person, colleague.id, Map.of("firstName", "Ada")).then().statusCode(200);
        person.asks().get("/v3/event-logs?resourceId=" + colleague.id + "&action=user.updated").then().body("size()",
                equalTo(1));
    }

    @Test
    void theDoorForLinksIsThrottledByAddress() {
        String body = "{\"token\": \"guessed\", \"newPassword\": \"" + PASSWORD + "\"}";
        String request = "POST " + path(person.id) + "/reset-password HTTP/1.1\r\nHost: latchkey.example\r\nContent-Type: "
                + "application/json\r\nContent-Length: " + body.length() + "\r\nConnection: close\r\n\r\n" + body;
        RawHttp.Answer answer = RawHttp.exchangeFrom("127.0.0.7", RestAssured.port, request);
        assertThat(answer.code()).isEqualTo("INVALID_RESET_TOKEN");
        for (int i = 0; i < 60 && answer.status() == 400; i++) {
            answer = RawHttp.exchangeFrom("127.0.0.7", RestAssured.port, request);
        }
        assertThat(answer.status()).as(answer.body()).isEqualTo(429);
        assertThat(answer.value("Retry-After")).isEqualTo("60");
        assertThat(RawHttp.exchangeFrom("127.0.0.8", RestAssured.port, request).status()).isEqualTo(400);
    }

    @Test
    void otherAccountsSeeNothing() {
        Person other = Person.superAdmin();
        for (Response hidden : List.of(change(other, person.id, Map.of("disabled", true)), other.asks().delete(path(person.id)),
                other.asks().post(path(person.id) + "/reset-password-token"),
                other.asks().post(path(person.id) + "/invitation"),
                other.asks().body(Map.of("newPassword", PASSWORD)).patch(path(person.id) + "/update-password"))) {
            hidden.then().statusCode(404);
        }
        other.asks().get(USERS + "/export").then().body(containsString(other.email)).body(not(containsString(person.email)));
        Response role = person.asks().body(Map.of("name", "ours", "claims", List.of("tag:read"))).post("/v3/roles");
        create(other, Map.of("role", role.path("name"))).then().statusCode(400);
    }

    @Test
    void aRepeatedRequestMakesOneUser() {
        Map<String, String> body = Map.of("email", "once@example.com");
        Response first = person.asks().header("Idempotency-Key", "k").body(body).post(USERS);
        first.then().statusCode(201);
        person.asks().header("Idempotency-Key", "k").body(body).post(USERS).then().statusCode(200)
                .header("Idempotency-Replayed", "true").body("id", equalTo(first.path("id"))).body("invitation", nullValue());
        person.asks().header("Idempotency-Key", "k").body(Map.of("email", "twice@example.com")).post(USERS).then()
                .statusCode(422);
    }

    @Test
    void theExportHasEveryoneAndNoFormulas() {
        RunningService.database()
                .execute(
                        "INSERT INTO app_user (id, account_id, role_id, email, first_name, last_name, created_at, updated_at) SELECT "
                                + "gen_random_uuid(), ?, ?, 'u' || i || '@example.com', '=1+1', 'a \"quoted\", name', now(), now() "
                                + "FROM generate_series(1, 250) i",
                        person.accountId, person.roleId);
        Response export = person.asks().get(USERS + "/export?sort=email");
        export.then().statusCode(200).contentType(containsString("text/csv"));
        List<String> lines = export.asString().lines().toList();
        assertThat(lines).hasSize(252);
        assertThat(lines.get(0)).startsWith("id,email,firstName,");
        assertThat(lines.stream().filter(line -> line.contains(",'=1+1,\"a \"\"quoted\"\", name\",")).count()).isEqualTo(250);
        person.asks().get(USERS + "/export?sort=nothing").then().statusCode(400);
        person.asks().get(USERS + "/export?role=user").then().statusCode(200).body(not(containsString("@example.com")));
        person.token("user:write").asks().get(USERS + "/export").then().statusCode(403);
    }
}
