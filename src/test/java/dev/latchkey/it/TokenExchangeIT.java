package dev.latchkey.it;

import static dev.latchkey.testing.Person.TOKENS;
import static dev.latchkey.testing.Person.asking;
import static dev.latchkey.testing.RunningService.AUDIENCE;
import static dev.latchkey.testing.RunningService.OTHER_AUDIENCE;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.equalTo;

import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.junit.jupiter.api.Test;

import dev.latchkey.platform.SecretKeys;
import dev.latchkey.testing.Person;
import dev.latchkey.testing.Person.Token;
import dev.latchkey.testing.RunningService;
import dev.latchkey.testing.SignedToken;
import dev.latchkey.token.TokenFormat;
import io.restassured.http.ContentType;
import io.restassured.response.Response;

/** A token is exchanged for a JWT that says no more than the token, to one API, for a short time (RFC 8693). */
@ServiceTest
class TokenExchangeIT {

    private static final String TOKEN = "/oauth2/token";
    private static final String GRANT = "urn:ietf:params:oauth:grant-type:token-exchange";
    private static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
    private static final String JWT = "urn:ietf:params:oauth:token-type:jwt";

    private final Person person = Person.superAdmin();

    @Test
    void theJwtSaysWhoForWhomAndWhatAndVerifiesByThePublishedKeys() throws InvalidJwtException {
        Token token = person.token("license:write", "license:read", "product:read");
        Response answer = exchange(token.secret(), Map.of("scope", "license:write license:read"));
        Map<String, Object> body = answer.then().statusCode(200).contentType(ContentType.JSON)
                .header("Cache-Control", "no-store").header("Pragma", "no-cache").extract().path("");
        String jwt = answer.path("access_token");
        body.remove("access_token");
        assertThat(body).containsExactlyInAnyOrderEntriesOf(Map.of("issued_token_type", JWT, "token_type", "Bearer",
                "expires_in", 60, "scope", "license:read license:write"));
        JwtClaims claims = verify(jwt, AUDIENCE);
        Map<String, Object> said = new HashMap<>(claims.getClaimsMap());
        assertThat(said.remove("exp")).isEqualTo((long) said.remove("iat") + 60);
        assertThat(said.remove("jti").toString()).hasSize(36);
        assertThat(said).containsExactlyInAnyOrderEntriesOf(Map.of("iss", RunningService.PUBLIC_URL, "aud", AUDIENCE, "sub",
                person.id.toString(), "client_id", token.id(), "scope", "license:read license:write", "account_id",
                person.accountId.toString()));
        assertThatThrownBy(() -> verify(jwt, OTHER_AUDIENCE)).isInstanceOf(InvalidJwtException.class);
        assertThatThrownBy(() -> verify(jwt.substring(0, jwt.length() - 8) + "AAAAAAAA", AUDIENCE))
                .isInstanceOf(InvalidJwtException.class);
        String again = exchange(token.secret(), Map.of()).path("access_token");
        assertThat(verify(again, AUDIENCE).getClaimsMap().get("jti")).isNotEqualTo(claims.getClaimsMap().get("jti"));
    }

    @Test
    void withoutScopesItHasAllThatTheTokenHasNow() throws InvalidJwtException {
        Person colleague = person.colleague("license:read", "product:read", "personalAccessToken:write");
        Token token = colleague.token("license:read", "product:read");
        Response answer = exchange(token.secret(), Map.of("requested_token_type", ACCESS_TOKEN, "audience", OTHER_AUDIENCE));
        answer.then().statusCode(200).body("scope", equalTo("license:read product:read"))
                .body("issued_token_type", equalTo(ACCESS_TOKEN));
        assertThat(verify(answer.path("access_token"), OTHER_AUDIENCE).getClaimsMap()).containsEntry("scope",
                "license:read product:read");
        exchange(token.secret(), Map.of("scope", " license:read  license:read ")).then().statusCode(200).body("scope",
                equalTo("license:read"));
        colleague.shrinkRoleTo("product:read");
        org.awaitility.Awaitility.await().until(() -> token.effectiveScopes().equals(List.of("product:read")));
        exchange(token.secret(), Map.of()).then().statusCode(200).body("scope", equalTo("product:read"));
        refused(exchange(token.secret(), Map.of("scope", "license:read product:read")), 400, "invalid_scope", "license:read");
        colleague.shrinkRoleTo();
        org.awaitility.Awaitility.await().until(() -> token.effectiveScopes().isEmpty());
        refused(exchange(token.secret(), Map.of()), 400, "invalid_scope", "none");
    }

    @Test
    void noMoreThanTheTokenHas() {
        Token token = person.token("license:read");
        refused(exchange(token.secret(), Map.of("scope", "license:read license:write")), 400, "invalid_scope", "license:write");
        refused(exchange(token.secret(), Map.of("scope", "openid")), 400, "invalid_scope", "does not have");
        refused(exchange(token.secret(), Map.of("scope", "\"<script>\\")), 400, "invalid_scope", "these");
        refused(exchange(token.secret(), Map.of("scope", " ")), 400, "invalid_scope", "none");
    }

    @Test
    void neverLongerThanTheValueThatWasPresented() throws Exception {
        Instant end = Instant.now().plusSeconds(20);
        Token short1 = person.token(Map.of("expiresAt", end.toString()), "license:read");
        Response answer = exchange(short1.secret(), Map.of());
        answer.then().statusCode(200);
        assertThat(answer.<Integer> path("expires_in")).isBetween(15, 20);
        assertThat(verify(answer.path("access_token"), AUDIENCE).getExpirationTime().getValue())
                .isEqualTo(end.getEpochSecond());
        Token rotated = person.token("license:read");
        rotated.asks().body(Map.of("gracePeriodSeconds", 10)).post(TOKENS + "/self/rotate").then().statusCode(200);
        assertThat(exchange(rotated.secret(), Map.of()).<Integer> path("expires_in")).as("its grace").isBetween(5, 10);
    }

    @Test
    void onlyForTheAudiencesThatTheOperatorNames() {
        Token token = person.token("license:read");
        refused(exchange(token.secret(), Map.of("audience", "https://evil.example")), 400, "invalid_target", "audience");
        refused(exchange(token.secret(), Map.of("audience", AUDIENCE + "/")), 400, "invalid_target", "audience");
        refused(exchange(token.secret(), Map.of("audience", "")), 400, "invalid_target", "audience");
        refused(exchange(token.secret(), Map.of("audience", List.of(AUDIENCE, OTHER_AUDIENCE))), 400, "invalid_target",
                "exactly one");
        refused(exchange(token.secret(), Map.of("resource", AUDIENCE)), 400, "invalid_target", "resource");
    }

    @Test
    void aSubjectThatIsNoGoodTokenIsRefused() {
        Token revoked = person.token("license:read");
        String before = exchange(revoked.secret(), Map.of()).path("access_token");
        revoked.asks().delete(TOKENS + "/self");
        Token elsewhere = person.token(Map.of("allowedIps", List.of("192.0.2.0/24")), "license:read");
        Token expired = person.token(Map.of("expiresAt", Instant.now().plusMillis(500).toString()), "license:read");
        org.awaitility.Awaitility.await().until(() -> expired.status() == 401);
        Map<String, String> subjects = Map.of(revoked.secret(), "revoked", elsewhere.secret(), "address", expired.secret(),
                "expired", new TokenFormat("lkp").generate(new Random()), "not a valid", "nonsense", "not a valid",
                person.session, "not a valid", before, "not a valid");
        subjects.forEach((subject, reason) -> refused(exchange(subject, Map.of()), 400, "invalid_grant", reason));
        Token here = person.token(Map.of("allowedIps", List.of("127.0.0.0/8", "::1/128")), "license:read");
        exchange(here.secret(), Map.of()).then().statusCode(200);
    }

    @Test
    void whatIsNoGoodRequestIsRefusedInTheWordsOfOAuth() {
        String token = person.token("license:read").secret();
        refused(exchange(token, Map.of("grant_type", "")), 400, "invalid_request", "grant_type");
        refused(exchange(token, Map.of("grant_type", "client_credentials")), 400, "unsupported_grant_type", GRANT);
        refused(exchange("", Map.of()), 400, "invalid_request", "subject_token");
        refused(exchange(token, Map.of("subject_token_type", "")), 400, "invalid_request", "subject_token_type");
        refused(exchange(token, Map.of("subject_token_type", JWT)), 400, "invalid_request", "subject_token_type");
        refused(exchange(token, Map.of("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token")), 400,
                "invalid_request", "requested_token_type");
        refused(exchange(token, Map.of("actor_token", token)), 400, "invalid_request", "actor_token");
        refused(exchange(token, Map.of("actor_token_type", ACCESS_TOKEN)), 400, "invalid_request", "actor_token_type");
        for (String name : List.of("grant_type", "subject_token", "subject_token_type", "requested_token_type", "scope",
                "actor_token")) {
            refused(exchange(token, Map.of(name, List.of("x", "x"))), 400, "invalid_request", name);
        }
        refused(given().contentType(ContentType.JSON).body(Map.of("grant_type", GRANT)).post(TOKEN), 400, "invalid_request",
                "application/x-www-form-urlencoded");
        refused(given().contentType(ContentType.URLENC).header("Authorization", "Basic eA==")
                .header("Authorization", "Basic eQ==")
                .formParam("grant_type", GRANT).post(TOKEN), 400, "invalid_request", "Authorization");
        given().get(TOKEN).then().statusCode(405).body("code", equalTo("METHOD_NOT_ALLOWED"));
        exchange(token, Map.of("unknown", List.of("1", "2"), "client_id", "my-client")).then().statusCode(200);
    }

    @Test
    void theJwtIsNoCredentialHere() {
        Token token = person.token("license:read", "personalAccessToken:write");
        String jwt = exchange(token.secret(), Map.of()).path("access_token");
        for (String path : List.of("/v3/me", TOKENS, TOKENS + "/self")) {
            asking(jwt).get(path).then().statusCode(401).body("code", equalTo("INVALID_TOKEN"));
        }
        given().cookie("latchkey-session", jwt).header("Origin", RunningService.PUBLIC_URL).get("/v3/me").then()
                .statusCode(401);
        assertThat(person.machine("introspection").introspect(jwt).asString()).isEqualTo("{\"active\":false}");
        given().contentType(ContentType.URLENC).formParam("token", jwt).post("/oauth2/revoke").then().statusCode(400)
                .body("error", equalTo("unsupported_token_type"));
    }

    /** Even with all the words of a session's: what the keys of others sign opens nothing. */
    @Test
    void whatTheOtherKeysSignIsNoSession() throws Exception {
        JwtClaims claims = new JwtConsumerBuilder().setSkipAllValidators().setDisableRequireSignature()
                .setSkipSignatureVerification().build().processToClaims(person.session);
        claims.setExpirationTime(NumericDate.fromSeconds(Instant.now().getEpochSecond() + 600));
        for (String purpose : List.of("upstream", "exchange")) {
            String id = RunningService.database().<Object> value(
                    "SELECT id FROM signing_key WHERE purpose = ? AND retired_at IS NULL", purpose).toString();
            byte[] encrypted = RunningService.database().value("SELECT private_key FROM signing_key WHERE id = ?::uuid", id);
            PrivateKey key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(
                    new SecretKeys(RunningService.SECRET).decrypt(purpose, id, encrypted).orElseThrow()));
            String sessionKey = SignedToken.keyId(person.session);
            for (String keyId : List.of(id, sessionKey)) {
                for (String type : List.of("latchkey-session+jwt", "at+jwt", "latchkey-identity+jwt", "JWT")) {
                    JsonWebSignature forged = new JsonWebSignature();
                    forged.setPayload(claims.toJson());
                    forged.setAlgorithmHeaderValue("ES256");
                    forged.setKeyIdHeaderValue(keyId);
                    forged.setHeader("typ", type);
                    forged.setKey(key);
                    asking(forged.getCompactSerialization()).get("/v3/me").then().statusCode(401);
                }
            }
        }
        person.asks().get("/v3/me").then().statusCode(200);
    }

    private static JwtClaims verify(String jwt, String audience) throws InvalidJwtException {
        return SignedToken.verify(jwt, given().get("/.well-known/jwks.json").asString(), "at+jwt", RunningService.PUBLIC_URL,
                audience);
    }

    /** @param changes of what is right: a text, or a list of several */
    private static Response exchange(String subject, Map<String, ?> changes) {
        Map<String, Object> form = new HashMap<>(Map.of("grant_type", GRANT, "subject_token", subject, "subject_token_type",
                ACCESS_TOKEN, "audience", AUDIENCE));
        form.putAll(changes);
        io.restassured.specification.RequestSpecification request = given().contentType(ContentType.URLENC);
        form.forEach((name, value) -> request.formParam(name,
                value instanceof List<?> several ? new ArrayList<>(several) : List.of(value)));
        return request.post(TOKEN);
    }

    private static void refused(Response answer, int status, String error, String mention) {
        Map<String, Object> body = answer.then().statusCode(status).contentType(ContentType.JSON)
                .header("Cache-Control", "no-store").extract().path("");
        assertThat(body).containsOnlyKeys("error", "error_description").containsEntry("error", error);
        assertThat(body.get("error_description").toString()).contains(mention)
                .as("RFC 6749 section 5.2").matches("[\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]+");
    }
}
