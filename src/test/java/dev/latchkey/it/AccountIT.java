package dev.latchkey.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import dev.latchkey.testing.Person;
import dev.latchkey.testing.RunningService;
import io.restassured.http.ContentType;
import io.restassured.response.Response;

/** The account, what it demands of tokens, and its end. */
@ServiceTest
class AccountIT {

    private final Person person = Person.superAdmin();
    private final String path = "/v3/accounts/" + person.accountId;

    private Response change(Object body) {
        return person.asks().body(body).patch(path);
    }

    private Response policy(Map<String, ?> policy) {
        return change(Map.of("tokenPolicy", policy));
    }

    private Response create(Person by, Map<String, ?> more) {
        Map<String, Object> body = new HashMap<>(Map.of("name", "a token", "scopes", List.of("license:read")));
        body.putAll(more);
        return by.asks().body(body).post(Person.TOKENS);
    }

    private static Instant in(Duration duration) {
        return Instant.now().plus(duration).truncatedTo(ChronoUnit.SECONDS);
    }

    @Test
    void anAccountIsSeenAndChanged() {
        person.asks().get(path).then().statusCode(200).body("alias", equalTo(person.alias)).body("status", equalTo("active"))
                .body("website", equalTo("")).body("purgeAfter", nullValue()).body("tokenPolicy.tokensPerUser", equalTo(500))
                .body("tokenPolicy.maxLifetimeSeconds", nullValue()).body("tokenPolicy.expiryRequired", equalTo(false));
        String alias = "renamed-" + person.alias;
        change(Map.of("company", "Acme Inc.", "email", "it@acme.example", "alias", alias, "website", "https://acme.example/a"))
                .then().statusCode(200).body("company", equalTo("Acme Inc.")).body("alias", equalTo(alias))
                .body("website", equalTo("https://acme.example/a"));
        Person.signIn(alias, person.email, Person.PASSWORD).then().statusCode(200);
        Person other = Person.superAdmin();
        change(Map.of("alias", other.alias)).then().statusCode(409).body("code", equalTo("ALIAS_TAKEN"));
        other.asks().get(path).then().statusCode(404);
        other.asks().body(Map.of("company", "x")).patch(path).then().statusCode(404);
        person.token("account:read").asks().get(path).then().statusCode(200);
        person.token("account:read").asks().body(Map.of("company", "x")).patch(path).then().statusCode(403);
        assertThat(person.asks().get("/v3/event-logs?resourceId=" + person.accountId).<List<String>> path("[0].changes.field"))
                .contains("company", "alias");
    }

    static Stream<Arguments> badBodies() {
        return Stream.of(Arguments.of(Map.of("alias", "-x"), "alias"), Arguments.of(Map.of("alias", ""), "alias"),
                Arguments.of(Map.of("email", "nobody"), "email"), Arguments.of(Map.of("company", ""), "company"),
                Arguments.of(Map.of("website", "javascript:alert(1)"), "website"),
                Arguments.of(Map.of("website", "https://user@host/"), "website"),
                Arguments.of(Map.of("status", "active"), "status"),
                Arguments.of(Map.of("existingTokens", "burn"), "existingTokens"),
                Arguments.of(Map.of("tokenPolicy", Map.of("maxLifetimeSeconds", 0)), "maxLifetimeSeconds"),
                Arguments.of(Map.of("tokenPolicy", Map.of("maxIdleDays", -1)), "maxIdleDays"),
                Arguments.of(Map.of("tokenPolicy", Map.of("tokensPerUser", 0)), "tokensPerUser"),
                Arguments.of(Map.of("tokenPolicy", Map.of("allowedIps", List.of("10.0.0.1/8"))), "allowedIps"),
                Arguments.of(Map.of("tokenPolicy", Map.of("deniedScopes", List.of("no:such"))), "deniedScopes"),
                Arguments.of(Map.of("tokenPolicy", Map.of("colour", "red")), "colour"));
    }

    @ParameterizedTest
    @MethodSource("badBodies")
    void eachFieldIsChecked(Map<String, ?> body, String field) {
        change(body).then().statusCode(400).body("errors[0].field", containsString(field));
    }

    @Test
    void aPolicyBindsEveryRoadByWhichATokenIsIssued() {
        Person.Token before = person.token("license:read", "tag:write", "personalAccessToken:write");
        policy(Map.of("maxLifetimeSeconds", 864000, "deniedScopes", List.of("tag:write"), "allowedIps",
                List.of("127.0.0.0/8", "::1"))).then().statusCode(200)
                .body("tokenPolicy.expiryRequired", equalTo(true))
                .body("tokenPolicy.allowedIps", equalTo(List.of("127.0.0.0/8", "::1/128")));
        Instant good = in(Duration.ofDays(9));
        create(person, Map.of()).then().statusCode(400).body("errors[0].field", equalTo("expiresAt"));
        create(person, Map.of("expiresAt", in(Duration.ofDays(11)).toString())).then().statusCode(400);
        create(person, Map.of("expiresAt", good.toString(), "scopes", List.of("tag:write", "tag:read"))).then().statusCode(403)
                .body("code", equalTo("SCOPE_NOT_GRANTABLE")).body("message", containsString("tag:write"));
        create(person, Map.of("expiresAt", good.toString(), "allowedIps", List.of("10.0.0.0/8"))).then().statusCode(400)
                .body("errors[0].field", equalTo("allowedIps"));
        String id = create(person, Map.of("expiresAt", good.toString(), "allowedIps", List.of("127.0.0.1"))).then()
                .statusCode(201)
                .extract().path("id");
        person.asks().body(Map.of("allowedIps", List.of("10.0.0.0/8"))).patch(Person.TOKENS + "/" + id).then().statusCode(400);
        person.asks().body(Map.of("expiresAt", in(Duration.ofDays(20)).toString())).post(Person.TOKENS + "/" + id + "/rotate")
                .then()
                .statusCode(400);
        person.asks().body(Map.of()).post(Person.TOKENS + "/" + before.id() + "/rotate").then().statusCode(400);
        assertThat(before.status()).as("kept").isEqualTo(200);
        before.asks().body(Map.of("name", "child", "scopes", List.of("license:read"))).post(Person.TOKENS).then()
                .statusCode(400)
                .body("errors[0].field", equalTo("expiresAt"));
        before.asks().body(Map.of("name", "child", "scopes", List.of("license:read"), "expiresAt", good.toString()))
                .post(Person.TOKENS).then().statusCode(201);
    }

    @Test
    void whereTokensMayBeUsedActsAtOnceOnThoseWithoutRangesOfTheirOwn() {
        Person.Token anywhere = person.token("license:read");
        Person.Token here = person.token(Map.of("allowedIps", List.of("127.0.0.0/8", "::1")), "license:read");
        policy(Map.of("allowedIps", List.of("192.0.2.0/24"))).then().statusCode(200);
        assertThat(anywhere.status()).isEqualTo(401);
        assertThat(here.status()).as("kept").isEqualTo(200);
        Map<String, Object> lifted = new HashMap<>();
        lifted.put("allowedIps", null);
        policy(lifted).then().statusCode(200).body("tokenPolicy.allowedIps", nullValue());
        assertThat(anywhere.status()).isEqualTo(200);
    }

    @Test
    void aPreviewTellsWhatWouldBreakAndShorteningMendsIt() {
        Person.Token forever = person.token("license:read");
        Person.Token denied = person.token(Map.of("expiresAt", in(Duration.ofDays(1)).toString()), "tag:write");
        Person.Token partly = person.token(Map.of("expiresAt", in(Duration.ofDays(1)).toString()), "tag:write", "tag:read");
        Person.Token outside = person.token(Map.of("expiresAt", in(Duration.ofDays(1)).toString(), "allowedIps",
                List.of("127.0.0.0/8", "10.0.0.0/8")), "tag:read");
        Person.Token fine = person.token(Map.of("expiresAt", in(Duration.ofDays(1)).toString()), "tag:read");
        Map<String, Object> policy = Map.of("maxLifetimeSeconds", 864000, "deniedScopes", List.of("tag:write"), "allowedIps",
                List.of("127.0.0.0/8", "::1"));
        Response preview = person.asks().body(policy).post(path + "/token-policy/preview");
        preview.then().statusCode(200).body("count", equalTo(4));
        assertThat(preview.<List<String>> path("tokens.id")).containsExactlyInAnyOrder(forever.id(), denied.id(), partly.id(),
                outside.id());
        assertThat(preview.<List<String>> path("tokens.find { it.id == '" + forever.id() + "' }.fields"))
                .containsExactly("expiresAt");
        assertThat(preview.<List<String>> path("tokens.find { it.id == '" + outside.id() + "' }.fields"))
                .containsExactly("allowedIps");
        person.asks().get(path).then().body("tokenPolicy.maxLifetimeSeconds", nullValue());

        change(Map.of("tokenPolicy", policy, "existingTokens", "shorten")).then().statusCode(200);
        person.asks().body(policy).post(path + "/token-policy/preview").then().body("count", equalTo(0));
        person.asks().get(forever.path()).then().body("expiresAt", notNullValue());
        assertThat(forever.status()).isEqualTo(200);
        assertThat(denied.status()).isEqualTo(401);
        assertThat(partly.effectiveScopes()).containsExactly("tag:read");
        person.asks().get(outside.path()).then().body("allowedIps", equalTo(List.of("127.0.0.0/8")));
        assertThat(fine.status()).isEqualTo(200);
    }

    @Test
    void shorteningWidensNothing() {
        Person.Token wider = person.token(Map.of("allowedIps", List.of("126.0.0.0/7")), "tag:read");
        Person.Token elsewhere = person.token(Map.of("allowedIps", List.of("10.0.0.0/8")), "tag:read");
        change(Map.of("tokenPolicy", Map.of("allowedIps", List.of("127.0.0.0/8", "192.0.2.0/24")), "existingTokens", "shorten"))
                .then().statusCode(200);
        person.asks().get(wider.path()).then().body("allowedIps", equalTo(List.of("127.0.0.0/8")));
        person.asks().get(elsewhere.path()).then().body("status", equalTo("revoked"))
                .body("allowedIps", equalTo(List.of("10.0.0.0/8")));
    }

    @Test
    void aTokenWithRangesMakesNoneWithoutWhateverTheAccountAllowsToday() {
        List<String> here = List.of("127.0.0.0/8", "::1/128");
        policy(Map.of("allowedIps", here)).then().statusCode(200);
        Person.Token limited = person.token(Map.of("allowedIps", here), "tag:read", "personalAccessToken:write");
        Map<String, Object> child = Map.of("name", "child", "scopes", List.of("tag:read"));
        limited.asks().body(child).post(Person.TOKENS).then().statusCode(403).body("code", equalTo("SCOPE_NOT_GRANTABLE"))
                .body("message", containsString("allowedIps"));
        Map<String, Object> lifted = new HashMap<>();
        lifted.put("allowedIps", null);
        limited.asks().body(lifted).patch(limited.path()).then().statusCode(403);
        person.token("tag:read", "personalAccessToken:write").asks().body(child).post(Person.TOKENS).then().statusCode(201);
    }

    @Test
    void whatIsLeftOfADeletedAccountGoesWhenItsTimeHasCome() {
        person.token("tag:read");
        person.asks().body(Map.of("alias", person.alias)).delete(path).then().statusCode(200);
        RunningService.database().execute("UPDATE account SET purge_after = now() - interval '1 minute' WHERE id = ?",
                person.accountId);
        Awaitility.await().atMost(Duration.ofMinutes(1)).until(() -> RunningService.database().<Long> value(
                "SELECT (SELECT count(*) FROM account WHERE id = ?1) + (SELECT count(*) FROM event_log WHERE account_id = ?1)"
                        .replace("?1", "'" + person.accountId + "'")) == 0);
    }

    @Test
    void aUserHasSoManyTokens() {
        policy(Map.of("tokensPerUser", 2)).then().statusCode(200);
        Person.Token first = person.token("tag:read");
        person.token("tag:read");
        create(person, Map.of()).then().statusCode(409).body("code", equalTo("TOO_MANY_TOKENS"));
        create(person.colleagueWithRole("user"), Map.of()).then().statusCode(201);
        person.asks().delete(first.path()).then().statusCode(204);
        List<Integer> atOnce = Stream.generate(() -> 0).limit(6).parallel()
                .map(ignored -> create(person, Map.of()).statusCode()).toList();
        assertThat(atOnce).containsOnlyOnce(201);
    }

    @Test
    void tokensThatAreNotUsedEnd() {
        Person.Token idle = person.token("tag:read");
        Person.Token used = person.token("tag:read");
        RunningService.database().execute(
                "UPDATE personal_access_token SET created_at = now() - interval '40 days' WHERE account_id = ?",
                person.accountId);
        RunningService.database()
                .execute("UPDATE token_usage SET last_used_at = now() - interval '5 days', last_used_ip = '192.0.2.1' "
                        + "WHERE token_id = ?", java.util.UUID.fromString(used.id()));
        policy(Map.of("maxIdleDays", 30)).then().statusCode(200);
        // Asking with it would be a use of it.
        Awaitility.await().atMost(Duration.ofSeconds(20))
                .until(() -> person.asks().get(idle.path()).<Boolean> path("revoked"));
        assertThat(idle.status()).isEqualTo(401);
        assertThat(used.status()).isEqualTo(200);
        assertThat(person.asks().get("/v3/event-logs?resourceId=" + idle.id() + "&action=personal-access-token.revoked")
                .<List<String>> path("[0].changes.field")).containsExactly("reason");
    }

    @Test
    void aDeletedAccountIsRefusedAtOnceAndGoneLater() {
        Person.Token token = person.token("license:read");
        Person colleague = person.colleagueWithRole("admin");
        colleague.asks().body(Map.of("alias", person.alias)).delete(path).then().statusCode(403);
        Person almost = person.colleague(RunningService.allScopes().toArray(String[]::new));
        almost.asks().body(Map.of("alias", person.alias)).delete(path).then().statusCode(403).body("code",
                equalTo("SUPER_ADMIN_ONLY"));
        person.asks().body(Map.of("alias", "another")).delete(path).then().statusCode(400).body("errors[0].field",
                equalTo("alias"));
        assertThat(token.status()).isEqualTo(200);
        person.asks().body(Map.of("alias", person.alias)).delete(path).then().statusCode(200).body("status", equalTo("deleted"))
                .body("purgeAfter", notNullValue());
        assertThat(token.status()).isEqualTo(401);
        colleague.asks().get("/v3/me").then().statusCode(401);
        Person.signIn(person.alias, person.email, Person.PASSWORD).then().statusCode(401);
        assertThat(RunningService.database().<Boolean> value(
                "SELECT purge_after BETWEEN now() + interval '29 days' AND now() + interval '31 days' FROM account WHERE id = ?",
                person.accountId)).isTrue();
    }

    @Test
    void accountsAreNotMadeByStrangersUnlessTheOperatorWantsThat() {
        given().contentType(ContentType.JSON).body(Map.of("alias", "stranger", "company", "Strangers", "email", "s@example.com",
                "password", "a long enough password")).post("/v3/accounts").then().statusCode(403)
                .body("code", equalTo("SIGNUP_CLOSED"));
    }
}
