package dev.latchkey.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import dev.latchkey.testing.Person;
import dev.latchkey.testing.Person.Token;
import io.restassured.http.ContentType;
import io.restassured.response.Response;

/** Whoever finds a token ends it by that, and learns nothing. */
@ServiceTest
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LeakedTokensIT {

    private static final String LEAKED = Person.TOKENS + "/leaked";

    private final Person person = Person.superAdmin();

    private static Response report(Object body) {
        return given().contentType(ContentType.JSON).body(body).post(LEAKED);
    }

    private List<Map<String, Object>> log(Token token) {
        return person.asks().get("/v3/event-logs?resourceId=" + token.id()).jsonPath().getList("$");
    }

    @Test
    void whatIsRealIsRevokedWithWhatItMadeAndItsOwnerLearnsWhere() {
        Token leaked = person.token("license:read", "personalAccessToken:write");
        Token child = Person.create(leaked.secret(), new String[] { "license:read" }, Map.of());
        Token other = person.token("license:read");
        String url = "https://git.example/app/blob/main/.env?<script>alert(1)</script>";
        report(List.of(
                Map.of("token", leaked.secret(), "type", "latchkey_personal_access_token", "url", url, "source", "content"),
                Map.of("token", "lkp_" + "0".repeat(36)), Map.of("token", "AKIA0000000000000000")))
                .then().statusCode(202).body(equalTo(""));
        assertThat(leaked.status()).isEqualTo(401);
        assertThat(child.status()).isEqualTo(401);
        assertThat(other.status()).isEqualTo(200);
        person.asks().get(leaked.path()).then().body("status", equalTo("revoked"));
        List<Map<String, Object>> log = log(leaked);
        assertThat(log).extracting(entry -> (Object) entry.get("action")).startsWith("personal-access-token.revoked",
                "personal-access-token.leaked");
        assertThat(log.get(1).get("changes").toString()).contains("latchkey_personal_access_token", url, "content");
        assertThat(log.toString()).doesNotContain(leaked.secret());
        report(List.of(Map.of("token", leaked.secret()))).then().statusCode(202);
        assertThat(log(leaked)).as("told once").hasSize(log.size());
    }

    @Test
    void theAnswerIsTheSameWhateverWasFound() {
        Token real = person.token("license:read");
        Response found = report(List.of(Map.of("token", real.secret())));
        Response invented = report(List.of(Map.of("token", "lkp_" + "a".repeat(36))));
        assertThat(found.statusCode()).isEqualTo(invented.statusCode()).isEqualTo(202);
        assertThat(found.headers().asList().stream().map(header -> header.getName()))
                .isEqualTo(invented.headers().asList().stream().map(header -> header.getName()).toList());
    }

    @Test
    void aValueThatWasReplacedWithoutGraceHarmsNothing() {
        Token token = person.token("license:read");
        String now = person.asks().post(token.path() + "/rotate").then().statusCode(200).extract().path("token");
        report(List.of(Map.of("token", token.secret()))).then().statusCode(202);
        assertThat(new Token(token.id(), now).status()).isEqualTo(200);
    }

    static Stream<Arguments> badReports() {
        Map<String, Object> withoutToken = new HashMap<>();
        withoutToken.put("token", null);
        return Stream.of(Arguments.of(List.of(), "body"), Arguments.of(List.of(withoutToken), "[0].token"),
                Arguments.of(List.of(Map.of("token", "x"), Map.of("url", "https://x.example")), "[1].token"),
                Arguments.of(List.of(Map.of("token", "x".repeat(256))), "[0].token"),
                Arguments.of(List.of(Map.of("token", "x", "url", "a\u0000b")), "[0].url"),
                Arguments.of(List.of(Map.of("token", "x", "url", "x".repeat(2001))), "[0].url"),
                Arguments.of(List.of(Map.of("token", "x", "colour", "red")), "[0].colour"),
                Arguments.of(Collections.nCopies(101, Map.of("token", "x")), "body"),
                Arguments.of(Collections.singletonList(null), "[0]"));
    }

    @ParameterizedTest
    @MethodSource("badReports")
    void aReportThatCannotBeReadIsRefused(Object report, String field) {
        report(report).then().statusCode(400).body("errors.field", hasItem(field));
    }

    @Test
    void aReportIsAnArrayWithoutAnotherCredential() {
        report(Map.of("token", "x")).then().statusCode(400).body("code", equalTo("MALFORMED_JSON"));
        given().header("Authorization", "Bearer nonsense").contentType(ContentType.JSON)
                .body(List.of(Map.of("token", "x"))).post(LEAKED).then().statusCode(202);
    }

    /** The last: all come from one address. */
    @Test
    @Order(Integer.MAX_VALUE)
    void reportsAreThrottled() {
        Response last = null;
        for (int i = 0; i <= 40; i++) {
            last = report(List.of(Map.of("token", "x")));
            if (last.statusCode() == 429) {
                break;
            }
        }
        last.then().statusCode(429).header("Retry-After", "60").body("code", equalTo("TOO_MANY_REQUESTS"));
    }
}
