package dev.latchkey.it;

import static dev.latchkey.testing.Person.PASSWORD;
import static dev.latchkey.testing.Person.TOKENS;
import static dev.latchkey.testing.Person.asking;
import static dev.latchkey.testing.Person.signIn;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import dev.latchkey.account.Passwords;
import dev.latchkey.testing.Person;
import dev.latchkey.testing.Person.Token;
import dev.latchkey.testing.RunningService;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.vertx.core.json.JsonObject;

@ServiceTest
class SignInIT {

    private static final String LOGIN = "/v3/accounts/login";
    private static final String REFRESH = "/v3/accounts/refresh";
    private static final String LOGOUT = "/v3/accounts/logout";
    private static final String SESSIONS = "/v3/me/sessions";

    private final Person person = Person.superAdmin();

    @Test
    void aSignedInPersonIsKnownAndTheJwtSaysOnlyWhoAndWhichSession() {
        person.asks().get("/v3/me").then().statusCode(200).body("id", equalTo(person.id.toString()))
                .body("scopes", hasItem("account:write")).body("token", nullValue())
                .body("account.tokenPolicy.maxLifetimeSeconds", nullValue())
                .body("account.tokenPolicy.expiryRequired", equalTo(false));
        JsonObject claims = new JsonObject(
                new String(Base64.getUrlDecoder().decode(person.session.split("\\.")[1]), StandardCharsets.UTF_8));
        assertThat(claims.fieldNames()).containsExactlyInAnyOrder("iss", "aud", "sub", "sid", "iat", "exp", "jti");
        assertThat(claims.getLong("exp") - claims.getLong("iat")).isEqualTo(900);
    }

    @Test
    void noAliasIsNeededWhereEmailAndPasswordFitOnce() {
        signInWithoutAlias(RunningService.ADMIN_EMAIL.toUpperCase(), RunningService.ADMIN_PASSWORD).then().statusCode(200);
        Response signedIn = signInWithoutAlias(person.email, PASSWORD);
        asking(signedIn.path("accessToken")).get("/v3/me").then().body("account.alias", equalTo(person.alias));
    }

    @Test
    void anAliasIsAskedForOnlyOfWhoeverKnowsThePasswordAndOnlyWhereItFitsTwice() {
        Person other = Person.superAdmin();
        RunningService.database().execute("UPDATE app_user SET email = ? WHERE id = ?", person.email, other.id);
        signInWithoutAlias(person.email, PASSWORD).then().statusCode(401).body("code", equalTo("ACCOUNT_ALIAS_REQUIRED"))
                .header("WWW-Authenticate", equalTo("Bearer realm=\"latchkey\"")).header("Set-Cookie", nullValue());
        signIn(other.alias, person.email, PASSWORD).then().statusCode(200);
        assertThat(signInWithoutAlias(person.email, "wrong password").then().statusCode(401).extract().asString())
                .isEqualTo(signIn(person.alias, person.email, "wrong password").then().extract().asString());
        assertThat(refusals(person)).as("one without and one with an alias").isEqualTo(2);
        assertThat(refusals(other)).isEqualTo(1);

        other.disable();
        Response signedIn = signInWithoutAlias(person.email, PASSWORD);
        signedIn.then().statusCode(200);
        asking(signedIn.path("accessToken")).get("/v3/me").then().body("id", equalTo(person.id.toString()));
        RunningService.database().execute("UPDATE app_user SET disabled_at = NULL, password_hash = ? WHERE id = ?",
                Passwords.hash("another password"), other.id);
        asking(signInWithoutAlias(person.email, "another password").path("accessToken")).get("/v3/me").then().body("id",
                equalTo(other.id.toString()));
    }

    @Test
    void whoeverIsInMoreAccountsThanAreTriedNamesOne() {
        for (int i = 0; i < 4; i++) {
            RunningService.database().execute("UPDATE app_user SET email = ?, password_hash = ? WHERE id = ?", person.email,
                    Passwords.hash("password " + i), Person.superAdmin().id);
        }
        signInWithoutAlias(person.email, PASSWORD).then().statusCode(401).body("code", equalTo("ACCOUNT_ALIAS_REQUIRED"));
        signInWithoutAlias(person.email, "wrong password").then().statusCode(401).body("code", equalTo("INVALID_CREDENTIALS"));
        signIn(person.alias, person.email, PASSWORD).then().statusCode(200);
    }

    private static long refusals(Person person) {
        return RunningService.database()
                .<Long> value("SELECT count(*) FROM event_log WHERE action = 'user.sign-in-refused' AND "
                        + "user_id = ? AND account_id = ?", person.id, person.accountId);
    }

    private static Response signInWithoutAlias(String email, String password) {
        return given().contentType(ContentType.JSON).body(Map.of("email", email, "password", password)).post(LOGIN);
    }

    @Test
    void anyWrongPartGetsTheSameAnswer() {
        String expected = signIn(person.alias, person.email, "wrong password").then().statusCode(401)
                .body("code", equalTo("INVALID_CREDENTIALS")).header("WWW-Authenticate", equalTo("Bearer realm=\"latchkey\""))
                .extract().asString();
        for (Response other : List.of(signIn(person.alias, "nobody@example.com", PASSWORD),
                signIn("no-such-account", person.email, PASSWORD),
                signIn(Person.superAdmin().alias, person.email, PASSWORD))) {
            assertThat(other.then().statusCode(401).extract().asString()).isEqualTo(expected);
        }
        Person disabled = person.colleagueWithRole("user");
        disabled.disable();
        assertThat(signIn(disabled.alias, disabled.email, PASSWORD).then().statusCode(401).extract().asString())
                .isEqualTo(expected);
    }

    @Test
    void guessingIsThrottledForUsersWhoExistAndForThoseWhoDoNot() {
        for (String email : List.of(person.email, "nobody@nowhere.example")) {
            for (int i = 0; i < 10; i++) {
                signIn(person.alias, email, "guess " + i).then().statusCode(401);
            }
            signIn(person.alias, email.toUpperCase(), PASSWORD).then().statusCode(429)
                    .body("code", equalTo("TOO_MANY_REQUESTS")).header("Retry-After", matchesPattern("[1-9][0-9]*"));
            signInWithoutAlias(email, PASSWORD).then().statusCode(429);
        }
    }

    @Test
    void manyGuessesAtOnceDoNotExceedTheLimit() {
        List<CompletableFuture<Integer>> guesses = IntStream.range(0, 30)
                .mapToObj(i -> CompletableFuture
                        .supplyAsync(() -> signIn(person.alias, person.email, "guess " + i).statusCode()))
                .toList();
        assertThat(guesses.stream().map(CompletableFuture::join).filter(status -> status == 401).count())
                .isLessThanOrEqualTo(10);
    }

    @Test
    void badInputIsNamed() {
        given().contentType(ContentType.JSON).body("{}").post(LOGIN).then().statusCode(400)
                .body("errors.field", equalTo(List.of("email", "password")));
        given().contentType(ContentType.JSON).body(Map.of("email", "a@b", "password", "x".repeat(1025))).post(LOGIN).then()
                .statusCode(400).body("message", not(containsString("xxx")));
        given().contentType(ContentType.JSON).body("{}").post(REFRESH).then().statusCode(400)
                .body("errors[0].field", equalTo("refreshToken"));
    }

    @Test
    void aTextThatTheDatabaseCannotHoldIsNamed() {
        for (String field : List.of("accountAlias", "email")) {
            String other = field.equals("email") ? "accountAlias" : "email";
            given().contentType(ContentType.JSON)
                    .body("{\"" + field + "\":\"a\\u0000\",\"" + other + "\":\"b\",\"password\":\"c\"}").post(LOGIN)
                    .then().statusCode(400).body("errors[0].field", equalTo(field));
        }
    }

    @Test
    void aRefreshTokenIsExchangedOnceAndTheSecondTabIsToldToRetry() {
        Response refreshed = refresh(person.refreshToken);
        refreshed.then().statusCode(200);
        asking(refreshed.path("accessToken")).get("/v3/me").then().statusCode(200);
        refresh(person.refreshToken).then().statusCode(409).body("code", equalTo("REFRESH_RETRY"));
        refresh(refreshed.path("refreshToken")).then().statusCode(200);
    }

    @Test
    void aRefreshTokenThatComesAgainLaterEndsTheSession() {
        Response refreshed = refresh(person.refreshToken);
        RunningService.database().execute(
                "UPDATE refresh_token SET used_at = used_at - interval '11 seconds' WHERE used_at IS NOT NULL AND session_id IN "
                        + "(SELECT id FROM session WHERE user_id = ?)",
                person.id);
        refresh(person.refreshToken).then().statusCode(401).body("code", equalTo("INVALID_REFRESH_TOKEN"));
        refresh(refreshed.path("refreshToken")).then().statusCode(401);
        asking(refreshed.path("accessToken")).get("/v3/me").then().statusCode(401);
    }

    @Test
    void anIdleOrOldSessionIsNotRefreshed() {
        RunningService.database().execute("UPDATE refresh_token SET expires_at = now() WHERE session_id IN "
                + "(SELECT id FROM session WHERE user_id = ?)", person.id);
        refresh(person.refreshToken).then().statusCode(401);
        Person other = person.colleagueWithRole("admin");
        RunningService.database().execute("UPDATE session SET expires_at = now() WHERE user_id = ?", other.id);
        refresh(other.refreshToken).then().statusCode(401);
        other.asks().get("/v3/me").then().statusCode(401);
        refresh("no such token").then().statusCode(401);
    }

    @Test
    void aSignedOutPersonIsRefusedAtTheNextRequest() {
        person.asks().post(LOGOUT).then().statusCode(204);
        person.asks().get("/v3/me").then().statusCode(401).body("code", equalTo("TOKEN_REVOKED"));
        refresh(person.refreshToken).then().statusCode(401);
    }

    @Test
    void aDisabledOrDemotedPersonIsRefusedAtTheNextRequest() {
        Person colleague = person.colleague("personalAccessToken:write", "license:read");
        colleague.asks().get(TOKENS).then().statusCode(200);
        colleague.shrinkRoleTo("license:read");
        colleague.asks().get(TOKENS).then().statusCode(403);
        colleague.disable();
        colleague.asks().get("/v3/me").then().statusCode(401).body("code", equalTo("OWNER_DISABLED"));
        refresh(colleague.refreshToken).then().statusCode(401);
    }

    @Test
    void aTokenCannotSignOut() {
        Token token = person.token("license:read");
        token.asks().post(LOGOUT).then().statusCode(403).body("code", equalTo("SESSION_REQUIRED"));
    }

    // --- Where one is signed in ---

    @Test
    void aPersonSeesWhereTheyAreSignedInAndSignsOutThere() {
        Response elsewhere = signIn(person.alias, person.email, PASSWORD);
        Response list = person.asks().get(SESSIONS);
        list.then().statusCode(200).body("current", equalTo(List.of(false, true))).body("[0].address", notNullValue())
                .body("[0].userAgent", notNullValue()).body("[0].expiresAt", notNullValue());
        assertThat(list.<String> path("[0].lastUsedAt")).isEqualTo(list.path("[0].createdAt"));
        String other = list.path("[0].id");

        refresh(person.refreshToken).then().statusCode(200);
        Response refreshed = person.asks().get(SESSIONS);
        refreshed.then().body("current", equalTo(List.of(true, false)));
        assertThat(Instant.parse(refreshed.path("[0].lastUsedAt"))).isAfter(Instant.parse(refreshed.path("[0].createdAt")));

        Response ended = person.asks().delete(SESSIONS + "/" + other);
        ended.then().statusCode(204);
        assertThat(ended.headers().getValues("Set-Cookie")).as("this one goes on").isEmpty();
        asking(elsewhere.path("accessToken")).get("/v3/me").then().statusCode(401).body("code", equalTo("TOKEN_REVOKED"));
        refresh(elsewhere.path("refreshToken")).then().statusCode(401);
        person.asks().get(SESSIONS).then().body("current", equalTo(List.of(true)));
        person.asks().delete(SESSIONS + "/" + other).then().statusCode(404);
        person.asks().delete(SESSIONS + "/not-a-uuid").then().statusCode(404);
        assertThat(RunningService.database()
                .<String> value("SELECT changes::text || credential_id FROM event_log WHERE action = "
                        + "'user.sessions-ended' AND user_id = ?", person.id))
                .contains(other)
                .endsWith(refreshed.<String> path("[0].id"));
    }

    @Test
    void aSessionThatCannotBeRefreshedAnyMoreIsNotShown() {
        signIn(person.alias, person.email, PASSWORD);
        RunningService.database().execute("UPDATE refresh_token SET expires_at = now() WHERE session_id IN "
                + "(SELECT id FROM session WHERE user_id = ?)", person.id);
        person.asks().get(SESSIONS).then().body("current", equalTo(List.of(true)));
    }

    @Test
    void signingOutEverywhereEndsEverySessionOfThePersonAndNobodyElses() {
        Person colleague = person.colleagueWithRole("user");
        Response elsewhere = signIn(person.alias, person.email, PASSWORD);
        Token token = person.token("license:read");
        Response ended = person.asks().delete(SESSIONS);
        ended.then().statusCode(204);
        assertThat(ended.headers().getValues("Set-Cookie")).hasSize(2).allMatch(cookie -> cookie.contains("Max-Age=0"));
        person.asks().get("/v3/me").then().statusCode(401);
        asking(elsewhere.path("accessToken")).get("/v3/me").then().statusCode(401);
        refresh(person.refreshToken).then().statusCode(401);
        assertThat(token.status()).as("tokens go on").isEqualTo(200);
        colleague.asks().get("/v3/me").then().statusCode(200);
    }

    @Test
    void anothersSessionIsNotFoundAndATokenHasNone() {
        Person colleague = person.colleagueWithRole("user");
        String theirs = colleague.asks().get(SESSIONS).path("[0].id");
        person.asks().delete(SESSIONS + "/" + theirs).then().statusCode(404);
        Person.superAdmin().asks().delete(SESSIONS + "/" + theirs).then().statusCode(404);
        colleague.asks().get("/v3/me").then().statusCode(200);
        Token token = person.token("user:write");
        token.asks().get(SESSIONS).then().statusCode(403).body("code", equalTo("SESSION_REQUIRED"));
        token.asks().delete(SESSIONS).then().statusCode(403);
    }

    // --- In a browser ---

    @Test
    void anotherSitesPageCannotSignOutABrowserEverywhere() {
        given().cookie("latchkey-session", person.session).header("Origin", "https://evil.example").delete(SESSIONS).then()
                .statusCode(403).body("code", equalTo("CROSS_SITE_REQUEST"));
        fromOurPages().cookie("latchkey-session", person.session).delete(SESSIONS + "/"
                + person.asks().get(SESSIONS).path("[0].id")).then().statusCode(204).cookie("latchkey-session", "");
        person.asks().get("/v3/me").then().statusCode(401);
    }

    @Test
    void aBrowserOnOurPagesGetsItsSessionInCookiesThatScriptsCannotRead() {
        Response signedIn = fromOurPages().body(credentials()).post(LOGIN);
        signedIn.then().statusCode(200);
        assertThat(signedIn.headers().getValues("Set-Cookie")).hasSize(2)
                .allSatisfy(cookie -> assertThat(cookie).contains("HttpOnly").containsIgnoringCase("SameSite=Strict"))
                .anySatisfy(cookie -> assertThat(cookie).startsWith("latchkey-session=").contains("Path=/;"))
                .anySatisfy(cookie -> assertThat(cookie).startsWith("latchkey-refresh=").contains("Path=/v3/accounts/refresh"));
        String session = signedIn.cookie("latchkey-session");
        given().cookie("latchkey-session", session).get("/v3/me").then().statusCode(200);
        assertThat(signIn(person.alias, person.email, PASSWORD).headers().getValues("Set-Cookie")).as("no browser, no cookie")
                .isEmpty();

        Response refreshed = fromOurPages().cookie("latchkey-refresh", signedIn.cookie("latchkey-refresh")).post(REFRESH);
        refreshed.then().statusCode(200);
        assertThat(refreshed.cookie("latchkey-session")).isNotEmpty();
    }

    @Test
    void anotherSitesPageCannotUseTheCookieToChangeAnything() {
        String cookie = person.session;
        Map<String, Object> body = Map.of("name", "n", "scopes", List.of("license:read"));
        given().cookie("latchkey-session", cookie).contentType(ContentType.JSON).body(body).post(TOKENS).then().statusCode(403)
                .body("code", equalTo("CROSS_SITE_REQUEST"));
        given().cookie("latchkey-session", cookie).header("Origin", "https://evil.example").contentType(ContentType.JSON)
                .body(body)
                .post(TOKENS).then().statusCode(403);
        given().cookie("latchkey-session", cookie).header("Origin", "null").header("Sec-Fetch-Site", "same-origin")
                .contentType(ContentType.JSON).body(body).post(TOKENS).then().statusCode(403);
        given().cookie("latchkey-session", cookie).header("Sec-Fetch-Site", "same-site").contentType(ContentType.JSON)
                .body(body)
                .post(TOKENS).then().statusCode(403);
        given().cookie("latchkey-session", cookie).header("Origin", RunningService.PUBLIC_URL).contentType(ContentType.JSON)
                .body(body).post(TOKENS).then().statusCode(201);
        given().cookie("latchkey-session", cookie).header("Sec-Fetch-Site", "same-origin").contentType(ContentType.JSON)
                .body(body)
                .post(TOKENS).then().statusCode(201);
    }

    @Test
    void anotherSitesPageCanNeitherSignInNorRefresh() {
        given().header("Origin", "https://evil.example").contentType(ContentType.JSON).body(credentials()).post(LOGIN).then()
                .statusCode(403).body("code", equalTo("CROSS_SITE_REQUEST"));
        given().header("Sec-Fetch-Site", "cross-site").contentType(ContentType.JSON).body(credentials()).post(LOGIN).then()
                .statusCode(403);
        given().cookie("latchkey-refresh", person.refreshToken).contentType(ContentType.JSON).post(REFRESH).then()
                .statusCode(403);
        given().contentType("text/plain").body("{\"email\":\"a\",\"password\":\"b\"}").post(LOGIN).then().statusCode(415);
    }

    @Test
    void anAuthorizationHeaderDecidesAloneAndTheCookieIsNotLookedAt() {
        given().cookie("latchkey-session", person.session).header("Authorization", "Bearer nonsense").get("/v3/me").then()
                .statusCode(401);
        given().cookie("latchkey-session", person.session).header("Authorization", "Basic YTpi").get("/v3/me").then()
                .statusCode(401);
    }

    @Test
    void aTokenInTheCookieIsNoSession() {
        Token token = person.token("license:read");
        given().cookie("latchkey-session", token.secret()).get("/v3/me").then().statusCode(401);
    }

    private io.restassured.specification.RequestSpecification fromOurPages() {
        return given().header("Origin", RunningService.PUBLIC_URL).contentType(ContentType.JSON);
    }

    private Map<String, Object> credentials() {
        return Map.of("accountAlias", person.alias, "email", person.email, "password", PASSWORD);
    }

    private static Response refresh(String refreshToken) {
        return given().contentType(ContentType.JSON).body(Map.of("refreshToken", refreshToken)).post(REFRESH);
    }
}
