package dev.latchkey.it;

import static dev.latchkey.testing.Person.TOKENS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import dev.latchkey.testing.Person;
import dev.latchkey.testing.Person.Token;
import dev.latchkey.testing.RunningService;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;

/** Nobody hands out more than they hold, by any road. */
@ServiceTest
class RulesOfIssueIT {

    private static final String MANAGE = "personalAccessToken:write";
    private final Person owner = Person.superAdmin();

    @Test
    void aUserHandsOutNoScopeOutsideTheirRole() {
        Person user = owner.colleagueWithRole("user");
        refused(user.asks().body(body("license:read", "license:write")).post(TOKENS).then(), "license:write");
        assertThat(tokensOf(user)).isZero();
    }

    @Test
    void aTokenHandsOutNoScopeOutsideItsOwn() {
        Token parent = owner.token(MANAGE, "license:read");
        refused(parent.asks().body(body("license:read", "product:read")).post(TOKENS).then(), "product:read");
        Token child = Person.create(parent.secret(), new String[] { "license:read" }, Map.of());
        owner.asks().get(child.path()).then().body("parentId", equalTo(parent.id()));
    }

    @Test
    void aTokenHandsOutNoScopeThatItsOwnersRoleLost() {
        Person person = owner.colleague(MANAGE, "license:read", "license:write");
        Token parent = person.token(MANAGE, "license:read", "license:write");
        person.shrinkRoleTo(MANAGE, "license:read");
        refused(parent.asks().body(body("license:write")).post(TOKENS).then(), "license:write");
    }

    @Test
    void aTokenMakesNothingThatOutlivesIt() {
        String end = in(10);
        Token parent = owner.token(Map.of("expiresAt", end), MANAGE, "license:read");
        refused(parent.asks().body(body("license:read")).post(TOKENS).then(), "expiresAt");
        refused(parent.asks().body(with(body("license:read"), "expiresAt", in(11))).post(TOKENS).then(), "expiresAt");
        parent.asks().body(with(body("license:read"), "expiresAt", end)).post(TOKENS).then().statusCode(201);
    }

    @Test
    void aTokenMakesNothingWithAWiderAddressRange() {
        Token parent = owner.token(Map.of("allowedIps", List.of("127.0.0.0/8", "::1")), MANAGE, "license:read");
        refused(parent.asks().body(body("license:read")).post(TOKENS).then(), "allowedIps");
        refused(parent.asks().body(with(body("license:read"), "allowedIps", List.of("127.0.0.1", "10.0.0.1"))).post(TOKENS)
                .then(),
                "allowedIps");
        parent.asks().body(with(body("license:read"), "allowedIps", List.of("127.0.0.0/9"))).post(TOKENS).then()
                .statusCode(201);
    }

    @Test
    void aTokenDoesNotRotateABroaderSibling() {
        Token broad = owner.token(MANAGE, "account:write");
        Token narrow = owner.token(MANAGE);
        refused(narrow.asks().post(broad.path() + "/rotate").then(), "account:write");
        assertThat(broad.status()).as("nothing changed").isEqualTo(200);

        Token expiring = owner.token(Map.of("expiresAt", in(1)), MANAGE);
        Token eternal = owner.token(MANAGE);
        refused(expiring.asks().post(eternal.path() + "/rotate").then(), "expiresAt");
        assertThat(eternal.status()).isEqualTo(200);

        Token local = owner.token(Map.of("allowedIps", List.of("127.0.0.0/8", "::1")), MANAGE);
        refused(local.asks().post(eternal.path() + "/rotate").then(), "allowedIps");
        assertThat(eternal.status()).isEqualTo(200);
    }

    @Test
    void aTokenDoesNotExtendItsOwnLife() {
        Token token = owner.token(Map.of("expiresAt", in(1)), MANAGE);
        refused(token.asks().body(Map.of("expiresAt", in(2))).post(TOKENS + "/self/rotate").then(), "expiresAt");
        refused(token.asks().body(Map.of("expiresAt", in(2))).post(token.path() + "/rotate").then(), "expiresAt");
        assertThat(token.status()).isEqualTo(200);
        token.asks().post(TOKENS + "/self/rotate").then().statusCode(200).body("expiresAt", containsString("T"));
    }

    @Test
    void anOldValueInItsGraceHandsOutNothingThatOutlivesIt() {
        Token old = owner.token(MANAGE, "license:read");
        owner.asks().body(Map.of("gracePeriodSeconds", 3600)).post(old.path() + "/rotate").then().statusCode(200);
        assertThat(old.status()).isEqualTo(200);
        refused(old.asks().post(TOKENS + "/self/rotate").then(), "expiresAt");
        refused(old.asks().body(body("license:read")).post(TOKENS).then(), "expiresAt");
        assertThat(old.status()).as("nothing changed").isEqualTo(200);
    }

    @Test
    void aTokenDoesNotWidenItsOwnAddressesNorABroaderSiblings() {
        Token token = owner.token(Map.of("allowedIps", List.of("127.0.0.0/8", "::1")), MANAGE);
        Map<String, Object> clear = new HashMap<>();
        clear.put("allowedIps", null);
        refused(token.asks().body(clear).patch(token.path()).then(), "allowedIps");
        refused(token.asks().body(Map.of("allowedIps", List.of("0.0.0.0/0"))).patch(token.path()).then(), "allowedIps");
        token.asks().body(Map.of("allowedIps", List.of("127.0.0.1", "::1"))).patch(token.path()).then().statusCode(200);

        Token broad = owner.token(Map.of("allowedIps", List.of("127.0.0.1", "::1")), MANAGE, "account:write");
        Token narrow = owner.token(MANAGE);
        refused(narrow.asks().body(clear).patch(broad.path()).then(), "account:write");
        owner.asks().get(broad.path()).then().body("allowedIps", equalTo(List.of("127.0.0.1/32", "::1/128")));
    }

    @Test
    void scopesMayOnlyBecomeFewer() {
        Token token = owner.token("license:read", "license:write");
        refused(owner.asks().body(Map.of("scopes", List.of("license:read", "product:read"))).patch(token.path()).then(),
                "product:read");
        owner.asks().body(Map.of("scopes", List.of("license:read"))).patch(token.path()).then().statusCode(200);
        refused(owner.asks().body(Map.of("scopes", List.of("license:write"))).patch(token.path()).then(), "license:write");
        owner.asks().body(Map.of("scopes", List.of())).patch(token.path()).then().statusCode(400);
        assertThat(token.effectiveScopes()).containsExactly("license:read");
    }

    @Test
    void aUserDoesNotRotateScopesBackThatTheirRoleLost() {
        Person person = owner.colleague(MANAGE, "license:write");
        Token token = person.token(MANAGE, "license:write");
        person.shrinkRoleTo(MANAGE);
        refused(person.asks().post(token.path() + "/rotate").then(), "license:write");
    }

    @Test
    void usersSeeOnlyTheirOwnTokens() {
        Person ada = owner.colleagueWithRole("user");
        Person bob = owner.colleagueWithRole("user");
        Token adas = ada.token("license:read");
        bob.asks().get(adas.path()).then().statusCode(404);
        bob.asks().body(Map.of("revoked", true)).patch(adas.path()).then().statusCode(404);
        bob.asks().delete(adas.path()).then().statusCode(404);
        bob.asks().post(adas.path() + "/rotate").then().statusCode(404);
        bob.asks().get(TOKENS).then().body("size()", equalTo(0));
        assertThat(adas.status()).isEqualTo(200);
    }

    @Test
    void whoeverHoldsUserWriteSeesRevokesAndDeletesEveryonesButNeitherEditsNorRotates() {
        Person user = owner.colleagueWithRole("user");
        Person admin = owner.colleagueWithRole("admin");
        Token first = user.token("license:read");
        Token second = user.token("license:read");
        admin.asks().queryParam("userId", user.id).get(TOKENS).then().body("size()", equalTo(2)).body("ownerEmail",
                equalTo(List.of(user.email, user.email)));
        admin.asks().get(first.path()).then().statusCode(200);
        admin.asks().post(first.path() + "/rotate").then().statusCode(403).body("code", equalTo("NOT_TOKEN_OWNER"));
        admin.asks().body(Map.of("name", "mine")).patch(first.path()).then().statusCode(403).body("code",
                equalTo("NOT_TOKEN_OWNER"));
        admin.asks().body(Map.of("revoked", true, "name", "mine")).patch(first.path()).then().statusCode(403);
        assertThat(first.status()).isEqualTo(200);
        admin.asks().body(Map.of("revoked", true)).patch(first.path()).then().statusCode(200);
        admin.asks().delete(second.path()).then().statusCode(204);
        assertThat(first.status()).isEqualTo(401);
        assertThat(second.status()).isEqualTo(401);
    }

    @Test
    void revocationTakesDescendantsAlongWhenAskedAndSelfRevocationUnlessDeclined() {
        Token parent = owner.token(MANAGE, "license:read");
        Token child = Person.create(parent.secret(), new String[] { MANAGE, "license:read" }, Map.of());
        Token grandchild = Person.create(child.secret(), new String[] { "license:read" }, Map.of());
        owner.asks().body(Map.of("revoked", true)).patch(parent.path()).then().statusCode(200);
        assertThat(child.status()).as("kept by default").isEqualTo(200);
        owner.asks().body(Map.of("revoked", true)).patch(parent.path() + "?cascade=true").then().statusCode(200);
        assertThat(child.status()).isEqualTo(401);
        assertThat(grandchild.status()).isEqualTo(401);

        Token other = owner.token(MANAGE);
        Token kept = Person.create(other.secret(), new String[] { MANAGE }, Map.of());
        Token taken = Person.create(kept.secret(), new String[] { MANAGE }, Map.of());
        other.asks().delete(TOKENS + "/self?cascade=false").then().statusCode(204);
        assertThat(kept.status()).isEqualTo(200);
        kept.asks().delete(TOKENS + "/self").then().statusCode(204);
        assertThat(taken.status()).isEqualTo(401);

        Token maker = owner.token(MANAGE);
        Token between = Person.create(maker.secret(), new String[] { MANAGE }, Map.of());
        Token hidden = Person.create(between.secret(), new String[] { MANAGE }, Map.of());
        maker.asks().delete(between.path()).then().statusCode(204);
        owner.asks().body(Map.of("revoked", true)).patch(maker.path() + "?cascade=true").then().statusCode(200);
        assertThat(hidden.status()).as("a deleted link hides nothing").isEqualTo(401);

        Token deleted = owner.token(MANAGE);
        Token orphan = Person.create(deleted.secret(), new String[] { MANAGE }, Map.of());
        owner.asks().delete(deleted.path() + "?cascade=true").then().statusCode(204);
        orphan.asks().get("/v3/me").then().statusCode(401).body("code", equalTo("TOKEN_REVOKED"));
    }

    @Test
    void aTokenMadeWhileItsMakerIsRevokedDoesNotSurvive() {
        for (int i = 0; i < 30; i++) {
            Token maker = owner.token(MANAGE);
            CompletableFuture<Response> made = CompletableFuture
                    .supplyAsync(() -> maker.asks().body(body(MANAGE)).post(TOKENS));
            owner.asks().body(Map.of("revoked", true)).patch(maker.path() + "?cascade=true").then().statusCode(200);
            Response child = made.join();
            if (child.statusCode() == 201) {
                assertThat(new Token(child.path("id"), child.path("token")).status()).isEqualTo(401);
            } else {
                assertThat(child.statusCode()).isIn(401, 409);
            }
        }
    }

    @Test
    void grandchildrenMadeWhileTheCascadeRunsDoNotSurvive() {
        for (int round = 0; round < 6; round++) {
            Token top = owner.token(MANAGE);
            Token child = Person.create(top.secret(), new String[] { MANAGE }, Map.of());
            List<CompletableFuture<Response>> made = IntStream.range(0, 10).mapToObj(i -> CompletableFuture
                    .supplyAsync(() -> child.asks().body(body(MANAGE)).post(TOKENS))).toList();
            top.asks().delete(TOKENS + "/self").then().statusCode(204);
            for (CompletableFuture<Response> each : made) {
                Response grandchild = each.join();
                if (grandchild.statusCode() == 201) {
                    assertThat(new Token(grandchild.path("id"), grandchild.path("token")).status()).isEqualTo(401);
                }
            }
        }
    }

    @Test
    void oneValueRotatesOnce() {
        Token token = owner.token(MANAGE);
        List<CompletableFuture<Response>> rotations = IntStream.range(0, 10).mapToObj(i -> CompletableFuture
                .supplyAsync(() -> token.asks().post(TOKENS + "/self/rotate"))).toList();
        assertThat(rotations.stream().map(CompletableFuture::join).filter(rotation -> rotation.statusCode() == 200)).hasSize(1);
    }

    @Test
    void anOldValueInItsGraceCannotTakeTheTokenOver() {
        Token old = owner.token(MANAGE);
        Response rotated = owner.asks().body(Map.of("gracePeriodSeconds", 3600)).post(old.path() + "/rotate");
        String end = Instant.now().plus(10, ChronoUnit.MINUTES).truncatedTo(ChronoUnit.SECONDS).toString();
        old.asks().body(Map.of("expiresAt", end)).post(TOKENS + "/self/rotate").then().statusCode(409)
                .body("code", equalTo("TOKEN_ROTATED"));
        assertThat(new Token(old.id(), rotated.path("token")).status()).isEqualTo(200);
    }

    @Test
    void theAccountsLongestLifetimeBindsEveryone() {
        RunningService.database().execute("UPDATE account SET max_token_lifetime_seconds = 864000 WHERE id = ?",
                owner.accountId);
        owner.asks().get("/v3/me").then().body("account.tokenPolicy.maxLifetimeSeconds", equalTo(864000))
                .body("account.tokenPolicy.expiryRequired", equalTo(true));
        owner.asks().body(body("license:read")).post(TOKENS).then().statusCode(400).body("errors[0].field",
                equalTo("expiresAt"));
        owner.asks().body(with(body("license:read"), "expiresAt", in(11))).post(TOKENS).then().statusCode(400)
                .body("errors[0].field", equalTo("expiresAt"));
        Token token = owner.token(Map.of("expiresAt", in(9)), "license:read");
        owner.asks().body(Map.of("expiresAt", in(11))).post(token.path() + "/rotate").then().statusCode(400);
        owner.asks().body(Map.of("expiresAt", in(10))).post(token.path() + "/rotate").then().statusCode(200);
    }

    @Test
    void managingTokensNeedsTheScopeForIt() {
        Token token = owner.token("license:read", "user:write");
        for (ValidatableResponse refused : List.of(token.asks().get(TOKENS).then(), token.asks().get(token.path()).then(),
                token.asks().body(body("license:read")).post(TOKENS).then(), token.asks().delete(token.path()).then(),
                token.asks().post(token.path() + "/rotate").then(),
                token.asks().body(Map.of("revoked", true)).patch(token.path()).then())) {
            refused.statusCode(403).body("code", equalTo("INSUFFICIENT_SCOPE"))
                    .header("WWW-Authenticate", containsString("error=\"insufficient_scope\""))
                    .header("WWW-Authenticate", containsString("scope=\"" + MANAGE + "\""));
        }
    }

    private static void refused(ValidatableResponse response, String named) {
        response.statusCode(403).header("WWW-Authenticate", containsString("error=\"insufficient_scope\""))
                .body("code", equalTo("SCOPE_NOT_GRANTABLE")).body("message", containsString(named));
    }

    private static Map<String, Object> body(String... scopes) {
        return Map.of("name", "a token", "scopes", List.of(scopes));
    }

    private static Map<String, Object> with(Map<String, Object> body, String field, Object value) {
        Map<String, Object> more = new HashMap<>(body);
        more.put(field, value);
        return more;
    }

    private static String in(int days) {
        return Instant.now().plus(days, ChronoUnit.DAYS).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static long tokensOf(Person person) {
        return RunningService.database().<Long> value("SELECT count(*) FROM personal_access_token WHERE owner_id = ?",
                person.id);
    }
}
