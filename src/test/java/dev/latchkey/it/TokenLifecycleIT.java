package dev.latchkey.it;

import static dev.latchkey.testing.Person.TOKENS;
import static dev.latchkey.testing.Person.asking;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import dev.latchkey.testing.Person;
import dev.latchkey.testing.Person.Token;
import dev.latchkey.testing.RunningService;
import io.restassured.response.Response;

@ServiceTest
class TokenLifecycleIT {

    /** Each on an event loop of its own, with a statement of its own. */
    @Test
    void tokensAreDeletedAtOnce() throws Exception {
        Person person = Person.superAdmin();
        List<Token> tokens = Stream.generate(() -> person.token("license:read")).limit(60).toList();
        ExecutorService workers = Executors.newFixedThreadPool(8);
        try {
            List<Future<Integer>> deletions = workers.invokeAll(tokens.stream()
                    .map(token -> (Callable<Integer>) () -> person.asks().delete(token.path()).statusCode()).toList());
            for (Future<Integer> deletion : deletions) {
                assertThat(deletion.get()).isEqualTo(204);
            }
        } finally {
            workers.shutdown();
        }
        person.asks().get(TOKENS).then().statusCode(200).body("size()", equalTo(0));
    }

    @Test
    void aTokenIsCreatedUsedRevokedAndRefused() {
        Person person = Person.superAdmin();
        Instant expiry = Instant.now().plus(30, ChronoUnit.DAYS).truncatedTo(ChronoUnit.MILLIS);
        Response created = person.asks().body(Map.of("name", "  release pipeline ", "scopes",
                List.of("release:write", "license:read", "license:read"), "expiresAt", expiry.toString(), "description",
                "for CI",
                "allowedIps", List.of("127.0.0.1", "::1/128", "10.0.0.0/8"), "tags", List.of("ci", "ci"))).post(TOKENS);
        created.then().statusCode(201)
                .header("Cache-Control", "no-store").header("X-Content-Type-Options", "nosniff")
                .header("Location", matchesPattern(".*" + TOKENS + "/" + created.path("id")))
                .body("name", equalTo("release pipeline"))
                .body("scopes", equalTo(List.of("license:read", "release:write")))
                .body("expiresAt", equalTo(expiry.toString()))
                .body("description", equalTo("for CI"))
                .body("allowedIps", equalTo(List.of("127.0.0.1/32", "::1/128", "10.0.0.0/8")))
                .body("tags", equalTo(List.of("ci")))
                .body("revoked", equalTo(false)).body("revokedAt", nullValue()).body("status", equalTo("active"))
                .body("userId", equalTo(person.id.toString()))
                .body("lastUsedAt", nullValue()).body("lastUsedIp", nullValue())
                .body("createdAt", notNullValue()).body("updatedAt", notNullValue())
                .body("token", matchesPattern("lkp_[0-9A-Za-z]{36}"));
        Token token = new Token(created.path("id"), created.path("token"));
        created.then().body("hint", equalTo(token.secret().substring(0, 8) + "…"));

        token.asks().get("/v3/me").then().statusCode(200)
                .body("scopes", equalTo(List.of("license:read", "release:write")))
                .body("email", equalTo(person.email))
                .body("account.alias", equalTo(person.alias))
                .body("role", equalTo("super-admin"))
                .body("token.id", equalTo(token.id()));

        person.asks().get(token.path()).then().statusCode(200).body("token", nullValue()).body("id", equalTo(token.id()));

        person.asks().body(Map.of("revoked", true)).patch(token.path()).then().statusCode(200)
                .body("revoked", equalTo(true)).body("revokedAt", notNullValue()).body("status", equalTo("revoked"));
        token.asks().get("/v3/me").then().statusCode(401)
                .body("code", equalTo("TOKEN_REVOKED"))
                .header("WWW-Authenticate",
                        matchesPattern("Bearer realm=\"latchkey\", error=\"invalid_token\", error_description=\".+\""));
    }

    @Test
    void revocationIsIrreversible() {
        Person person = Person.superAdmin();
        Token token = person.token("license:read");
        person.asks().body(Map.of("revoked", false)).patch(token.path()).then().statusCode(200).body("revoked", equalTo(false));
        person.asks().body(Map.of("revoked", true)).patch(token.path()).then().statusCode(200);
        person.asks().body(Map.of("revoked", true)).patch(token.path()).then().statusCode(200);
        person.asks().body(Map.of("revoked", false)).patch(token.path()).then().statusCode(409).body("code",
                equalTo("TOKEN_REVOKED"));
        person.asks().post(token.path() + "/rotate").then().statusCode(409).body("code", equalTo("TOKEN_REVOKED"));
        assertThat(token.status()).isEqualTo(401);
    }

    @Test
    void aDeletedTokenIsGoneAtOnce() {
        Person person = Person.superAdmin();
        Token token = person.token("license:read");
        person.asks().delete(token.path()).then().statusCode(204);
        token.asks().get("/v3/me").then().statusCode(401).body("code", equalTo("INVALID_TOKEN"));
        person.asks().get(token.path()).then().statusCode(404);
        person.asks().delete(token.path()).then().statusCode(404);
    }

    @Test
    void anExpiredTokenIsRefusedAndCannotBeRotated() {
        Person person = Person.superAdmin();
        Token token = person.token("license:read");
        RunningService.database().execute(
                "UPDATE personal_access_token SET expires_at = now() - interval '1 second' WHERE id = ?::uuid",
                token.id());
        token.asks().get("/v3/me").then().statusCode(401).body("code", equalTo("TOKEN_EXPIRED"));
        person.asks().post(token.path() + "/rotate").then().statusCode(409).body("code", equalTo("TOKEN_EXPIRED"));
        person.asks().get(token.path()).then().body("status", equalTo("expired"));
    }

    @Test
    void rotationReplacesTheValueAtOnceUnlessAGracePeriodIsAsked() {
        Person person = Person.superAdmin();
        Token first = person.token("license:read");

        Token second = rotated(person.asks().post(first.path() + "/rotate"));
        assertThat(first.status()).isEqualTo(401);
        assertThat(second.status()).isEqualTo(200);

        Token third = rotated(person.asks().body(Map.of("gracePeriodSeconds", 3600)).post(first.path() + "/rotate"));
        assertThat(second.status()).as("in its grace period").isEqualTo(200);
        assertThat(third.status()).isEqualTo(200);
        assertThat(Instant.parse(person.asks().get(first.path()).path("graceUntil")))
                .isBetween(Instant.now().plusSeconds(3500), Instant.now().plusSeconds(3600));

        Token fourth = rotated(person.asks().body(Map.of("gracePeriodSeconds", 3600)).post(first.path() + "/rotate"));
        assertThat(second.status()).as("a second rotation ends the first grace").isEqualTo(401);
        assertThat(third.status()).isEqualTo(200);
        assertThat(fourth.status()).isEqualTo(200);

        RunningService.database().execute(
                "UPDATE personal_access_token SET replaced_until = now() - interval '1 second' WHERE id = ?::uuid", first.id());
        third.asks().get("/v3/me").then().statusCode(401).body("code", equalTo("TOKEN_EXPIRED"));
        person.asks().get(first.path()).then().body("graceUntil", nullValue());
        assertThat(fourth.status()).isEqualTo(200);

        person.asks().body(Map.of("revoked", true)).patch(first.path()).then().statusCode(200);
        assertThat(fourth.status()).isEqualTo(401);
    }

    @Test
    void theGraceOfAnOldValueNeverOutlivesItsOwnExpiry() {
        Person person = Person.superAdmin();
        Instant expiry = Instant.now().plus(1, ChronoUnit.HOURS).truncatedTo(ChronoUnit.MILLIS);
        Token token = person.token(Map.of("expiresAt", expiry.toString()), "license:read");
        rotated(person.asks()
                .body(Map.of("gracePeriodSeconds", 604_800, "expiresAt", expiry.plus(90, ChronoUnit.DAYS).toString()))
                .post(token.path() + "/rotate"));
        java.sql.Timestamp until = RunningService.database()
                .value("SELECT replaced_until FROM personal_access_token WHERE id = ?::uuid", token.id());
        assertThat(until.toInstant()).isEqualTo(expiry);

        Token other = person.token("license:read");
        Instant sooner = Instant.now().plus(10, ChronoUnit.MINUTES).truncatedTo(ChronoUnit.MILLIS);
        rotated(person.asks().body(Map.of("gracePeriodSeconds", 604_800, "expiresAt", sooner.toString()))
                .post(other.path() + "/rotate"));
        until = RunningService.database().value("SELECT replaced_until FROM personal_access_token WHERE id = ?::uuid",
                other.id());
        assertThat(until.toInstant()).as("nor the token's").isEqualTo(sooner);
    }

    @Test
    void aTokenLooksAtRotatesAndRevokesItselfWhateverItsScopes() {
        Person person = Person.superAdmin();
        Token token = person.token("license:read");
        token.asks().get(TOKENS + "/self").then().statusCode(200).body("id", equalTo(token.id())).body("token", nullValue());
        Token rotated = rotated(token.asks().post(TOKENS + "/self/rotate"));
        assertThat(token.status()).isEqualTo(401);
        rotated.asks().delete(TOKENS + "/self").then().statusCode(204);
        rotated.asks().get("/v3/me").then().statusCode(401).body("code", equalTo("TOKEN_REVOKED"));
        person.asks().get(token.path()).then().statusCode(200).body("status", equalTo("revoked"));
        person.asks().get(TOKENS + "/self").then().statusCode(403).body("code", equalTo("TOKEN_REQUIRED"));
    }

    @Test
    void fieldsAreEditedAndClearedAndTheRestStays() {
        Person person = Person.superAdmin();
        Token token = person.token(Map.of("description", "old", "tags", List.of("a"), "allowedIps", List.of("127.0.0.0/8")),
                "license:read", "tag:read");
        person.asks().body(Map.of("name", "new name", "tags", List.of("b", "c"))).patch(token.path()).then().statusCode(200)
                .body("name", equalTo("new name")).body("tags", equalTo(List.of("b", "c"))).body("description", equalTo("old"));
        Map<String, Object> clear = new HashMap<>();
        clear.put("description", null);
        clear.put("allowedIps", null);
        clear.put("tags", null);
        person.asks().body(clear).patch(token.path()).then().statusCode(200)
                .body("description", nullValue()).body("allowedIps", nullValue()).body("tags", equalTo(List.of()))
                .body("name", equalTo("new name"));
        person.asks().body(Map.of("scopes", List.of("tag:read"))).patch(token.path()).then().statusCode(200)
                .body("scopes", equalTo(List.of("tag:read")));
        assertThat(token.effectiveScopes()).containsExactly("tag:read");
    }

    @Test
    void bothSpellingsOfTheMisspeltScopeAreAcceptedAndOneIsAnswered() {
        Person person = Person.superAdmin();
        Token token = person.token("licenseTemaplate:write", "licenseTemplate:write");
        assertThat(token.effectiveScopes()).containsExactly("licenseTemplate:write");
        person.asks().queryParam("scope", "licenseTemaplate:write").get(TOKENS).then().body("id", equalTo(List.of(token.id())));
    }

    @Test
    void theOperatorsOwnScopesAreLikeTheBuiltInOnes() {
        Person person = Person.superAdmin();
        assertThat(person.token(RunningService.EXTRA_SCOPE).effectiveScopes()).containsExactly(RunningService.EXTRA_SCOPE);
    }

    @Test
    void aTokenIsUsedOnlyFromItsAddresses() {
        Person person = Person.superAdmin();
        Token here = person.token(Map.of("allowedIps", List.of("127.0.0.0/8", "::1")), "license:read");
        Token elsewhere = person.token(Map.of("allowedIps", List.of("192.0.2.0/24")), "license:read");
        assertThat(here.status()).isEqualTo(200);
        elsewhere.asks().get("/v3/me").then().statusCode(401).body("code", equalTo("IP_NOT_ALLOWED"));
    }

    @Test
    void tokensShrinkWithTheirOwnersRoleAtOnce() {
        Person person = Person.superAdmin().colleague("license:read", "license:write", "personalAccessToken:write");
        Token token = person.token("license:read", "license:write");
        person.shrinkRoleTo("license:read", "personalAccessToken:write");
        assertThat(token.effectiveScopes()).containsExactly("license:read");
        person.asks().get(token.path()).then().body("scopes", equalTo(List.of("license:read", "license:write")))
                .body("effectiveScopes", equalTo(List.of("license:read")));
        person.asks().get(TOKENS).then().body("[0]", not(hasKey("effectiveScopes")));
    }

    @Test
    void tokensOfADisabledOwnerOrAccountAreRefused() {
        Person owner = Person.superAdmin();
        Person person = owner.colleague("license:read", "personalAccessToken:write");
        Token token = person.token("license:read");
        person.disable();
        token.asks().get("/v3/me").then().statusCode(401).body("code", equalTo("OWNER_DISABLED"));

        Token owners = owner.token("license:read");
        RunningService.database().execute("UPDATE account SET disabled_at = now() WHERE id = ?", owner.accountId);
        owners.asks().get("/v3/me").then().statusCode(401).body("code", equalTo("OWNER_DISABLED"));
        owner.asks().get("/v3/me").then().statusCode(401);
    }

    private static Token rotated(Response response) {
        response.then().statusCode(200).body("token", matchesPattern("lkp_[0-9A-Za-z]{36}"));
        return new Token(response.path("id"), response.path("token"));
    }

    @Test
    void aRevokedTokenCannotDoAnythingEvenWithinTheSameConnection() {
        Person person = Person.superAdmin();
        Token token = person.token("personalAccessToken:write");
        asking(token.secret()).get(TOKENS).then().statusCode(200);
        person.asks().body(Map.of("revoked", true)).patch(token.path());
        asking(token.secret()).get(TOKENS).then().statusCode(401);
        asking(token.secret()).body(Map.of("name", "x", "scopes", List.of("personalAccessToken:write"))).post(TOKENS).then()
                .statusCode(401);
    }
}
