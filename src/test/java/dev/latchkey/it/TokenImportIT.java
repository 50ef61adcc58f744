package dev.latchkey.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import dev.latchkey.testing.Person;
import dev.latchkey.testing.Person.Token;
import io.restassured.response.Response;

/** A team moves here, and none of its clients has to change. */
@ServiceTest
class TokenImportIT {

    private static final String IMPORT = Person.TOKENS + "/import";

    private final Person person = Person.superAdmin();

    private static String secret() {
        byte[] bytes = new byte[20];
        new SecureRandom().nextBytes(bytes);
        return "old_" + HexFormat.of().formatHex(bytes);
    }

    private static String digest(String secret) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, Object> item(String secret, Map<String, ?> more) {
        Map<String, Object> item = new HashMap<>(
                Map.of("format", "legacy", "digest", digest(secret), "name", "moved", "scopes", List.of("license:read")));
        item.putAll(more);
        return item;
    }

    private static Response run(Person by, Object... items) {
        return by.asks().body(Map.of("tokens", List.of(items))).post(IMPORT);
    }

    @Test
    void anImportedTokenWorksAsItIsAndIsOneOfOurs() {
        String secret = secret();
        Instant end = Instant.now().plus(30, ChronoUnit.DAYS).truncatedTo(ChronoUnit.SECONDS);
        String id = run(person,
                item(secret, Map.of("expiresAt", end.toString(), "tags", List.of("moved"), "description", "from there",
                        "allowedIps", List.of("127.0.0.0/8", "::1"), "rateLimit", Map.of("requests", 1000, "window", 60))))
                .then()
                .statusCode(200).body("imported", equalTo(1)).body("results[0].index", equalTo(0))
                .body("results[0].id", notNullValue()).body("results[0].code", nullValue()).extract().path("results[0].id");
        Token token = new Token(id, secret);
        assertThat(token.effectiveScopes()).containsExactly("license:read");
        token.asks().get("/v3/users").then().statusCode(403);
        person.asks().get(token.path()).then().statusCode(200).body("hint", equalTo("old_…")).body("name", equalTo("moved"))
                .body("expiresAt", equalTo(end.toString())).body("tags", equalTo(List.of("moved")))
                .body("userId", equalTo(person.id.toString())).body("rateLimit.requests", equalTo(1000));
        assertThat(person.asks().get("/v3/event-logs?resourceId=" + id).<List<String>> path("[0].changes.field"))
                .contains("format", "scopes");
        person.machine("introspection").asks().formParam("token", secret).formParam("client_ip", "127.0.0.1")
                .post("/oauth2/introspect").then().statusCode(200).body("active", equalTo(true));
        String rotated = person.asks().post(token.path() + "/rotate").then().statusCode(200).extract().path("token");
        assertThat(token.status()).isEqualTo(401);
        assertThat(rotated).startsWith("lkp_");
        assertThat(new Token(id, rotated).status()).isEqualTo(200);
    }

    @Test
    void anImportedTokenIsRevokedAsAnyOther() {
        String secret = secret();
        String id = run(person, item(secret, Map.of())).path("results[0].id");
        Token token = new Token(id, secret);
        assertThat(token.status()).isEqualTo(200);
        person.asks().body(Map.of("revoked", true)).patch(token.path()).then().statusCode(200);
        token.asks().get("/v3/me").then().statusCode(401).body("code", equalTo("TOKEN_REVOKED"));
    }

    @Test
    void aConflictSaysTheSameWhoeverHasTheDigest() {
        String mine = secret();
        String theirs = secret();
        Person other = Person.superAdmin();
        Token native_ = other.token("license:read");
        run(person, item(mine, Map.of())).then().body("imported", equalTo(1));
        run(other, item(theirs, Map.of())).then().body("imported", equalTo(1));
        String twice = secret();
        Response answer = run(person, item(mine, Map.of()), item(theirs, Map.of()), item(native_.secret(), Map.of()),
                item(twice, Map.of()), item(twice, Map.of()));
        answer.then().statusCode(200).body("imported", equalTo(1)).body("results[3].id", notNullValue());
        List<Map<String, Object>> results = answer.path("results");
        List<Map<String, Object>> conflicts = new ArrayList<>(
                List.of(results.get(0), results.get(1), results.get(2), results.get(4)));
        assertThat(conflicts).allSatisfy(conflict -> assertThat(conflict.get("code")).isEqualTo("NOT_IMPORTED"));
        conflicts.forEach(conflict -> conflict.remove("index"));
        assertThat(conflicts).containsOnly(conflicts.get(0));
        other.asks().get("/v3/me").then().statusCode(200);
        assertThat(native_.status()).isEqualTo(200);
    }

    @Test
    void theRulesOfIssueHoldForEach() {
        person.asks()
                .body(Map.of("tokenPolicy", Map.of("deniedScopes", List.of("tag:write"), "allowedIps", List.of("127.0.0.0/8"),
                        "tokensPerUser", 3)))
                .patch("/v3/accounts/" + person.accountId).then().statusCode(200);
        Person superior = person.colleagueWithRole("super-admin");
        Person limited = person.colleague("account:write", "license:read");
        Response answer = run(limited, item(secret(), Map.of("scopes", List.of("user:write"))),
                item(secret(), Map.of("scopes", List.of("no:such"))), item(secret(), Map.of("format", "unheard-of")),
                item(secret(), Map.of("digest", "12")), item(secret(), Map.of("expiresAt", "2020-01-01T00:00:00Z")),
                item(secret(), Map.of("allowedIps", List.of("10.0.0.0/8"))),
                item(secret(), Map.of("userId", superior.id.toString())), item(secret(), Map.of()));
        answer.then().statusCode(200).body("imported", equalTo(1))
                .body("results[0].code", equalTo("SCOPE_NOT_GRANTABLE")).body("results[1].errors[0].field", equalTo("scopes"))
                .body("results[2].errors[0].field", equalTo("format")).body("results[3].errors[0].field", equalTo("digest"))
                .body("results[4].errors[0].field", equalTo("expiresAt"))
                .body("results[5].errors[0].field", equalTo("allowedIps"))
                .body("results[6].errors[0].field", equalTo("userId")).body("results[7].id", notNullValue());
        run(person, item(secret(), Map.of("scopes", List.of("tag:write")))).then().body("results[0].message",
                containsString("tag:write"));
        run(limited, item(secret(), Map.of()), item(secret(), Map.of()), item(secret(), Map.of())).then()
                .body("imported", equalTo(0)).body("results.code", equalTo(Collections.nCopies(3, "TOO_MANY_TOKENS")));
        Person stranger = Person.superAdmin();
        run(person, item(secret(), Map.of("userId", stranger.id.toString()))).then().body("results[0].errors[0].field",
                equalTo("userId"));
        Person junior = person.colleague("license:read");
        String moved = secret();
        String id = run(person, item(moved, Map.of("userId", junior.id.toString()))).then().body("imported", equalTo(1))
                .extract()
                .path("results[0].id");
        junior.asks().get(Person.TOKENS + "/" + id).then().statusCode(403);
        person.asks().get(Person.TOKENS + "/" + id).then().statusCode(200).body("userId", equalTo(junior.id.toString()));
        Person helper = person.colleague("account:write", "user:write", "license:read");
        run(helper, item(secret(), Map.of("userId", superior.id.toString()))).then().body("results[0].code",
                equalTo("SCOPE_NOT_GRANTABLE"));
    }

    @Test
    void onlyAPersonWhoMayChangeTheAccountImports() {
        person.token("account:write").asks().body(Map.of("tokens", List.of(item(secret(), Map.of())))).post(IMPORT).then()
                .statusCode(403).body("code", equalTo("SESSION_REQUIRED"));
        run(person.colleague("license:read", "account:read"), item(secret(), Map.of())).then().statusCode(403);
        person.asks().get(IMPORT + "/formats").then().statusCode(200).body("name", hasItem("legacy"))
                .body("[0].prefix", equalTo("old_"))
                .body("[0].length", equalTo(40));
    }

    @Test
    void aThousandAreTakenAtOnceAndAMebibyteAtMost() {
        person.asks().body(Map.of("tokenPolicy", Map.of("tokensPerUser", 2000))).patch("/v3/accounts/" + person.accountId)
                .then()
                .statusCode(200);
        List<Map<String, Object>> many = IntStream.range(0, 1000).mapToObj(i -> item(secret(), Map.of("name", "moved " + i)))
                .toList();
        person.asks().body(Map.of("tokens", many)).post(IMPORT).then().statusCode(200).body("imported", equalTo(1000));
        List<Map<String, Object>> more = new ArrayList<>(many);
        more.add(item(secret(), Map.of()));
        person.asks().body(Map.of("tokens", more)).post(IMPORT).then().statusCode(400).body("errors[0].field",
                equalTo("tokens"));
        String large = "{\"tokens\": [" + " ".repeat(1024 * 1024) + "]}";
        person.asks().body(large).post(IMPORT).then().statusCode(413);
        person.asks().body("{\"name\": \"" + "x".repeat(70_000) + "\"}").post(Person.TOKENS).then().statusCode(413);
    }

    @Test
    void whatNoFormatHasIsRefusedWithoutALookup() {
        for (String garbage : List.of("old_", "old_" + "0".repeat(39), "old_" + "0".repeat(41), "old_" + "G".repeat(40),
                "OLD_" + "0".repeat(40))) {
            Person.asking(garbage).get("/v3/me").then().statusCode(401).body("code", equalTo("INVALID_TOKEN"));
        }
        Person.asking("old_" + "0".repeat(40)).get("/v3/me").then().statusCode(401).body("code", equalTo("INVALID_TOKEN"));
    }
}
