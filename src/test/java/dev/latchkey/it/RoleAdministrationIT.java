package dev.latchkey.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import dev.latchkey.testing.Person;
import dev.latchkey.testing.RunningService;
import io.restassured.response.Response;

/** Roles are made, changed and removed by whoever may, and what they lose is lost at once. */
@ServiceTest
class RoleAdministrationIT {

    private static final String ROLES = "/v3/roles";

    private final Person person = Person.superAdmin();

    private static Response create(Person by, String name, String... claims) {
        return by.asks().body(Map.of("name", name, "claims", claims)).post(ROLES);
    }

    @Test
    void aRoleIsMadeSeenChangedAndDeleted() {
        Response made = create(person, " release manager ", "release:write", "licenseTemaplate:write", "release:write");
        made.then().statusCode(201).header("Location", endsWith(ROLES + "/" + made.path("id")))
                .body("name", equalTo("release manager"))
                .body("claims", equalTo(List.of("licenseTemplate:write", "release:write"))).body("reserved", equalTo(false));
        String path = ROLES + "/" + made.path("id");
        person.asks().get(path).then().body("", equalTo(made.path("")));
        create(person, "release manager").then().statusCode(409).body("code", equalTo("ROLE_NAME_TAKEN"));
        person.asks().body(Map.of("name", "releases", "description", "Publishes.")).patch(path).then().statusCode(200)
                .body("name", equalTo("releases")).body("description", equalTo("Publishes.")).body("claims.size()", equalTo(2));
        person.asks().delete(path).then().statusCode(204);
        person.asks().get(path).then().statusCode(404);
        assertThat(person.asks().get("/v3/event-logs?resourceId=" + made.path("id")).<List<String>> path("action"))
                .containsExactly("role.deleted", "role.updated", "role.created");
    }

    @Test
    void whatARoleLosesItsTokensLoseAtOnce() {
        Person colleague = person.colleague("license:read", "license:write", "personalAccessToken:write");
        Person.Token token = colleague.token("license:read", "license:write");
        assertThat(token.effectiveScopes()).containsExactly("license:read", "license:write");
        person.asks().body(Map.of("claims", List.of("license:read"))).patch(ROLES + "/" + colleague.roleId).then()
                .statusCode(200);
        assertThat(token.effectiveScopes()).containsExactly("license:read");
        colleague.asks().get("/v3/personal-access-tokens").then().statusCode(403);
    }

    @Test
    void aRoleInUseStays() {
        Person colleague = person.colleague("license:read");
        person.asks().delete(ROLES + "/" + colleague.roleId).then().statusCode(409).body("code", equalTo("ROLE_IN_USE"))
                .body("message", containsString("1 user has"));
    }

    @Test
    void reservedRolesAreFixed() {
        person.asks().body(Map.of("claims", List.of())).patch(ROLES + "/" + person.roleId).then().statusCode(409).body("code",
                equalTo("ROLE_RESERVED"));
        person.asks().delete(ROLES + "/" + person.roleId).then().statusCode(409);
    }

    @Test
    void nobodyMakesOrTouchesARoleThatHasMore() {
        Person below = person.colleague("role:read", "role:write", "tag:read");
        create(below, "more", "tag:read", "tag:write").then().statusCode(403).body("code", equalTo("SCOPE_NOT_GRANTABLE"))
                .body("message", containsString("tag:write"));
        String own = create(below, "less", "tag:read").then().statusCode(201).extract().path("id");
        below.asks().body(Map.of("claims", List.of("user:write"))).patch(ROLES + "/" + own).then().statusCode(403);
        String higher = create(person, "higher", "user:write").path("id");
        below.asks().body(Map.of("claims", List.of())).patch(ROLES + "/" + higher).then().statusCode(403);
        below.asks().delete(ROLES + "/" + higher).then().statusCode(403);
        below.asks().body(Map.of("claims", List.of("role:read", "role:write", "tag:read", "account:write")))
                .patch(ROLES + "/" + below.roleId).then().statusCode(403);
        Person other = Person.superAdmin();
        other.asks().delete(ROLES + "/" + own).then().statusCode(404);
        other.asks().get(ROLES + "/" + own).then().statusCode(404);
    }

    @Test
    void whatRolesCanHaveIsListed() {
        Person below = person.colleague("role:read", "tag:read");
        Response claims = below.asks().get(ROLES + "/claims");
        claims.then().statusCode(200).body("name", equalTo(RunningService.allScopes()));
        assertThat(claims.<List<String>> path("findAll { it.grantable }.name")).containsExactly("role:read", "tag:read");
        person.asks().get(ROLES + "/claims").then().body("grantable", hasItem(true));
    }

    static Stream<Arguments> badBodies() {
        return Stream.of(Arguments.of("name", ""), Arguments.of("name", "x".repeat(65)), Arguments.of("name", null),
                Arguments.of("claims", null), Arguments.of("claims", List.of("no:such")), Arguments.of("claims", "tag:read"),
                Arguments.of("description", "x".repeat(1001)), Arguments.of("reserved", true));
    }

    @ParameterizedTest
    @MethodSource("badBodies")
    void eachFieldIsChecked(String field, Object value) {
        Map<String, Object> body = new HashMap<>(Map.of("name", "good", "claims", List.of("tag:read")));
        body.put(field, value);
        person.asks().body(body).post(ROLES).then().statusCode(400).body("errors[0].field", containsString(field));
    }

    @Test
    void aRepeatedRequestMakesOneRole() {
        Map<String, Object> body = Map.of("name", "once", "claims", List.of());
        String id = person.asks().header("Idempotency-Key", "k").body(body).post(ROLES).then().statusCode(201).extract()
                .path("id");
        person.asks().header("Idempotency-Key", "k").body(body).post(ROLES).then().statusCode(200).body("id", equalTo(id));
    }
}
