package dev.latchkey.it;

import static dev.latchkey.testing.Person.PASSWORD;
import static dev.latchkey.testing.Person.TOKENS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;

import org.junit.jupiter.api.Test;

import dev.latchkey.testing.Person;
import dev.latchkey.testing.Person.Token;
import dev.latchkey.testing.RunningService;

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
                .contains("\"session\"").contains("tester/1").containsAnyOf("127.0.0.1", "0:0:0:0:0:0:0:1", "::1");
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
        person.asks().body(Map.of("scopes", java.util.List.of("product:read"))).patch(token.path()).then().statusCode(403);
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

    private static String actions(Token token) {
        return RunningService.database().value(
                "SELECT string_agg(action, ',' ORDER BY created_at, id) FROM event_log WHERE resource_id = ?::uuid",
                token.id());
    }
}
