package dev.latchkey.it;

import static dev.latchkey.testing.Person.TOKENS;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.junit.jupiter.api.Test;

import dev.latchkey.testing.Person;
import dev.latchkey.testing.Person.Token;
import dev.latchkey.testing.RunningService;
import dev.latchkey.token.TokenFormat;
import io.restassured.http.ContentType;
import io.restassured.response.Response;

/** Whoever holds a token can end it (RFC 7009), and nothing but it. */
@ServiceTest
class RevocationIT {

    private static final String REVOKE = "/oauth2/revoke";

    private final Person person = Person.superAdmin();

    @Test
    void whoeverHoldsATokenEndsItBeforeTheAnswer() {
        for (int i = 0; i < 20; i++) {
            Token token = person.token("license:read");
            assertThat(token.status()).isEqualTo(200);
            Response answer = revoke(token.secret());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.asString()).isEmpty();
            assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
            assertThat(token.status()).isEqualTo(401);
        }
    }

    @Test
    void whatItMadeEndsWithItAndWhatMadeItDoesNot() {
        Token grandparent = person.token("license:read", "personalAccessToken:write");
        Token parent = Person.create(grandparent.secret(), new String[] { "license:read", "personalAccessToken:write" },
                Map.of());
        Token child = Person.create(parent.secret(), new String[] { "license:read", "personalAccessToken:write" }, Map.of());
        Token grandchild = Person.create(child.secret(), new String[] { "license:read" }, Map.of());
        Token sibling = person.token("license:read");
        assertThat(grandchild.status()).isEqualTo(200);
        revoke(parent.secret());
        assertThat(List.of(parent.status(), child.status(), grandchild.status())).containsOnly(401);
        assertThat(List.of(grandparent.status(), sibling.status())).containsOnly(200);
    }

    @Test
    void itIsWrittenDownAsWhenATokenRevokesItself() {
        Token token = person.token("license:read", "personalAccessToken:write");
        Token child = Person.create(token.secret(), new String[] { "license:read" }, Map.of());
        given().contentType(ContentType.URLENC).header("User-Agent", "finder/1").formParam("token", token.secret())
                .post(REVOKE);
        for (Token each : List.of(token, child)) {
            String event = RunningService.database().value("SELECT action || ' ' || credential_type || ' ' || credential_id "
                    + "|| ' ' || user_id || ' ' || user_agent FROM event_log WHERE resource_id = ?::uuid "
                    + "ORDER BY created_at DESC, id DESC LIMIT 1", each.id());
            assertThat(event).isEqualTo("personal-access-token.revoked personal-access-token " + token.id() + " " + person.id
                    + " finder/1");
        }
        revoke(token.secret());
        assertThat(RunningService.database().<Long> value(
                "SELECT count(*) FROM event_log WHERE resource_id = ?::uuid AND action LIKE '%revoked'", token.id()))
                .as("once").isEqualTo(1);
    }

    /** Each of these could be made to work again: by enabling the owner, by calling from elsewhere. */
    @Test
    void aTokenOfAnyStateIsEnded() {
        Person colleague = person.colleague("license:read", "personalAccessToken:write");
        Token ofSomebodyDisabled = colleague.token("license:read");
        colleague.disable();
        Token fromElsewhere = person.token(Map.of("allowedIps", List.of("192.0.2.0/24")), "license:read");
        Token expired = person.token(Map.of("expiresAt", Instant.now().plusMillis(500).toString()), "license:read");
        await().until(() -> expired.status() == 401);
        await().until(() -> ofSomebodyDisabled.status() == 401);
        for (Token token : List.of(ofSomebodyDisabled, fromElsewhere, expired)) {
            assertThat(revoke(token.secret()).statusCode()).isEqualTo(200);
            assertThat(isRevoked(token)).isTrue();
        }
    }

    @Test
    void aValueInItsGraceEndsTheTokenAndADeadOneDoesNot() {
        Token inGrace = person.token("license:read");
        String current = inGrace.asks().body(Map.of("gracePeriodSeconds", 60)).post(TOKENS + "/self/rotate").path("token");
        revoke(inGrace.secret());
        assertThat(new Token(inGrace.id(), current).status()).isEqualTo(401);

        Token rotated = person.token("license:read");
        String next = rotated.asks().body(Map.of("gracePeriodSeconds", 1)).post(TOKENS + "/self/rotate").path("token");
        await().until(() -> rotated.status() == 401);
        assertThat(revoke(rotated.secret()).statusCode()).isEqualTo(200);
        assertThat(new Token(rotated.id(), next).status()).as("whoever found the old value cannot harm the new one")
                .isEqualTo(200);
        Token replaced = person.token("license:read");
        String value = replaced.asks().post(TOKENS + "/self/rotate").path("token");
        revoke(replaced.secret());
        assertThat(new Token(replaced.id(), value).status()).isEqualTo(200);
    }

    @Test
    void whatDoesNotExistIsAnsweredLikeWhatWasEnded() {
        Token token = person.token("license:read");
        revoke(token.secret());
        for (String each : List.of(token.secret(), new TokenFormat("lkp").generate(new Random()), "lkp_nonsense", "nonsense",
                "x".repeat(60_000))) {
            Response answer = revoke(each);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.asString()).isEmpty();
        }
    }

    @Test
    void hintsAndCredentialsDoNotMatter() {
        for (String hint : List.of("access_token", "refresh_token", "urn:example:unknown")) {
            Token token = person.token("license:read");
            given().contentType(ContentType.URLENC).header("Authorization", "Basic bm9ib2R5Om5vdGhpbmc=")
                    .formParam("token", token.secret()).formParam("token_type_hint", hint).post(REVOKE).then().statusCode(200);
            assertThat(token.status()).isEqualTo(401);
        }
    }

    @Test
    void aJwtIsNotSaidToHaveEnded() {
        refused(revoke(person.session), "unsupported_token_type", "JWT");
        person.asks().get("/v3/me").then().statusCode(200);
    }

    @Test
    void whatIsNoGoodRequestIsRefusedAndEndsNothing() {
        Token token = person.token("license:read");
        refused(given().contentType(ContentType.URLENC).post(REVOKE), "invalid_request", "token");
        refused(given().contentType(ContentType.URLENC).formParam("token", token.secret(), token.secret()).post(REVOKE),
                "invalid_request", "token");
        refused(given().contentType(ContentType.URLENC).formParam("token", token.secret())
                .formParam("token_type_hint", "access_token", "access_token").post(REVOKE), "invalid_request", "hint");
        refused(given().contentType(ContentType.JSON).body(Map.of("token", token.secret())).post(REVOKE), "invalid_request",
                "application/x-www-form-urlencoded");
        refused(given().contentType(ContentType.URLENC).queryParam("token", token.secret()).post(REVOKE), "invalid_request",
                "token");
        refused(given().contentType(ContentType.URLENC).header("Authorization", "Bearer x").header("Authorization", "Bearer y")
                .formParam("token", token.secret()).post(REVOKE), "invalid_request", "Authorization");
        given().get(REVOKE).then().statusCode(405).body("code", equalTo("METHOD_NOT_ALLOWED"));
        assertThat(token.status()).isEqualTo(200);
    }

    private static Response revoke(String token) {
        return given().contentType(ContentType.URLENC).formParam("token", token).post(REVOKE);
    }

    private static boolean isRevoked(Token token) {
        return RunningService.database().value("SELECT revoked_at IS NOT NULL FROM personal_access_token WHERE id = ?::uuid",
                token.id());
    }

    private static void refused(Response answer, String error, String mention) {
        Map<String, Object> body = answer.then().statusCode(400).contentType(ContentType.JSON).extract().path("");
        assertThat(body).containsOnlyKeys("error", "error_description").containsEntry("error", error);
        assertThat(body.get("error_description").toString()).contains(mention);
    }
}
