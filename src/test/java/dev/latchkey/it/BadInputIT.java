package dev.latchkey.it;

import static dev.latchkey.testing.Person.TOKENS;
import static dev.latchkey.testing.Person.asking;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;

import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import dev.latchkey.testing.Person;
import dev.latchkey.testing.Person.Token;
import dev.latchkey.testing.RunningService;
import io.restassured.http.ContentType;

@ServiceTest
class BadInputIT {

    private static final String FAMILY = "👨‍👩‍👧‍👦";
    private static Person person;

    @BeforeAll
    static void makePerson() {
        person = Person.superAdmin();
    }

    static Stream<Arguments> bodies() {
        String scopes = "\"scopes\":[\"license:read\"]";
        String name = "\"name\":\"n\"";
        return Stream.of(
                Arguments.of("{" + scopes + "}", "name", "missing"),
                Arguments.of("{\"name\":null," + scopes + "}", "name", "missing"),
                Arguments.of("{\"name\":\"  \"," + scopes + "}", "name", "blank"),
                Arguments.of("{\"name\":\"" + "x".repeat(256) + "\"," + scopes + "}", "name", "255"),
                Arguments.of("{\"name\":\"" + FAMILY.repeat(256) + "\"," + scopes + "}", "name", "255"),
                Arguments.of("{\"name\":\"a\\u0000b\"," + scopes + "}", "name", "control"),
                Arguments.of("{\"name\":\"a\\nb\"," + scopes + "}", "name", "control"),
                Arguments.of("{\"name\":\"a\\u202eb\"," + scopes + "}", "name", "control"),
                Arguments.of("{\"name\":\"a\\ud800\"," + scopes + "}", "name", "control"),
                Arguments.of("{\"name\":7," + scopes + "}", "name", "a string"),
                Arguments.of("{" + name + "}", "scopes", "missing"),
                Arguments.of("{" + name + ",\"scopes\":[]}", "scopes", "empty"),
                Arguments.of("{" + name + ",\"scopes\":null}", "scopes", "missing"),
                Arguments.of("{" + name + ",\"scopes\":\"license:read\"}", "scopes", "a list"),
                Arguments.of("{" + name + ",\"scopes\":[1]}", "scopes[0]", "a string"),
                Arguments.of("{" + name + ",\"scopes\":[null]}", "scopes[0]", "null"),
                Arguments.of("{" + name + ",\"scopes\":[\"license:read\",\"no:such\",\"License:read\"]}", "scopes",
                        "'no:such', 'License:read'"),
                Arguments.of("{" + name + ",\"scopes\":[" + Stream.generate(() -> "\"license:read\"").limit(1000)
                        .collect(Collectors.joining(",")) + "]}", "scopes", "too many"),
                Arguments.of("{" + name + "," + scopes + ",\"expiresAt\":\"2020-01-01T00:00:00Z\"}", "expiresAt", "past"),
                Arguments.of("{" + name + "," + scopes + ",\"expiresAt\":\"soon\"}", "expiresAt", "RFC 3339"),
                Arguments.of("{" + name + "," + scopes + ",\"expiresAt\":\"2030-01-01\"}", "expiresAt", "2027-01-31T12:00:00Z"),
                Arguments.of("{" + name + "," + scopes + ",\"expiresAt\":\"2030-01-01T00:00:00\"}", "expiresAt", "zone"),
                Arguments.of("{" + name + "," + scopes + ",\"expiresAt\":\"10000-01-01T00:00:00Z\"}", "expiresAt", "RFC 3339"),
                Arguments.of("{" + name + "," + scopes + ",\"expiresAt\":\"2030-02-30T00:00:00Z\"}", "expiresAt", "RFC 3339"),
                Arguments.of("{" + name + "," + scopes + ",\"expiresAt\":1893456000}", "expiresAt", "RFC 3339"),
                Arguments.of("{" + name + "," + scopes + ",\"allowedIps\":[\"10.0.0.1/8\"]}", "allowedIps[0]", "host bits"),
                Arguments.of("{" + name + "," + scopes + ",\"allowedIps\":[\"::1\",\"example.com\"]}", "allowedIps[1]",
                        "example.com"),
                Arguments.of("{" + name + "," + scopes + ",\"tags\":[\"\"]}", "tags[0]", "blank"),
                Arguments.of("{" + name + "," + scopes + ",\"description\":\"" + "x".repeat(1001) + "\"}", "description",
                        "1000"),
                Arguments.of("{" + name + "," + scopes + ",\"expireAt\":\"2030-01-01T00:00:00Z\"}", "expireAt", "spelling"));
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void aWrongFieldIsNamedWithTheRemedyAndNothingIsStored(String body, String field, String remedy) {
        long before = count();
        person.asks().body(body).post(TOKENS).then().statusCode(400)
                .body("code", equalTo("VALIDATION_FAILED"))
                .body("message", containsString(field.replaceAll("\\[.*", "")))
                .body("errors[0].field", equalTo(field))
                .body("errors[0].message", containsString(remedy));
        assertThat(count()).isEqualTo(before);
    }

    @Test
    void everyWrongFieldIsNamedAtOnce() {
        person.asks().body("{\"name\":\"\",\"scopes\":[]}").post(TOKENS).then().statusCode(400)
                .body("errors.field", equalTo(List.of("name", "scopes")));
    }

    @Test
    void emojiCountAsCharacters() {
        Token token = person.token(java.util.Map.of("name", FAMILY.repeat(100)), "license:read");
        person.asks().get(token.path()).then().body("name", equalTo(FAMILY.repeat(100)));
    }

    @Test
    void aNameOfManyBytesIsKept() {
        java.util.Random random = new java.util.Random(1);
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < 255; i++) {
            name.appendCodePoint(0x4e00 + random.nextInt(20_000));
            for (int j = 0; j < 7; j++) {
                name.appendCodePoint(0xe0100 + random.nextInt(200));
            }
        }
        Token token = person.token(java.util.Map.of("name", name.toString()), "license:read");
        person.asks().get(token.path()).then().body("name", equalTo(name.toString()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = { "{", "{\"name\":", "[]", "\"text\"", "nonsense", "{} {}",
            "{\"name\":\"a\",\"name\":\"b\"}" })
    void malformedJsonIs400(String body) {
        person.asks().body(body).post(TOKENS).then().statusCode(400).body("code", equalTo("MALFORMED_JSON"))
                .body("message", not(containsString("jackson"))).body("message", not(containsString("Exception")));
    }

    @Test
    void aMissingBodyIs400() {
        person.asks().post(TOKENS).then().statusCode(400).body("message", containsString("body"));
        person.asks().body("null").post(TOKENS).then().statusCode(400);
    }

    @Test
    void anotherContentTypeIs415() {
        given().header("Authorization", "Bearer " + person.session).contentType("text/xml").body("<a/>").post(TOKENS).then()
                .statusCode(415).body("code", equalTo("UNSUPPORTED_MEDIA_TYPE"));
    }

    @Test
    void aBodyOver64KiBIs413() {
        person.asks().body("{\"name\":\"" + "x".repeat(70_000) + "\"}").post(TOKENS).then().statusCode(413)
                .contentType(ContentType.JSON).body("code", equalTo("BODY_TOO_LARGE"));
    }

    static Stream<Arguments> refusedAuthorization() {
        return Stream.of(
                Arguments.of("Basic YWRtaW46YWRtaW4="),
                Arguments.of("Bearer"),
                Arguments.of("Bearer "),
                Arguments.of("Bearer lkp_"),
                Arguments.of("Bearer lkp_0123456789012345678901234567890000000"),
                Arguments.of("Bearer lkp_000000000000000000000000000000000000"),
                Arguments.of("Bearer " + "x".repeat(8192)),
                Arguments.of("Bearer lkp_" + "x".repeat(8192)),
                Arguments.of("Bearer a.b.c"),
                Arguments.of("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0."),
                Arguments.of("Token lkp_000000000000000000000000000000000000"),
                Arguments.of("lkp_000000000000000000000000000000000000"));
    }

    @ParameterizedTest
    @MethodSource("refusedAuthorization")
    void aCredentialThatIsNoneIs401(String authorization) {
        given().header("Authorization", authorization).get("/v3/me").then().statusCode(401)
                .body("code", equalTo("INVALID_TOKEN"))
                .header("WWW-Authenticate", containsString("error=\"invalid_token\""))
                .header("X-Request-Id", notNullValue());
    }

    @Test
    void withoutACredentialThereIsAChallengeWithoutAnError() {
        given().get("/v3/me").then().statusCode(401).body("code", equalTo("UNAUTHENTICATED"))
                .header("WWW-Authenticate", equalTo("Bearer realm=\"latchkey\""));
    }

    @Test
    void theSchemeIsCaseInsensitive() {
        Token token = person.token("license:read");
        given().header("Authorization", "bearer " + token.secret()).get("/v3/me").then().statusCode(200);
        given().header("authorization", "BEARER  " + token.secret()).get("/v3/me").then().statusCode(200);
    }

    @Test
    void twoAuthorizationHeadersAreRefused() {
        Token token = person.token("license:read");
        given().header("Authorization", "Bearer " + token.secret(), "Bearer " + token.secret()).get("/v3/me").then()
                .statusCode(401);
    }

    @Test
    void aTamperedSessionIsRefused() {
        String[] parts = person.session.split("\\.");
        for (String forged : List.of(parts[0] + "." + parts[1] + ".", parts[0] + "." + parts[1] + "." + parts[2].substring(1),
                parts[0] + ".e30." + parts[2])) {
            asking(forged).get("/v3/me").then().statusCode(401);
        }
    }

    @Test
    void anIdThatIsNoneIsOfAnotherAccountOrIsDeletedAnswersTheSame() {
        Token deleted = person.token("license:read");
        person.asks().delete(deleted.path());
        Token foreign = Person.superAdmin().token("license:read");
        String expected = person.asks().get(TOKENS + "/not-a-uuid").then().statusCode(404).extract().asString();
        for (String path : List.of(deleted.path(), foreign.path(), TOKENS + "/00000000-0000-0000-0000-000000000000",
                TOKENS + "/" + deleted.id().toUpperCase(), TOKENS + "/1-1-1-1-1")) {
            assertThat(person.asks().get(path).then().statusCode(404).extract().asString()).as(path).isEqualTo(expected);
            assertThat(person.asks().delete(path).then().statusCode(404).extract().asString()).as(path).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource({ "page=0, page", "page=-1, page", "page=abc, page", "page=, page", "limit=0, limit", "limit=101, limit",
            "limit=-1, limit", "limit=abc, limit", "sort=digest, sort", "sort=--name, sort", "status=lost, status",
            "userId=7, userId", "createdAt[gt]=yesterday, createdAt", "createdAt[like]=x, createdAt[like]",
            "expiresAt[lt]=2030-01-01, expiresAt", "name[gt]=a, name[gt]", "colour=red, colour", "cursor=abc, cursor",
            "cursor=WyJuYW1lIl0, cursor",
            "cursor=WyJuYW1lIiwiPiIsIjAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMCIsbnVsbF0, cursor", "page=1&page=2, page",
            "tag=%00, tag", "unusedSince=yesterday, unusedSince", "unusedSince[gt]=2027-01-01T00:00:00Z, unusedSince",
            "name=a%00b, name", "query=%00, query" })
    void aWrongParameterOfAListIsNamed(String query, String field) {
        person.asks().urlEncodingEnabled(false).get(TOKENS + "?" + query.replace("[", "%5B").replace("]", "%5D")).then()
                .statusCode(400)
                .body("errors[0].field", equalTo(field));
    }

    @Test
    void aPageBeyondRow10000PointsAtTheCursor() {
        person.asks().queryParam("page", 101).queryParam("limit", 100).get(TOKENS).then().statusCode(400)
                .body("message", containsString("cursor"));
        person.asks().queryParam("page", 100).queryParam("limit", 100).get(TOKENS).then().statusCode(200);
    }

    @ParameterizedTest
    @CsvSource({ "-1, 0 or more", "604801, 604800", "\"x\", a number", "1.5, number", "\" \", number", "\"\", number" })
    void aWrongGracePeriodIsNamed(String seconds, String remedy) {
        Token token = person.token("license:read");
        person.asks().body("{\"gracePeriodSeconds\":" + seconds + "}").post(token.path() + "/rotate").then().statusCode(400)
                .body("errors[0].field", equalTo("gracePeriodSeconds"));
        assertThat(token.status()).isEqualTo(200);
    }

    @Test
    void whatDoesNotExistIs404AndWhatCannotBeDoneIs405WithTheErrorBody() {
        for (String path : List.of("/nothing", "/v3", "/v3/nothing", "/v3/personal-access-tokens/a/b/c", "/q/nothing")) {
            given().get(path).then().statusCode(404).contentType(ContentType.JSON).body("code", equalTo("NOT_FOUND"))
                    .header("X-Request-Id", notNullValue());
        }
        person.asks().put(TOKENS).then().statusCode(405).body("code", equalTo("METHOD_NOT_ALLOWED"));
        given().options(TOKENS).then().statusCode(200).header("Allow", containsString("POST"));
        given().header("Accept", "text/plain").get("/v3/scopes").then().statusCode(406).contentType(ContentType.JSON);
    }

    @Test
    void requestIdsAreKeptIfTheyAreHarmless() {
        given().header("X-Request-Id", "abc-123_4.5").get("/v3/scopes").then().header("X-Request-Id", equalTo("abc-123_4.5"));
        given().header("X-Request-Id", "a b\"c").get("/v3/scopes").then().header("X-Request-Id", not(equalTo("a b\"c")));
        given().header("X-Request-Id", "x".repeat(65)).get("/v3/scopes").then().header("X-Request-Id",
                not(containsString("xxx")));
    }

    @Test
    void listsNestedTwoThousandDeepDoNoHarm() {
        person.asks().body("{\"scopes\":" + String.join("", Collections.nCopies(2_000, "[")) + "}").post(TOKENS).then()
                .statusCode(400);
        assertThat(IntStream.range(0, 3).map(i -> person.asks().get("/v3/me").statusCode())).containsOnly(200);
    }

    private static long count() {
        return RunningService.database().<Long> value("SELECT count(*) FROM personal_access_token WHERE account_id = ?",
                person.accountId);
    }
}
