package dev.latchkey.it;

import static dev.latchkey.testing.Person.TOKENS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import dev.latchkey.testing.Person;
import dev.latchkey.testing.Person.Token;
import io.restassured.response.Response;

/** How often tokens may be used: who says so, and what happens then. GatewayIT asks every door the same. */
@ServiceTest
class RateLimitIT {

    private final Person person = Person.superAdmin();
    private final String account = "/v3/accounts/" + person.accountId;

    private static Map<String, Object> limit(int requests, int window) {
        return Map.of("requests", requests, "window", window);
    }

    private static Map<String, Object> wanted(Object rateLimit) {
        Map<String, Object> body = new HashMap<>(Map.of("name", "a token", "scopes", List.of("license:read")));
        body.put("rateLimit", rateLimit);
        return body;
    }

    private void policy(Map<String, ?> policy) {
        person.asks().body(Map.of("tokenPolicy", policy)).patch(account).then().statusCode(200);
    }

    private static Map<String, Object> withNull(String field) {
        Map<String, Object> body = new HashMap<>();
        body.put(field, null);
        return body;
    }

    @Test
    void aTokenIsUsedAsOftenAsItSays() {
        Token token = person.token(wanted(limit(3, 3600)), "license:read");
        for (int left = 2; left >= 0; left--) {
            token.asks().get("/v3/me").then().statusCode(200).header("RateLimit-Policy", "\"token\";q=3;w=3600")
                    .header("RateLimit", matchesPattern("\"token\";r=" + left + ";t=[0-9]+"));
        }
        Response refused = token.asks().get("/v3/me");
        refused.then().statusCode(429).body("code", equalTo("TOO_MANY_REQUESTS"))
                .body("message", containsString("3 requests in 3600 s"))
                .header("RateLimit-Policy", "\"token\";q=3;w=3600")
                .header("RateLimit", matchesPattern("\"token\";r=0;t=[0-9]+"));
        assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(1, 1200);
        person.asks().get("/v3/me").then().statusCode(200).header("RateLimit", nullValue());
        person.asks().get(token.path()).then().statusCode(200).body("rateLimit", equalTo(limit(3, 3600)))
                .body("effectiveRateLimit", equalTo(limit(3, 3600)));
        person.asks().body(Map.of("revoked", true)).patch(token.path()).then().statusCode(200);
        assertThat(token.status()).as("revoked counts more than used up").isEqualTo(401);
    }

    @Test
    void aRequestThatIsRefusedForItsScopeIsAUse() {
        Token token = person.token(wanted(limit(2, 3600)), "license:read");
        for (int i = 0; i < 2; i++) {
            token.asks().get("/v3/users").then().statusCode(403);
        }
        token.asks().get("/v3/users").then().statusCode(429);
    }

    @Test
    void whatIsUsedUpIsToldToIntrospectionAndRevocationGoesOn() {
        Token token = person.token(wanted(limit(1, 3600)), "license:read");
        assertThat(token.status()).isEqualTo(200);
        assertThat(token.status()).isEqualTo(429);
        Person.Machine machine = person.machine("introspection");
        machine.introspect(token.secret()).then().statusCode(429).body("error", equalTo("temporarily_unavailable"));
        Person.asking(token.secret()).contentType("application/x-www-form-urlencoded").formParam("token", token.secret())
                .post("/oauth2/revoke").then().statusCode(200);
        assertThat(token.status()).isEqualTo(401);
    }

    @Test
    void aLimitThatChangesActsAtOnceAndFillsNothing() {
        Token token = person.token("license:read");
        assertThat(token.status()).isEqualTo(200);
        person.asks().get(token.path()).then().body("rateLimit", nullValue()).body("$", not(hasKey("effectiveRateLimit")));
        person.asks().body(Map.of("rateLimit", limit(1, 3600))).patch(token.path()).then().statusCode(200)
                .body("rateLimit", equalTo(limit(1, 3600)));
        assertThat(token.status()).isEqualTo(200);
        assertThat(token.status()).isEqualTo(429);
        person.asks().body(Map.of("rateLimit", limit(5, 3600))).patch(token.path()).then().statusCode(200);
        assertThat(token.status()).as("whoever is out of requests does not get new ones by another limit").isEqualTo(429);
        person.asks().body(withNull("rateLimit")).patch(token.path()).then().statusCode(200).body("rateLimit", nullValue());
        assertThat(token.status()).isEqualTo(200);
        assertThat(person.asks().get("/v3/personal-access-tokens/" + token.id() + "/event-logs")
                .<List<List<String>>> path("changes.field")).as("written down").anySatisfy(
                        fields -> assertThat(fields).contains("rateLimit"));
    }

    @Test
    void theAccountSaysHowOftenTokensAreUsedThatDoNotSayItThemselves() {
        Token usual = person.token("license:read");
        Token own = person.token(wanted(limit(3, 3600)), "license:read");
        assertThat(usual.status()).isEqualTo(200);
        policy(Map.of("rateLimit", limit(2, 3600)));
        person.asks().get(account).then().body("tokenPolicy.rateLimit", equalTo(limit(2, 3600)))
                .body("tokenPolicy.rateLimitIsMaximum", equalTo(false));
        assertThat(Stream.generate(usual::status).limit(3)).containsExactly(200, 200, 429);
        assertThat(Stream.generate(own::status).limit(4)).containsExactly(200, 200, 200, 429);
        person.asks().get(usual.path()).then().body("rateLimit", nullValue()).body("effectiveRateLimit",
                equalTo(limit(2, 3600)));
        policy(withNull("rateLimit"));
        assertThat(usual.status()).isEqualTo(200);
    }

    @Test
    void aMaximumBindsTokensThatSayMore() {
        Token wider = person.token(wanted(limit(100, 3600)), "license:read");
        policy(Map.of("rateLimit", limit(10, 60), "rateLimitIsMaximum", true));
        person.asks().get(wider.path()).then().body("rateLimit", equalTo(limit(100, 3600)))
                .body("effectiveRateLimit", equalTo(limit(10, 60)));
        for (Map<String, Object> tooWide : List.of(limit(11, 60), limit(10, 59), limit(11, 3600))) {
            person.asks().body(wanted(tooWide)).post(TOKENS).then().statusCode(400)
                    .body("errors[0].field", equalTo("rateLimit"))
                    .body("errors[0].message", containsString("10 requests in 60 s"));
            person.asks().body(Map.of("rateLimit", tooWide)).patch(wider.path()).then().statusCode(400)
                    .body("errors[0].field", equalTo("rateLimit"));
        }
        person.asks().body(wanted(limit(10, 60))).post(TOKENS).then().statusCode(201);
        person.asks().body(wanted(limit(1, 6))).post(TOKENS).then().statusCode(201);
        person.asks().body(Map.of("name", "renamed")).patch(wider.path()).then().statusCode(200);
    }

    @Test
    void aTokenHandsOutNoWiderLimitThanItsOwn() {
        Token parent = person.token(Map.of("rateLimit", limit(60, 60)), "license:read", "personalAccessToken:write");
        for (Object wider : new Object[] { limit(61, 60), limit(60, 59), limit(120, 120) }) {
            parent.asks().body(wanted(wider)).post(TOKENS).then().statusCode(403).body("code", equalTo("SCOPE_NOT_GRANTABLE"))
                    .body("message", containsString("rateLimit"));
        }
        parent.asks().body(wanted(null)).post(TOKENS).then().statusCode(403).body("message", containsString("rateLimit"));
        parent.asks().body(withNull("rateLimit")).patch(TOKENS + "/" + parent.id()).then().statusCode(403);
        parent.asks().body(Map.of("rateLimit", limit(61, 60))).patch(TOKENS + "/" + parent.id()).then().statusCode(403);
        parent.asks().body(wanted(limit(30, 30))).post(TOKENS).then().statusCode(201);
        parent.asks().body(Map.of("rateLimit", limit(59, 60))).patch(TOKENS + "/" + parent.id()).then().statusCode(200);
    }

    static Stream<Arguments> badLimits() {
        return Stream.of(Arguments.of(Map.of("requests", 0, "window", 1), "rateLimit.requests"),
                Arguments.of(Map.of("requests", -1, "window", 1), "rateLimit.requests"),
                Arguments.of(Map.of("requests", 1_000_001, "window", 1), "rateLimit.requests"),
                Arguments.of(Map.of("requests", 1, "window", 0), "rateLimit.window"),
                Arguments.of(Map.of("requests", 1, "window", 86_401), "rateLimit.window"),
                Arguments.of(Map.of("requests", 1), "rateLimit.window"),
                Arguments.of(Map.of("window", 1), "rateLimit.requests"),
                Arguments.of(Map.of(), "rateLimit.requests"),
                Arguments.of(Map.of("requests", "many", "window", 1), "rateLimit.requests"),
                Arguments.of(Map.of("requests", 1.5, "window", 1), "rateLimit.requests"),
                Arguments.of(Map.of("requests", 1, "window", 1, "burst", 2), "rateLimit.burst"),
                Arguments.of("60/m", "rateLimit"),
                Arguments.of(List.of(1, 1), "rateLimit"));
    }

    @ParameterizedTest
    @MethodSource("badLimits")
    void eachFieldIsChecked(Object bad, String field) {
        Token token = person.token("license:read");
        person.asks().body(wanted(bad)).post(TOKENS).then().statusCode(400).body("errors.field", hasItem(field));
        person.asks().body(Map.of("rateLimit", bad)).patch(token.path()).then().statusCode(400).body("errors.field",
                hasItem(field));
        person.asks().body(Map.of("tokenPolicy", Map.of("rateLimit", bad))).patch(account).then().statusCode(400)
                .body("errors.field", hasItem("tokenPolicy." + field));
    }
}
