package dev.latchkey.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

import org.junit.jupiter.api.Test;

import dev.latchkey.testing.Person;
import dev.latchkey.testing.RunningService;
import io.restassured.response.Response;

/** Each operation that the service describes demands the scope that it says, and no other. */
@ServiceTest
class ScopesOfResourcesIT {

    private final Person person = Person.superAdmin();

    private record Operation(String method, String path) {

        /** With an id that nothing has, and an empty body. */
        private Response by(Person.Token token) {
            return token.asks().body("{}").request(method, path.replaceAll("\\{[^}]+}", UUID.randomUUID().toString()));
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    /** The operations that demand a scope of a token, by that scope, as the OpenAPI document has them. */
    private static Map<String, List<Operation>> described() {
        Map<String, Map<String, Map<String, Object>>> paths = given().accept("application/json").get("/q/openapi").jsonPath()
                .getMap("paths");
        Map<String, List<Operation>> byScope = new TreeMap<>();
        paths.forEach((path, methods) -> methods.forEach((method, operation) -> ((List<?>) operation.get("security")).stream()
                .map(requirement -> ((Map<?, ?>) requirement).get("personalAccessToken"))
                .filter(scopes -> scopes != null && !((Collection<?>) scopes).isEmpty())
                .forEach(scopes -> byScope.computeIfAbsent(((List<?>) scopes).get(0).toString(), scope -> new ArrayList<>())
                        .add(new Operation(method.toUpperCase(Locale.ROOT), path)))));
        return byScope;
    }

    @Test
    void whatIsDoneWithPeopleRolesAndTagsDemandsTheirScopes() {
        Map<String, List<String>> expected = Map.of(
                "user:read", List.of("GET /v3/users", "GET /v3/users/{id}", "GET /v3/users/export"),
                "user:write", List.of("POST /v3/users", "PATCH /v3/users/{id}", "DELETE /v3/users/{id}",
                        "POST /v3/users/{id}/invitation", "POST /v3/users/{id}/reset-password-token",
                        "PATCH /v3/users/{id}/update-password"),
                "role:read", List.of("GET /v3/roles", "GET /v3/roles/{id}", "GET /v3/roles/claims"),
                "role:write", List.of("POST /v3/roles", "PATCH /v3/roles/{id}", "DELETE /v3/roles/{id}"),
                "tag:read", List.of("GET /v3/tags", "GET /v3/tags/{id}"),
                "tag:write", List.of("POST /v3/tags", "PATCH /v3/tags/{id}", "DELETE /v3/tags/{id}"));
        assertDescribed(expected);
    }

    @Test
    void whatIsDoneWithWebhooksDemandsTheirScopes() {
        assertDescribed(Map.of(
                "webhook:read", List.of("GET /v3/webhooks", "GET /v3/webhooks/events", "GET /v3/webhooks/{id}",
                        "GET /v3/webhook-event-logs", "GET /v3/webhook-event-logs/{id}"),
                "webhook:write", List.of("POST /v3/webhooks", "PATCH /v3/webhooks/{id}", "DELETE /v3/webhooks/{id}",
                        "POST /v3/webhook-event-logs/{id}/replay")));
    }

    private static void assertDescribed(Map<String, List<String>> expected) {
        Map<String, List<Operation>> described = described();
        expected.forEach((scope, operations) -> assertThat(described.get(scope).stream().map(Operation::toString)).as(scope)
                .containsExactlyInAnyOrderElementsOf(operations));
    }

    @Test
    void eachOperationDemandsItsScopeAndNoOther() {
        described().forEach((scope, operations) -> {
            Person.Token only = person.token(scope);
            Person.Token allElse = person
                    .token(RunningService.allScopes().stream().filter(each -> !each.equals(scope)).toArray(String[]::new));
            for (Operation operation : operations) {
                operation.by(allElse).then().statusCode(403).body("code", equalTo("INSUFFICIENT_SCOPE"))
                        .body("message", containsString(scope))
                        .header("WWW-Authenticate", containsString("scope=\"" + scope + "\""));
                Response opened = operation.by(only);
                assertThat(opened.statusCode()).as("%s with %s: %s", operation, scope, opened.asString())
                        .isIn(200, 201, 204, 400, 403, 404, 409);
                assertThat(opened.asString()).as("%s with %s", operation, scope).doesNotContain("INSUFFICIENT_SCOPE");
            }
        });
    }
}
