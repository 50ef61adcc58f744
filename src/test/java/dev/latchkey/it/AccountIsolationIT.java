package dev.latchkey.it;

import static dev.latchkey.testing.Person.TOKENS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.equalTo;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import dev.latchkey.platform.Ids;
import dev.latchkey.testing.Person;
import dev.latchkey.testing.Person.Token;
import dev.latchkey.testing.RunningService;
import io.restassured.specification.RequestSpecification;

/** Two accounts can never see, change or reach into each other, by any credential. */
@ServiceTest
class AccountIsolationIT {

    private final Person ours = Person.superAdmin();
    private final Person theirs = Person.superAdmin();

    @Test
    void neitherSessionNorTokenReachesAnotherAccountsToken() {
        Token victim = theirs.token("license:read", "personalAccessToken:write");
        Token attacker = ours.token(RunningService.allScopes().toArray(String[]::new));
        for (RequestSpecification ignored : List.of(ours.asks(), attacker.asks())) {
            RequestSpecification asks = ignored;
            asks.get(victim.path()).then().statusCode(404);
            asks.delete(victim.path()).then().statusCode(404);
            asks.post(victim.path() + "/rotate").then().statusCode(404);
            asks.body(Map.of("revoked", true)).patch(victim.path()).then().statusCode(404);
            asks.body(Map.of("name", "pwned")).patch(victim.path() + "?cascade=true").then().statusCode(404);
        }
        assertThat(victim.status()).isEqualTo(200);
    }

    @Test
    void listsAndFiltersShowOnlyTheOwnAccount() {
        Token foreign = theirs.token(Map.of("name", "shared name", "tags", List.of("shared")), "license:read");
        Token own = ours.token(Map.of("name", "shared name", "tags", List.of("shared")), "license:read");
        for (String query : List.of("", "?name=shared%20name", "?tag=shared", "?query=shared", "?scope=license:read",
                "?status=active", "?sort=name", "?userId=" + theirs.id + "," + ours.id)) {
            assertThat(ours.asks().urlEncodingEnabled(false).get(TOKENS + query).<List<String>> path("id")).as(query)
                    .containsExactly(own.id());
        }
        assertThat(ours.asks().get(TOKENS + "?id=" + foreign.id()).<List<String>> path("id")).isEmpty();
        assertThat(ours.asks().get(TOKENS + "?userId=" + theirs.id).<List<String>> path("id")).isEmpty();
    }

    @Test
    void aCursorOfAnotherAccountShowsNothingOfIt() {
        for (int i = 0; i < 3; i++) {
            theirs.token("license:read");
        }
        String link = theirs.asks().queryParam("limit", 1).get(TOKENS).header("Link");
        String cursor = link.replaceAll(".*cursor=([^&>]+).*", "$1");
        ours.asks().queryParam("cursor", cursor).get(TOKENS).then().statusCode(200).body("size()", equalTo(0));
    }

    @Test
    void theDatabaseItselfRefusesARowThatPointsIntoAnotherAccount() {
        assertThatThrownBy(
                () -> RunningService.database().execute("UPDATE app_user SET role_id = ? WHERE id = ?", theirs.roleId, ours.id))
                .hasMessageContaining("foreign key");
        assertThatThrownBy(() -> RunningService.database().execute(
                "INSERT INTO session (id, account_id, user_id, created_at, expires_at) VALUES (?, ?, ?, now(), now())",
                Ids.next(),
                ours.accountId, theirs.id)).hasMessageContaining("foreign key");
    }
}
