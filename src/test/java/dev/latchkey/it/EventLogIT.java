package dev.latchkey.it;

import static dev.latchkey.testing.Person.PASSWORD;
import static dev.latchkey.testing.Person.TOKENS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import dev.latchkey.testing.Person;
import dev.latchkey.testing.Person.Token;
import dev.latchkey.testing.RunningService;
import io.restassured.response.Response;

@ServiceTest
class EventLogIT {

    private final Person person = Person.superAdmin();

    @Test
    void everyStepInATokensLifeIsWrittenWithWhoWhereAndWhatChanged() {
        Token token = person.token("license:read", "tag:read", "personalAccessToken:write");
        person.asks().header("X-Request-Id", "the-edit").header("User-Agent", "tester/1").body(Map.of("name", "renamed"))
                .patch(token.path());
        person.asks().post(token.path() + "/rotate");
        person.asks().body(Map.of("revoked", true)).patch(token.path());
        person.asks().delete(token.path());
        assertThat(actions(token)).isEqualTo("personal-access-token.created,personal-access-token.updated,"
                + "personal-access-token.rotated,personal-access-token.revoked,personal-access-token.deleted");
        String edit = RunningService.database().value("SELECT jsonb_build_object('changes', changes, 'user', user_id, 'type', "
                + "credential_type, 'agent', user_agent, 'address', ip_address)::text FROM event_log WHERE request_id = 'the-edit' "
                + "AND account_id = ?", person.accountId);
        assertThat(edit).contains("{\"new\": \"renamed\", \"old\": \"a token\", \"field\": \"name\"}")
                .contains(person.id.toString())
                .contains("\"session\"").contains("tester/1").containsAnyOf("127.0.0.1", "::1");
    }

    @Test
    void whatATokenDoesIsWrittenWithTheToken() {
        Token parent = person.token("license:read", "personalAccessToken:write");
        Token child = Person.create(parent.secret(), new String[] { "license:read" }, Map.of());
        String credential = RunningService.database().value(
                "SELECT credential_type || ' ' || credential_id FROM event_log WHERE resource_id = ?::uuid", child.id());
        assertThat(credential).isEqualTo("personal-access-token " + parent.id());
        parent.asks().delete(TOKENS + "/self");
        assertThat(actions(child)).endsWith("personal-access-token.revoked");
    }

    @Test
    void signInsGoodAndBadAreWrittenAndNeverWhatWasTyped() {
        Person.signIn(person.alias, person.email, "wrong password");
        Person.signIn(person.alias, "secret-typed-into-the-wrong-field@example.com", PASSWORD);
        person.asks().post("/v3/accounts/logout");
        String actions = RunningService.database().value(
                "SELECT string_agg(action || coalesce(user_id::text, '-'), ',' ORDER BY id) FROM event_log WHERE account_id = ? "
                        + "AND resource = 'user' AND action <> 'user.created'",
                person.accountId);
        assertThat(actions).isEqualTo("user.signed-in" + person.id + ",user.sign-in-refused" + person.id
                + ",user.sign-in-refused-,user.signed-out" + person.id);
        assertThat(RunningService.database()
                .<Long> value("SELECT count(*) FROM event_log WHERE event_log::text LIKE '%secret-typed%'"))
                .isZero();
    }

    @Test
    void nothingIsWrittenForWhatDidNotHappen() {
        Token token = person.token("license:read");
        person.asks().body(Map.of("scopes", List.of("product:read"))).patch(token.path()).then().statusCode(403);
        person.asks().body(Map.of("name", "a token")).patch(token.path()).then().statusCode(200);
        assertThat(actions(token)).isEqualTo("personal-access-token.created");
    }

    @Test
    void theLogIsAppendOnly() {
        person.token("license:read");
        for (String sql : new String[] { "UPDATE event_log SET action = 'x'", "DELETE FROM event_log", "TRUNCATE event_log" }) {
            assertThatThrownBy(() -> RunningService.database().execute(sql)).hasMessageContaining("append-only");
        }
    }

    // --- Reading it ---

    @Test
    void theLogOfATokenIsReadByWhoeverSeesItNewestFirst() {
        Token token = person.token("license:read");
        person.asks().header("X-Request-Id", "the-edit").header("User-Agent", "tester/1")
                .body(Map.of("name", "renamed", "tags", List.of("ci"))).patch(token.path());
        person.asks().body(Map.of("revoked", true)).patch(token.path());
        Response log = person.asks().get(token.path() + "/event-logs");
        log.then().statusCode(200).header("Pagination-Count", "3")
                .body("action", equalTo(List.of("personal-access-token.revoked", "personal-access-token.updated",
                        "personal-access-token.created")))
                .body("[1].resource", equalTo("personal-access-token")).body("[1].resourceId", equalTo(token.id()))
                .body("[1].changes", equalTo(List.of(Map.of("field", "name", "old", "a token", "new", "renamed"),
                        Map.of("field", "tags", "old", List.of(), "new", List.of("ci")))))
                .body("[1].userId", equalTo(person.id.toString())).body("[1].credential.type", equalTo("session"))
                .body("[1].credential.id", notNullValue()).body("[1].userAgent", equalTo("tester/1"))
                .body("[1].ipAddress", notNullValue()).body("[1].requestId", equalTo("the-edit"))
                .body("[1].createdAt", notNullValue()).body("[2].changes.find { it.field == 'name' }.old", nullValue());
        assertThat(log.asString()).doesNotContain(token.secret().substring(8));
        Response first = person.asks().queryParam("limit", 1).get(token.path() + "/event-logs");
        String next = first.header("Link").replaceAll(".*<([^>]*)>; rel=\"next\".*", "$1");
        person.asks().urlEncodingEnabled(false).get(next).then().body("action",
                equalTo(List.of("personal-access-token.updated")));
        person.colleagueWithRole("user").asks().get(token.path() + "/event-logs").then().statusCode(404);
        Person.superAdmin().asks().get(token.path() + "/event-logs").then().statusCode(404);
        person.token("tag:read").asks().get(token.path() + "/event-logs").then().statusCode(403);
    }

    @Test
    void theLogOfTheAccountIsFilteredAndIsOfThatAccountAlone() {
        Token token = person.token("license:read");
        Person colleague = person.colleague("personalAccessToken:write", "license:read");
        Token theirs = colleague.token("license:read");
        colleague.asks().delete(theirs.path());
        Person.superAdmin().token("license:read");
        assertThat(logged("action=personal-access-token.created")).containsExactly(theirs.id(), token.id());
        assertThat(logged("resourceId=" + theirs.id())).as("of what is gone too").hasSize(2);
        assertThat(logged("userId=" + colleague.id + "&resource=personal-access-token&sort=createdAt")).hasSize(2)
                .containsOnly(theirs.id());
        assertThat(logged("createdAt%5Bgt%5D=2999-01-01T00:00:00Z")).isEmpty();
        List<String> users = person.asks().get("/v3/event-logs?limit=100").path("userId");
        assertThat(users).filteredOn(user -> user != null)
                .containsOnly(person.id.toString(), colleague.id.toString());
        assertThat(person.asks().get("/v3/event-logs?sort=createdAt").<List<String>> path("credential.type")).first()
                .isEqualTo("command-line");
    }

    private List<String> logged(String query) {
        Response log = person.asks().urlEncodingEnabled(false).get("/v3/event-logs?" + query);
        log.then().statusCode(200);
        return log.path("resourceId");
    }

    @Test
    void theLogNeedsItsScopeAndNamesWrongParameters() {
        person.token("tag:read").asks().get("/v3/event-logs").then().statusCode(403).body("code",
                equalTo("INSUFFICIENT_SCOPE"));
        person.token("eventLog:read").asks().get("/v3/event-logs").then().statusCode(200);
        for (String query : List.of("sort=action", "query=x", "userId=7", "createdAt=yesterday", "colour=red")) {
            person.asks().get("/v3/event-logs?" + query).then().statusCode(400).body("errors[0].field",
                    equalTo(query.substring(0, query.indexOf('='))));
        }
    }

    @Test
    void everyFieldFiltersAndWhatHasNoIndexNeedsAPeriod() {
        Token token = person.token("license:read", "personalAccessToken:write");
        person.asks().header("User-Agent", "filtered/1").body(Map.of("description", "now with one")).patch(token.path());
        token.asks().header("User-Agent", "filtered/2").delete(TOKENS + "/self").then().statusCode(204);
        assertThat(logged("credentialId=" + token.id())).containsExactly(token.id());
        String address = person.asks().get("/v3/event-logs?resourceId=" + token.id()).path("[0].ipAddress");
        assertThat(logged("ipAddress=" + address + "&resourceId=" + token.id())).hasSize(3);
        assertThat(logged("ipAddress=192.0.2.99")).isEmpty();
        String period = "createdAt%5Bgte%5D=2020-01-01T00:00:00Z";
        assertThat(logged("userAgent=filtered/1&" + period)).containsExactly(token.id());
        assertThat(logged("credentialType=personal-access-token&" + period)).containsExactly(token.id());
        assertThat(logged("field=description&resource=personal-access-token&" + period)).containsExactly(token.id());
        assertThat(logged("field=description'%22%5D&" + period)).as("taken as a name").isEmpty();
        for (String needy : List.of("userAgent=x", "credentialType=session", "field=name")) {
            person.asks().get("/v3/event-logs?" + needy).then().statusCode(400)
                    .body("errors[0].field", equalTo(needy.substring(0, needy.indexOf('='))))
                    .body("errors[0].message", containsString("createdAt[gte]"));
        }
    }

    @Test
    void theLogIsExportedAsAWholeAndHarmlessToSpreadsheets() {
        Token token = person.token("license:read");
        for (int i = 0; i < 120; i++) {
            person.asks().header("User-Agent", "=HYPERLINK(\"http://evil.example\")").body(Map.of("name", "renamed " + i))
                    .patch(token.path()).then().statusCode(200);
        }
        Response export = person.asks().get("/v3/event-logs/export?resourceId=" + token.id());
        export.then().statusCode(200).header("Content-Type", startsWith("text/csv")).header("Content-Disposition",
                equalTo("attachment; filename=\"event-logs.csv\""));
        List<String> lines = export.asString().lines().toList();
        assertThat(lines).hasSize(122);
        assertThat(lines.get(0)).isEqualTo("createdAt,action,resource,resourceId,userId,credentialType,credentialId,ipAddress,"
                + "userAgent,requestId,changes");
        assertThat(lines.get(1)).contains("personal-access-token.updated", token.id(), person.id.toString(),
                "\"'=HYPERLINK(\"\"http://evil.example\"\")\"", "renamed 119");
        assertThat(lines.get(121)).contains("personal-access-token.created");
        Person.superAdmin().asks().get("/v3/event-logs/export?resourceId=" + token.id()).then().statusCode(200)
                .body(not(containsString(token.id())));
        person.token("license:read").asks().get("/v3/event-logs/export").then().statusCode(403);
        person.asks().get("/v3/event-logs/export?colour=red").then().statusCode(400);
    }

    private static String actions(Token token) {
        return RunningService.database().value(
                "SELECT string_agg(action, ',' ORDER BY created_at, id) FROM event_log WHERE resource_id = ?::uuid",
                token.id());
    }
}
