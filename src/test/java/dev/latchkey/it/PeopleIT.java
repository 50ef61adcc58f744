package dev.latchkey.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.latchkey.testing.Person;
import dev.latchkey.testing.RunningService;
import io.restassured.response.Response;

/** The people of an account and their roles are seen by whoever may, and nobody else's. */
@ServiceTest
class PeopleIT {

    private static final String USERS = "/v3/users";
    private static final String ROLES = "/v3/roles";

    private final Person person = Person.superAdmin();

    private void insertUsers(int count) {
        RunningService.database()
                .execute("INSERT INTO app_user (id, account_id, role_id, email, first_name, last_name, created_at, "
                        + "updated_at) SELECT gen_random_uuid(), ?, ?, 'Zoe.' || i || '+test@mail' || i % 3 || '.example', 'First' || i, "
                        + "'O''Last', now() - i * interval '1 second', now() FROM generate_series(1, ?) i", person.accountId,
                        person.roleId,
                        count);
    }

    @Test
    void aUserIsShownWithTheNameOfTheirRoleAndWithoutAnythingSecret() {
        Person colleague = person.colleagueWithRole("user");
        colleague.disable();
        Response user = person.asks().get(USERS + "/" + colleague.id);
        user.then().statusCode(200).body("id", equalTo(colleague.id.toString())).body("email", equalTo(colleague.email))
                .body("firstName", equalTo("")).body("lastName", equalTo("")).body("role", equalTo("user"))
                .body("disabled", equalTo(true)).body("lastLoginAt", notNullValue()).body("createdAt", notNullValue())
                .body("updatedAt", notNullValue()).body("company", equalTo("")).body("invited", equalTo(false))
                .body("twoFactorEnabled", equalTo(false)).body("tags", equalTo(List.of())).body("metadata", equalTo(List.of()))
                .body("lastSeenAt", notNullValue()).body("size()", equalTo(15));
        person.asks().get(USERS + "/" + person.id).then().body("disabled", equalTo(false)).body("role", equalTo("super-admin"));
        assertThat(person.asks().get(USERS).<List<Object>> path("")).contains(user.<Object> path(""));
    }

    @Test
    void usersAreFoundByWordsOfTheirAddressAndTheirNames() {
        insertUsers(12);
        assertThat(emails("query=zoe.7%2Btest@mail1")).containsExactly("Zoe.7+test@mail1.example");
        assertThat(emails("query=first1%20last")).hasSize(4);
        assertThat(emails("query=owner")).containsExactly(person.email);
        assertThat(emails("query=nobody")).isEmpty();
        assertThat(emails("query=%27%40")).isEmpty();
        person.asks().get(USERS).then().header("Pagination-Count", "13");
    }

    private List<String> emails(String query) {
        Response users = person.asks().urlEncodingEnabled(false).get(USERS + "?" + query);
        users.then().statusCode(200);
        return users.path("email");
    }

    @ParameterizedTest
    @CsvSource({ USERS + ", createdAt", USERS + ", -createdAt", USERS + ", email", USERS + ", -email", ROLES + ", createdAt",
            ROLES + ", name", ROLES + ", -name" })
    void cursorsVisitEveryRowOnceInOrder(String path, String sort) {
        insertUsers(9);
        List<String> expected = person.asks().queryParam("limit", 100).queryParam("sort", sort).get(path).path("id");
        assertThat(expected).hasSizeGreaterThanOrEqualTo(3);
        List<String> visited = new ArrayList<>();
        Response page = person.asks().queryParam("limit", 2).queryParam("sort", sort).get(path);
        visited.addAll(page.path("id"));
        while (page.header("Link").contains("rel=\"next\"")) {
            page = person.asks().urlEncodingEnabled(false)
                    .get(page.header("Link").replaceAll(".*<([^>]*)>; rel=\"next\".*", "$1"));
            page.then().statusCode(200);
            visited.addAll(page.path("id"));
        }
        assertThat(visited).isEqualTo(expected);
    }

    @Test
    void rolesAreShownWithTheirScopes() {
        Person colleague = person.colleague("tag:read", "license:read");
        person.asks().queryParam("sort", "name").get(ROLES).then().statusCode(200).header("Pagination-Count", "4")
                .body("name", equalTo(List.of("admin", "role-" + colleague.roleId, "super-admin", "user")))
                .body("[1].claims", equalTo(List.of("license:read", "tag:read"))).body("reserved",
                        equalTo(List.of(true, false, true, true)))
                .body("[2].claims", equalTo(RunningService.allScopes())).body("[1].description", nullValue())
                .body("[0].description", notNullValue()).body("[0].createdAt", notNullValue())
                .body("[0].updatedAt", notNullValue());
        person.asks().queryParam("name", "user").get(ROLES).then().body("name", equalTo(List.of("user")));
    }

    @Test
    void nobodySeesThePeopleOfAnotherAccount() {
        Person other = Person.superAdmin();
        assertThat(emails("limit=100")).containsExactly(person.email);
        assertThat(emails("id=" + other.id)).isEmpty();
        person.asks().get(USERS + "/" + other.id).then().statusCode(404);
        person.asks().get(ROLES + "?id=" + other.roleId).then().body("size()", equalTo(0));
    }

    @Test
    void eachNeedsItsScopeAndNamesWrongParameters() {
        for (String path : List.of(USERS, USERS + "/" + person.id)) {
            person.token("role:read", "user:write").asks().get(path).then().statusCode(403).body("code",
                    equalTo("INSUFFICIENT_SCOPE"));
            person.token("user:read").asks().get(path).then().statusCode(200);
        }
        person.token("user:read", "role:write").asks().get(ROLES).then().statusCode(403);
        person.token("role:read").asks().get(ROLES).then().statusCode(200);
        for (String wrong : List.of(USERS + "?sort=passwordHash", USERS + "?passwordHash=x", ROLES + "?query=x",
                ROLES + "?id=7")) {
            person.asks().get(wrong).then().statusCode(400).body("errors[0].field",
                    equalTo(wrong.replaceAll(".*\\?(.*)=.*", "$1")));
        }
        person.asks().get(USERS + "/7").then().statusCode(404);
    }
}
