package dev.latchkey.it;

import static dev.latchkey.testing.Person.asking;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

import org.junit.jupiter.api.Test;

import dev.latchkey.testing.Person;
import dev.latchkey.testing.Person.Machine;
import dev.latchkey.testing.Person.Token;
import dev.latchkey.testing.RunningService;
import dev.latchkey.token.TokenFormat;
import io.restassured.http.ContentType;
import io.restassured.response.Response;

/** A resource server asks what a token is good for (RFC 7662), and learns nothing about what is not its own. */
@ServiceTest
class IntrospectionIT {

    private static final String INTROSPECT = "/oauth2/introspect";
    private static final String INACTIVE = "{\"active\":false}";
    private static final Duration BOUND = Duration.ofSeconds(2);

    private final Person person = Person.superAdmin();
    private final Machine machine = person.machine("introspection");

    @Test
    void anActiveTokenIsToldWithAllThatAResourceServerNeeds() {
        Instant end = Instant.now().plusSeconds(3600);
        Token token = person.token(Map.of("expiresAt", end.toString()), "license:write", "license:read");
        Map<String, Object> answer = machine.introspect(token.secret()).then().statusCode(200)
                .contentType(ContentType.JSON).header("Cache-Control", "no-store").extract().path("");
        assertThat(answer).containsExactlyInAnyOrderEntriesOf(Map.of("active", true, "scope", "license:read license:write",
                "client_id", token.id(), "sub", person.id.toString(), "account_id", person.accountId.toString(),
                "token_type", "Bearer", "iss", RunningService.PUBLIC_URL, "exp", (int) end.getEpochSecond()));
        assertThat(machine.introspect(person.token("license:read").secret()).<Map<String, Object>> path(""))
                .as("it does not expire").doesNotContainKey("exp").containsEntry("active", true);
    }

    @Test
    void allThatIsNotActiveIsToldInTheSameWords() {
        Token revoked = person.token("license:read");
        revoked.asks().delete(Person.TOKENS + "/self").then().statusCode(204);
        Token expired = person.token(Map.of("expiresAt", Instant.now().plusMillis(600).toString()), "license:read");
        Token rotated = person.token("license:read");
        rotated.asks().post(Person.TOKENS + "/self/rotate").then().statusCode(200);
        Token deleted = person.token("license:read");
        person.asks().delete(deleted.path()).then().statusCode(204);
        Person colleague = person.colleague("license:read", "personalAccessToken:write");
        Token orphan = colleague.token("license:read");
        colleague.disable();
        Token foreign = Person.superAdmin().token("license:read");
        assertThat(foreign.status()).isEqualTo(200);
        await().until(() -> expired.status() == 401);
        await().atMost(BOUND).until(() -> orphan.status() == 401);
        String unknown = new TokenFormat("lkp").generate(new Random());

        for (String token : List.of(revoked.secret(), expired.secret(), rotated.secret(), deleted.secret(), orphan.secret(),
                foreign.secret(), unknown, unknown.substring(0, 39) + "!", "lkp_", "nonsense", person.session,
                "\u0000", "ü".repeat(100), "x".repeat(60_000))) {
            Response answer = machine.introspect(token);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.asString()).as(token.substring(0, Math.min(50, token.length()))).isEqualTo(INACTIVE);
        }
        assertThat(Person.superAdmin().machine("introspection").introspect(person.token("license:read").secret()).asString())
                .isEqualTo(INACTIVE);
    }

    @Test
    void aTokenThatWasRevokedIsInactiveWithTheNextQuestion() {
        for (int i = 0; i < 30; i++) {
            Token token = person.token("license:read");
            machine.introspect(token.secret()).then().body("active", equalTo(true));
            machine.introspect(token.secret()).then().body("active", equalTo(true));
            person.asks().body(Map.of("revoked", true)).patch(token.path()).then().statusCode(200);
            assertThat(machine.introspect(token.secret()).asString()).isEqualTo(INACTIVE);
        }
    }

    @Test
    void theScopesAreThoseThatTheOwnersRoleStillHas() {
        Person colleague = person.colleague("license:read", "license:write", "personalAccessToken:write");
        Token token = colleague.token("license:read", "license:write");
        machine.introspect(token.secret()).then().body("scope", equalTo("license:read license:write"));
        colleague.shrinkRoleTo("license:read");
        await().atMost(BOUND).until(() -> machine.introspect(token.secret()).path("scope").equals("license:read"));
        colleague.shrinkRoleTo();
        await().atMost(BOUND).until(() -> machine.introspect(token.secret()).path("scope").equals(""));
    }

    @Test
    void aTokenThatIsLimitedToAddressesIsActiveOnlyForOneOfThem() {
        Token limited = person.token(Map.of("allowedIps", List.of("192.0.2.0/24", "2001:db8::/32", "127.0.0.0/8", "::1/128")),
                "license:read");
        Map<String, Boolean> cases = Map.of("192.0.2.7", true, "::ffff:192.0.2.7", true, "2001:db8::1", true,
                "198.51.100.1", false, "2001:db9::1", false);
        cases.forEach((address, active) -> machine.asks().formParam("token", limited.secret()).formParam("client_ip", address)
                .post(INTROSPECT).then().statusCode(200).body("active", equalTo(active)));
        assertThat(machine.introspect(limited.secret()).asString())
                .as("the address of the resource server is not the client's").isEqualTo(INACTIVE);
        machine.asks().formParam("token", person.token("license:read").secret()).formParam("client_ip", "198.51.100.1")
                .post(INTROSPECT).then().body("active", equalTo(true));
        for (String wrong : List.of("localhost", "192.0.2.0/24", "192.0.2.7, 198.51.100.1", "[2001:db8::1]", "1",
                "fe80::1%eth0")) {
            refused(machine.asks().formParam("token", limited.secret()).formParam("client_ip", wrong).post(INTROSPECT), 400,
                    "invalid_request", "client_ip");
        }
    }

    @Test
    void aTokenAsksAboutItselfAndAboutNothingElse() {
        Token token = person.token("license:read");
        Token other = person.token("license:read");
        asSelf(token, token.secret()).then().statusCode(200).body("active", equalTo(true)).body("client_id",
                equalTo(token.id()));
        assertThat(asSelf(token, other.secret()).asString()).as("of the same owner").isEqualTo(INACTIVE);
        assertThat(asSelf(token, "nonsense").asString()).isEqualTo(INACTIVE);

        Token limited = person.token(Map.of("allowedIps", List.of("127.0.0.0/8", "::1/128")), "license:read");
        assertThat(asSelf(limited, limited.secret()).asString()).as("whoever asks may be a resource server")
                .isEqualTo(INACTIVE);
        given().header("Authorization", "Bearer " + limited.secret()).contentType(ContentType.URLENC)
                .formParam("token", limited.secret()).formParam("client_ip", "127.0.0.9").post(INTROSPECT).then()
                .body("active", equalTo(true));
        given().header("Authorization", "Bearer " + limited.secret()).contentType(ContentType.URLENC)
                .formParam("token", limited.secret()).formParam("client_ip", "192.0.2.1").post(INTROSPECT).then()
                .body("active", equalTo(false));
        Token elsewhere = person.token(Map.of("allowedIps", List.of("192.0.2.0/24")), "license:read");
        token.asks().delete(Person.TOKENS + "/self").then().statusCode(204);
        for (String credential : List.of(token.secret(), elsewhere.secret(), person.session, "nonsense")) {
            Response answer = given().header("Authorization", "Bearer " + credential).contentType(ContentType.URLENC)
                    .formParam("token", credential).post(INTROSPECT);
            refused(answer, 401, "invalid_token", "personal access token");
            assertThat(answer.header("WWW-Authenticate")).startsWith("Bearer realm=\"latchkey\", error=\"invalid_token\"");
        }
    }

    private static Response asSelf(Token token, String about) {
        return given().header("Authorization", "Bearer " + token.secret()).contentType(ContentType.URLENC)
                .formParam("token", about).post(INTROSPECT);
    }

    @Test
    void onlyAClientOfTheRightKindWithItsOwnSecretMayAsk() {
        Token token = person.token("license:read");
        Machine sidecar = person.machine("sidecar");
        Machine disabled = person.machine("introspection");
        disabled.introspect(token.secret()).then().statusCode(200);
        RunningService.database().execute("UPDATE client SET disabled_at = now() WHERE id = ?", disabled.id());
        await().atMost(BOUND).until(() -> disabled.introspect(token.secret()).statusCode() == 401);

        List<String> headers = new ArrayList<>(List.of("Basic", "Basic ", "Basic !!!", "Basic " + base64("no colon"),
                "Digest username=\"x\"", "Bearer", "Bearer ", "Basic " + base64(machine.id() + ":"),
                "Basic " + base64(":" + machine.secret())));
        for (Machine wrong : List.of(sidecar, disabled, new Machine(machine.id(), sidecar.secret()),
                new Machine(machine.id(), machine.secret() + "x"), new Machine(UUID.randomUUID(), machine.secret()))) {
            headers.add("Basic " + base64(wrong.id() + ":" + wrong.secret()));
        }
        for (String header : headers) {
            Response answer = given().header("Authorization", header).contentType(ContentType.URLENC)
                    .formParam("token", token.secret()).post(INTROSPECT);
            refused(answer, 401, "invalid_client", "introspection");
            assertThat(answer.header("WWW-Authenticate")).isEqualTo("Basic realm=\"latchkey\"");
        }
        refused(given().contentType(ContentType.URLENC).formParam("token", token.secret())
                .formParam("client_id", machine.id().toString()).formParam("client_secret", machine.secret()).post(INTROSPECT),
                401, "invalid_client", "Basic");
        refused(given().header("Authorization", "Basic " + base64(machine.id() + ":" + machine.secret()))
                .header("Authorization", "Bearer " + token.secret()).contentType(ContentType.URLENC)
                .formParam("token", token.secret()).post(INTROSPECT), 401, "invalid_client", "introspection");
    }

    @Test
    void whatIsNoGoodRequestIsRefusedInTheWordsOfOAuth() {
        String token = person.token("license:read").secret();
        refused(machine.asks().post(INTROSPECT), 400, "invalid_request", "token");
        refused(machine.asks().formParam("token", "").post(INTROSPECT), 400, "invalid_request", "token");
        refused(machine.asks().formParam("token", token, token).post(INTROSPECT), 400, "invalid_request", "token");
        refused(machine.asks().formParam("token", token).formParam("token_type_hint", "a", "b").post(INTROSPECT), 400,
                "invalid_request", "token_type_hint");
        refused(machine.asks().formParam("token", token).formParam("client_ip", "192.0.2.1", "192.0.2.2").post(INTROSPECT),
                400, "invalid_request", "client_ip");
        refused(machine.asks().body("token=%zz").post(INTROSPECT), 400, "invalid_request", "%XX");
        refused(machine.asks().queryParam("token", token).post(INTROSPECT), 400, "invalid_request", "token");
        for (String type : List.of("application/json", "text/plain", "application/xml")) {
            refused(given().auth().preemptive().basic(machine.id().toString(), machine.secret())
                    .header("Content-Type", type).body("token=" + token).post(INTROSPECT), 400, "invalid_request",
                    "application/x-www-form-urlencoded");
        }
        machine.asks().formParam("token", token).formParam("unknown", "1", "2").post(INTROSPECT).then().statusCode(200)
                .body("active", equalTo(true));
    }

    @Test
    void whatIsHttpsOwnStaysAsEverywhere() {
        machine.asks().get(INTROSPECT).then().statusCode(405).body("code", equalTo("METHOD_NOT_ALLOWED"));
        machine.asks().post("/oauth2/nothing").then().statusCode(404).body("code", equalTo("NOT_FOUND"));
        machine.asks().body("token=" + "x".repeat(70_000)).post(INTROSPECT).then().statusCode(413)
                .body("code", equalTo("BODY_TOO_LARGE"));
    }

    /** As Spring Security's NimbusOpaqueTokenIntrospector and Quarkus' OIDC client send it. */
    @Test
    void theUsualResourceServersUnderstandAndAreUnderstood() {
        Token token = person.token("license:read", "license:write");
        String basic = "Basic " + base64(machine.id() + ":" + machine.secret());
        given().header("Authorization", basic).header("Accept", "application/json, application/*+json")
                .header("Content-Type", "application/x-www-form-urlencoded;charset=UTF-8").body("token=" + token.secret())
                .post(INTROSPECT).then().statusCode(200).contentType(startsWith("application/json"))
                .body("active", equalTo(true)).body("scope", equalTo("license:read license:write"));
        given().header("Authorization", basic).header("Accept", "application/json")
                .header("Content-Type", "Application/X-WWW-Form-URLEncoded")
                .body("token=" + token.secret() + "&token_type_hint=access_token").post(INTROSPECT).then().statusCode(200)
                .body("active", equalTo(true)).body("token_type", equalTo("Bearer"));
        given().header("Authorization", basic.replace("Basic", "basic")).header("Accept", "*/*")
                .contentType(ContentType.URLENC).body("&token=" + token.secret() + "&&x&=y&").post(INTROSPECT).then()
                .body("active", equalTo(true));
    }

    @Test
    void aQuestionCountsAsAUseFromWhereItIsSaidToComeFrom() {
        Token token = person.token("license:read");
        machine.asks().formParam("token", token.secret()).formParam("client_ip", "192.0.2.44").post(INTROSPECT).then()
                .body("active", equalTo(true));
        await().atMost(Duration.ofSeconds(25)).until(() -> "192.0.2.44".equals(RunningService.database()
                .value("SELECT last_used_ip FROM token_usage WHERE token_id = ?::uuid", token.id())));
        person.asks().get(token.path()).then().body("lastUsedIp", equalTo("192.0.2.44"));
    }

    @Test
    void aQuestionAboutAnotherAccountsTokenLeavesNoTraceOnIt() {
        Token foreign = Person.superAdmin().token("license:read");
        machine.asks().formParam("token", foreign.secret()).formParam("client_ip", "192.0.2.45").post(INTROSPECT).then()
                .body("active", equalTo(false));
        Token own = person.token("license:read");
        machine.introspect(own.secret());
        await().atMost(Duration.ofSeconds(25)).until(() -> usesOf(own) == 1);
        assertThat(usesOf(foreign)).isZero();
    }

    private static long usesOf(Token token) {
        return RunningService.database().<Long> value("SELECT count(*) FROM token_usage_hourly WHERE token_id = ?::uuid",
                token.id());
    }

    @Test
    void aMachineIsNobodyToTheApi() {
        given().auth().preemptive().basic(machine.id().toString(), machine.secret()).get("/v3/me").then().statusCode(401);
        asking(machine.secret()).get("/v3/me").then().statusCode(401);
    }

    private static void refused(Response answer, int status, String error, String mention) {
        Map<String, Object> body = answer.then().statusCode(status).contentType(ContentType.JSON)
                .header("Cache-Control", "no-store").extract().path("");
        assertThat(body).containsOnlyKeys("error", "error_description").containsEntry("error", error);
        assertThat(body.get("error_description").toString()).contains(mention)
                .as("RFC 6749 section 5.2").matches("[\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]+");
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
