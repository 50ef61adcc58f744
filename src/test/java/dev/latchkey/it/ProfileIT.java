package dev.latchkey.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import javax.crypto.spec.SecretKeySpec;

import org.bouncycastle.util.encoders.Base32;
import org.junit.jupiter.api.Test;

import com.eatthepath.otp.TimeBasedOneTimePasswordGenerator;

import dev.latchkey.testing.Person;
import dev.latchkey.testing.RunningService;
import io.restassured.http.ContentType;
import io.restassured.response.Response;

/** What people change of themselves, and their second factor. */
@ServiceTest
class ProfileIT {

    private static final String ME = "/v3/me";
    private static final Map<String, String> PASSWORD = Map.of("currentPassword", Person.PASSWORD);

    private final Person person = Person.superAdmin();

    private static String code(String secret, int stepsFromNow) {
        try {
            return new TimeBasedOneTimePasswordGenerator().generateOneTimePasswordString(
                    new SecretKeySpec(Base32.decode(secret), "HmacSHA1"), Instant.now().plusSeconds(30L * stepsFromNow));
        } catch (java.security.InvalidKeyException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, String> proof(String code) {
        return Map.of("currentPassword", Person.PASSWORD, "twoFactorCode", code);
    }

    private Response signIn(String code) {
        Map<String, String> body = new HashMap<>(
                Map.of("accountAlias", person.alias, "email", person.email, "password", Person.PASSWORD));
        if (code != null) {
            body.put("twoFactorCode", code);
        }
        return given().contentType(ContentType.JSON).body(body).post("/v3/accounts/login");
    }

    @Test
    void aProfileIsChangedAndTheAddressOnlyWithThePassword() {
        person.asks().body(Map.of("firstName", "Ada", "lastName", "Lovelace", "company", "Acme")).patch(ME).then()
                .statusCode(204);
        person.asks().get(ME).then().body("firstName", equalTo("Ada")).body("company", equalTo("Acme"))
                .body("twoFactorEnabled", equalTo(false));
        String email = "new-" + person.email;
        person.asks().body(Map.of("email", email)).patch(ME).then().statusCode(400).body("errors[0].field",
                equalTo("currentPassword"));
        person.asks().body(Map.of("email", email, "currentPassword", "wrong")).patch(ME).then().statusCode(400);
        person.asks().body(Map.of("email", email, "currentPassword", Person.PASSWORD)).patch(ME).then().statusCode(204);
        Person.signIn(person.alias, email, Person.PASSWORD).then().statusCode(200);
        person.token("user:write").asks().body(Map.of("firstName", "x")).patch(ME).then().statusCode(403);
    }

    @Test
    void anotherPasswordEndsTheOtherSessions() {
        String elsewhere = Person.signIn(person.alias, person.email, Person.PASSWORD).path("accessToken");
        person.asks().body(Map.of("currentPassword", "wrong", "newPassword", "a better password")).post(ME + "/password").then()
                .statusCode(400).body("errors[0].field", equalTo("currentPassword"));
        person.asks().body(Map.of("currentPassword", Person.PASSWORD, "newPassword", "short")).post(ME + "/password").then()
                .statusCode(400).body("errors[0].field", equalTo("newPassword"));
        person.asks().body(Map.of("currentPassword", Person.PASSWORD, "newPassword", "a better password"))
                .post(ME + "/password")
                .then().statusCode(204);
        person.asks().get(ME).then().statusCode(200);
        Person.asking(elsewhere).get(ME).then().statusCode(401);
        Person.signIn(person.alias, person.email, Person.PASSWORD).then().statusCode(401);
        Person.signIn(person.alias, person.email, "a better password").then().statusCode(200);
    }

    @Test
    void thePasswordIsNotGuessedHere() {
        for (int i = 0; i < 10; i++) {
            person.asks().body(Map.of("currentPassword", "wrong " + i)).post(ME + "/2fa-secret").then().statusCode(400);
        }
        person.asks().body(PASSWORD).post(ME + "/2fa-secret").then().statusCode(429);
    }

    @Test
    void norAreCodesByWhoeverKnowsThePassword() {
        String secret = person.asks().body(PASSWORD).post(ME + "/2fa-secret").path("secret");
        person.asks().body(proof(code(secret, 0))).post(ME + "/enable-2fa").then().statusCode(200);
        for (int i = 0; i < 10; i++) {
            person.asks().body(proof("0000")).post(ME + "/disable-2fa").then().statusCode(400);
        }
        person.asks().body(proof("0000")).post(ME + "/disable-2fa").then().statusCode(429);
    }

    @Test
    void aWrongCodeAtSignInIsInTheEventLog() {
        String secret = person.asks().body(PASSWORD).post(ME + "/2fa-secret").path("secret");
        person.asks().body(proof(code(secret, 0))).post(ME + "/enable-2fa").then().statusCode(200);
        signIn("0000").then().statusCode(401);
        assertThat(person.asks().get("/v3/event-logs?action=user.sign-in-refused").<List<String>> path("userId"))
                .contains(person.id.toString());
    }

    @Test
    void aLinkEndsWhenThePersonChangesThePasswordThemselves() {
        Person colleague = person.colleagueWithRole("user");
        String link = person.asks().post("/v3/users/" + colleague.id + "/reset-password-token").path("token");
        colleague.asks().body(Map.of("currentPassword", Person.PASSWORD, "newPassword", "a better password"))
                .post(ME + "/password").then().statusCode(204);
        given().contentType(ContentType.JSON).body(Map.of("token", link, "newPassword", "another password"))
                .post("/v3/users/" + colleague.id + "/reset-password").then().statusCode(400)
                .body("code", equalTo("INVALID_RESET_TOKEN"));
    }

    @Test
    void aSecondFactorIsAskedForAndEachCodeCountsOnce() {
        Response prepared = person.asks().body(PASSWORD).post(ME + "/2fa-secret");
        prepared.then().statusCode(200).body("uri", containsString("otpauth://totp/")).body("uri",
                containsString("issuer=Latchkey"));
        String secret = prepared.path("secret");
        signIn(null).then().statusCode(200);
        person.asks().body(proof("000000")).post(ME + "/enable-2fa").then().statusCode(400).body("errors[0].field",
                equalTo("twoFactorCode"));
        String first = code(secret, -1);
        Response enabled = person.asks().body(proof(first)).post(ME + "/enable-2fa");
        enabled.then().statusCode(200).body("recoveryCodes.size()", equalTo(10));
        person.asks().get(ME).then().body("twoFactorEnabled", equalTo(true));
        person.asks().get("/v3/users/" + person.id).then().body("twoFactorEnabled", equalTo(true));
        assertThat(RunningService.database().<byte[]> value("SELECT two_factor_secret FROM app_user WHERE id = ?", person.id))
                .isNotEqualTo(Base32.decode(secret));

        signIn(null).then().statusCode(401).body("code", equalTo("TWO_FACTOR_REQUIRED"));
        signIn("123").then().statusCode(401).body("code", equalTo("INVALID_TWO_FACTOR_CODE"));
        signIn(first).then().statusCode(401).body("code", equalTo("INVALID_TWO_FACTOR_CODE"));
        // Sent many times at once, it is accepted once.
        String now = code(secret, 0);
        List<Integer> answers = Stream.generate(() -> now).limit(4).parallel().map(code -> signIn(code).statusCode()).toList();
        assertThat(answers).containsOnlyOnce(200);
        String next = code(secret, 1);
        signIn(next).then().statusCode(200);
        signIn(next).then().statusCode(401);

        List<String> recovery = enabled.path("recoveryCodes");
        signIn(recovery.get(0).toLowerCase()).then().statusCode(200);
        signIn(recovery.get(0)).then().statusCode(401);
        Response renewed = person.asks().body(proof(recovery.get(1))).post(ME + "/2fa-recovery-codes");
        renewed.then().statusCode(200).body("recoveryCodes.size()", equalTo(10));
        signIn(recovery.get(2)).then().statusCode(401);
        person.asks().body(PASSWORD).post(ME + "/2fa-secret").then().statusCode(409);
        person.asks().body(proof(renewed.path("recoveryCodes[0]"))).post(ME + "/disable-2fa").then().statusCode(204);
        signIn(null).then().statusCode(200);
        assertThat(person.asks().get("/v3/event-logs?resourceId=" + person.id + "&limit=50").<List<String>> path("action"))
                .contains("user.two-factor-enabled", "user.recovery-codes-renewed", "user.two-factor-disabled");
    }

    @Test
    void noTokenChangesWhoMayComeIn() {
        Person.Token token = person.token(RunningService.allScopes().toArray(String[]::new));
        for (String path : List.of("/password", "/2fa-secret", "/enable-2fa", "/disable-2fa", "/2fa-recovery-codes")) {
            token.asks().body(proof("000000")).post(ME + path).then().statusCode(403);
        }
    }
}
