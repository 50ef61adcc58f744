package dev.latchkey.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.latchkey.testing.Person;
import dev.latchkey.testing.Person.Token;
import dev.latchkey.testing.RunningService;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;

/** What became of the requests with a token and with an account's tokens, and what tokens there are. */
@ServiceTest
class AnalyticsIT {

    private static final String REQUESTS = "/v3/analytics/requests";
    private static final String COUNTS = "/v3/analytics/tokens";
    private static final String TOP = "/v3/analytics/top-tokens";
    private static final String SCOPES = "/v3/analytics/scopes";

    private final Person person = Person.superAdmin();
    private final Token token = person.token("license:read");

    /** Uses of a token in an hour, as they are stored. */
    private static void used(Token token, String hour, String outcome, int uses) {
        RunningService.database().execute("INSERT INTO token_usage_hourly VALUES (?::uuid, ?::timestamptz, ?, ?)", token.id(),
                hour,
                outcome, uses);
    }

    @Test
    void theUseOfATokenIsCountedByHourOrDayAndByOutcome() {
        used(token, "2026-03-01T22:00:00Z", "ALLOWED", 5);
        used(token, "2026-03-01T23:00:00Z", "ALLOWED", 7);
        used(token, "2026-03-01T23:00:00Z", "IP_NOT_ALLOWED", 2);
        used(token, "2026-03-02T00:00:00Z", "REVOKED", 1);
        person.asks().queryParam("from", "2026-03-01T22:30:00Z").queryParam("to", "2026-03-01T23:00:01Z")
                .get(token.path() + "/usage").then().statusCode(200)
                .body("from", equalTo("2026-03-01T22:00:00Z")).body("to", equalTo("2026-03-02T00:00:00Z"))
                .body("interval", equalTo("hour"))
                .body("points.time", equalTo(List.of("2026-03-01T22:00:00Z", "2026-03-01T23:00:00Z", "2026-03-01T23:00:00Z")))
                .body("points.outcome", equalTo(List.of("allowed", "allowed", "IP_NOT_ALLOWED")))
                .body("points.requests", equalTo(List.of(5, 7, 2)));
        person.asks().queryParam("from", "2026-03-01T22:00:00Z").queryParam("to", "2026-03-02T00:00:01Z")
                .queryParam("interval", "day").get(token.path() + "/usage").then().statusCode(200)
                .body("from", equalTo("2026-03-01T00:00:00Z")).body("to", equalTo("2026-03-03T00:00:00Z"))
                .body("points.time", equalTo(List.of("2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z")))
                .body("points.outcome", equalTo(List.of("allowed", "IP_NOT_ALLOWED", "TOKEN_REVOKED")))
                .body("points.requests", equalTo(List.of(12, 2, 1)));
    }

    @Test
    void onlyWhoeverSeesATokenSeesItsUse() {
        Person colleague = person.colleagueWithRole("user");
        colleague.asks().get(token.path() + "/usage").then().statusCode(404);
        Person.superAdmin().asks().get(token.path() + "/usage").then().statusCode(404);
        token.asks().get(token.path() + "/usage").then().statusCode(403);
        Token colleagues = colleague.token("license:read");
        person.asks().get(colleagues.path() + "/usage").then().statusCode(200);
        person.asks().get(token.path() + "x/usage").then().statusCode(404);
    }

    @ParameterizedTest
    @CsvSource({ "from=yesterday, from", "to=2026-03-01, to", "interval=week, interval", "form=2026-03-01T00:00:00Z, form",
            "from=2026-03-01T00:00:00Z&to=2026-03-01T00:00:00Z, from",
            "from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:01Z, from",
            "from=2025-01-01T00:00:00Z&to=2026-02-06T00:00:00Z&interval=day, from", "interval=day&interval=day, interval" })
    void aPeriodThatIsNoneOrTooLongIsNamed(String query, String field) {
        person.asks().get(token.path() + "/usage?" + query).then().statusCode(400).body("errors[0].field", equalTo(field));
    }

    @Test
    void aPeriodMayBeAsLongAsItSays() {
        for (String query : List.of("from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z",
                "from=2025-01-01T00:00:00Z&to=2026-02-05T00:00:00Z&interval=day")) {
            assertThat(person.asks().get(token.path() + "/usage?" + query).statusCode()).isEqualTo(200);
        }
    }

    // --- The account ---

    private static void usedInAccount(Person person, String hour, String outcome, int uses) {
        RunningService.database().execute("INSERT INTO account_usage_hourly VALUES (?, ?::timestamptz, ?, ?)", person.accountId,
                hour,
                outcome, uses);
    }

    private static void usedInADay(Person person, Token token, String day, int uses, int refused) {
        RunningService.database().execute("INSERT INTO token_usage_daily VALUES (?, ?::uuid, ?::date, ?, ?)", person.accountId,
                token.id(), day, uses, refused);
    }

    @Test
    void theRequestsOfAnAccountAreCountedByHourOrDayAndByOutcomeAndNobodyElses() {
        usedInAccount(person, "2026-03-01T23:00:00Z", "ALLOWED", 5);
        usedInAccount(person, "2026-03-01T22:00:00Z", "ALLOWED", 2);
        usedInAccount(person, "2026-03-01T23:00:00Z", "OWNER_DISABLED", 3);
        usedInAccount(Person.superAdmin(), "2026-03-01T23:00:00Z", "ALLOWED", 100);
        used(token, "2026-03-01T23:00:00Z", "ALLOWED", 4);
        requests("").body("interval", equalTo("hour")).body("points.requests", equalTo(List.of(2, 5, 3)))
                .body("points.outcome", equalTo(List.of("allowed", "allowed", "OWNER_DISABLED")));
        requests("&interval=day").body("points.requests", equalTo(List.of(7, 3))).body("points.time[0]",
                equalTo("2026-03-01T00:00:00Z"));
        requests("&outcome=OWNER_DISABLED").body("points.requests", equalTo(List.of(3)));
        requests("&tokenId=" + token.id()).body("points.requests", equalTo(List.of(4)));
        requests("&outcome=TOKEN_REVOKED&tokenId=" + token.id()).body("points", equalTo(List.of()));
    }

    private ValidatableResponse requests(String more) {
        return person.asks().get(REQUESTS + "?from=2026-03-01T00:00:00Z&to=2026-03-02T00:00:00Z" + more).then().statusCode(200);
    }

    @Test
    void tokensAreCountedByWhatTheyAre() {
        Token expiring = person.token("license:read", "tag:read");
        Token expired = person.token("license:read", "product:read");
        Token revoked = person.token("license:read", "product:read");
        Token unused = person.token("license:read");
        Token usedOnce = person.token("license:read");
        Token usedNow = person.token("license:read");
        Person.superAdmin().token("license:read");
        set(expiring, "expires_at = now() + interval '6 days'");
        set(expired, "expires_at = now() - interval '1 second'");
        set(revoked, "revoked_at = now(), expires_at = now() - interval '1 second'");
        for (Token old : List.of(expired, unused, usedOnce, usedNow)) {
            set(old, "created_at = now() - interval '91 days'");
        }
        RunningService.database().execute("UPDATE token_usage SET last_used_at = now() - interval '91 days' WHERE token_id = "
                + "?::uuid", usedOnce.id());
        RunningService.database().execute("UPDATE token_usage SET last_used_at = now() WHERE token_id = ?::uuid", usedNow.id());
        assertThat(person.asks().get(COUNTS).<Map<String, Integer>> path("")).isEqualTo(
                Map.of("active", 5, "expiring", 1, "expired", 1, "revoked", 1, "unused", 2));
        List<String> unusedInList = person.asks().get("/v3/personal-access-tokens?status=active&unusedSince="
                + Instant.now().minus(90, ChronoUnit.DAYS)).path("id");
        assertThat(unusedInList).as("as the list finds them").containsExactlyInAnyOrder(unused.id(), usedOnce.id());

        Map<String, Integer> byScope = new HashMap<>();
        person.asks().get(SCOPES).<List<Map<String, Object>>> path("")
                .forEach(entry -> byScope.put((String) entry.get("scope"), (Integer) entry.get("tokens")));
        assertThat(byScope.keySet()).containsExactlyInAnyOrderElementsOf(RunningService.allScopes());
        assertThat(byScope).containsEntry("license:read", 5).containsEntry("tag:read", 1).containsEntry("product:read", 0);
    }

    private static void set(Token token, String what) {
        RunningService.database().execute("UPDATE personal_access_token SET " + what + " WHERE id = ?::uuid", token.id());
    }

    @Test
    void theTokensThatAreUsedMostAreThoseThatTheCallerSees() {
        Person colleague = person.colleagueWithRole("user");
        Token theirs = colleague.token(Map.of("name", "pipeline"), "license:read");
        Token third = person.token("license:read");
        Person stranger = Person.superAdmin();
        usedInADay(stranger, stranger.token("license:read"), "2026-03-02", 1000, 0);
        usedInADay(person, token, "2026-03-01", 100, 0);
        usedInADay(person, token, "2026-03-02", 1, 1);
        usedInADay(person, token, "2026-03-03", 3, 0);
        usedInADay(colleague, theirs, "2026-03-02", 5, 2);
        usedInADay(person, third, "2026-03-03", 2, 0);
        String period = "?from=2026-03-02T15:00:00Z&to=2026-03-03T00:00:01Z";
        Response top = person.asks().get(TOP + period);
        top.then().statusCode(200).body("id", equalTo(List.of(theirs.id(), token.id(), third.id())))
                .body("requests", equalTo(List.of(5, 4, 2))).body("refused", equalTo(List.of(2, 1, 0)))
                .body("[0].name", equalTo("pipeline")).body("[0].ownerEmail", equalTo(colleague.email));
        assertThat(theirs.secret()).startsWith(top.<String> path("[0].hint").replace("…", ""));
        person.asks().get(TOP + period + "&limit=1").then().body("id", equalTo(List.of(theirs.id())));
        person.asks().get(TOP + "?to=2026-03-08T00:00:00Z").then().body("requests", equalTo(List.of(104, 5, 2)));
        colleague.asks().get(TOP + period).then().body("id", equalTo(List.of(theirs.id())));
        colleague.asks().queryParam("tokenId", token.id()).get(REQUESTS).then().statusCode(404);
        person.asks().queryParam("tokenId", stranger.token("tag:read").id()).get(REQUESTS).then().statusCode(404);
    }

    @Test
    void analyticsNeedTheirScopeAndNameWrongParameters() {
        Token may = person.token("analytics:read");
        for (String path : List.of(REQUESTS, COUNTS, TOP, SCOPES)) {
            person.token("tag:read", "user:write").asks().get(path).then().statusCode(403).body("code",
                    equalTo("INSUFFICIENT_SCOPE"));
            may.asks().get(path).then().statusCode(200);
            may.asks().get(path + "?colour=red").then().statusCode(400).body("errors[0].field", equalTo("colour"));
        }
        for (String wrong : List.of(REQUESTS + "?outcome=ALLOWED", REQUESTS + "?tokenId=7", TOP + "?limit=0",
                TOP + "?limit=101",
                TOP + "?from=2026-01-01T00:00:00Z")) {
            may.asks().get(wrong).then().statusCode(400).body("errors[0].field",
                    equalTo(wrong.replaceAll(".*\\?(.*)=.*", "$1")));
        }
    }

    @Test
    void requestsAreCountedByTheScopesOfTheTokens() {
        Token both = person.token("license:read", "tag:read");
        usedInADay(person, token, "2026-03-01", 5, 1);
        usedInADay(person, both, "2026-03-01", 7, 0);
        usedInADay(person, both, "2026-03-02", 7, 2);
        usedInADay(person, both, "2026-04-02", 100, 0);
        Person other = Person.superAdmin();
        usedInADay(other, other.token("license:read"), "2026-03-01", 100, 0);
        person.asks().get("/v3/analytics/scopes/requests?from=2026-03-01T12:00:00Z&to=2026-03-02T12:00:00Z").then()
                .statusCode(200)
                .body("scope", equalTo(List.of("license:read", "tag:read"))).body("requests", equalTo(List.of(19, 14)))
                .body("refused", equalTo(List.of(3, 2)));
        person.asks().get("/v3/analytics/scopes/requests?from=2026-01-01T00:00:00Z&to=2026-03-02T12:00:00Z").then()
                .statusCode(400);
    }

    @Test
    void tokensThatNobodyUsesAndThatEndSoonAreListedToWhoeverSeesThem() {
        Token old = person.token("license:read");
        RunningService.database().execute(
                "UPDATE personal_access_token SET created_at = now() - interval '100 days' WHERE id = ?::uuid",
                old.id());
        Token soon = person.token(Map.of("expiresAt", Instant.now().plus(Duration.ofDays(10)).toString()), "license:read");
        person.token(Map.of("expiresAt", Instant.now().plus(Duration.ofDays(40)).toString()), "license:read");
        Token sooner = person.token(Map.of("expiresAt", Instant.now().plus(Duration.ofDays(5)).toString()), "license:read");
        person.asks().get("/v3/analytics/unused-tokens").then().statusCode(200).body("id", equalTo(List.of(old.id())));
        person.asks().get("/v3/analytics/unused-tokens?days=101").then().body("id", equalTo(List.of()));
        person.asks().get("/v3/analytics/expiring-tokens").then().statusCode(200).body("id",
                equalTo(List.of(sooner.id(), soon.id())));
        person.asks().get("/v3/analytics/expiring-tokens?limit=1").then().body("id", equalTo(List.of(sooner.id())));
        Person colleague = person.colleague("analytics:read");
        colleague.asks().get("/v3/analytics/expiring-tokens").then().body("id", equalTo(List.of()));
        for (String bad : List.of("days=0", "days=3651", "limit=101", "sort=name")) {
            person.asks().get("/v3/analytics/unused-tokens?" + bad).then().statusCode(400).body("errors[0].field",
                    equalTo(bad.substring(0, bad.indexOf('='))));
        }
    }
}
