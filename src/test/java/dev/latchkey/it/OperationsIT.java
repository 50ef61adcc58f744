package dev.latchkey.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.nullValue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

import dev.latchkey.testing.Person;
import dev.latchkey.testing.RunningService;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;

@ServiceTest
class OperationsIT {

    private static final Set<String> HTTP_METHODS = Set.of("get", "post", "put", "patch", "delete");
    private static final Set<String> NEEDS_MORE = Set.of("/v3/analytics/requests", "/v3/policy/test",
            "/v3/personal-access-tokens/self");

    @Test
    void healthAndMetricsAreOnTheManagementListenerAlone() {
        for (String path : List.of("/q/health/live", "/q/health/ready")) {
            given().port(RunningService.MANAGEMENT_PORT).get(path).then().statusCode(200).body("status", equalTo("UP"));
        }
        given().get("/v3/scopes");
        given().port(RunningService.MANAGEMENT_PORT).get("/q/metrics").then().statusCode(200)
                .body(containsString("http_server_requests_seconds_count"));
        for (String path : List.of("/q/health", "/q/health/live", "/q/health/ready", "/q/metrics")) {
            given().get(path).then().statusCode(404);
            given().port(RunningService.MANAGEMENT_PORT).get("/v3/scopes").then().statusCode(404);
        }
    }

    @Test
    void everyEndpointIsDescribedWithCredentialsAndErrors() {
        JsonPath document = given().accept("application/json").get("/q/openapi").then().statusCode(200).extract().jsonPath();
        Map<String, Map<String, Map<String, Object>>> paths = document.getMap("paths");
        assertThat(paths.keySet()).containsExactlyInAnyOrder("/v3/accounts", "/v3/accounts/{id}",
                "/v3/accounts/{id}/token-policy/preview", "/v3/me/password",
                "/v3/me/2fa-secret", "/v3/me/enable-2fa", "/v3/me/disable-2fa", "/v3/me/2fa-recovery-codes",
                "/v3/accounts/login", "/v3/accounts/logout",
                "/v3/accounts/refresh",
                "/v3/me", "/v3/personal-access-tokens", "/v3/personal-access-tokens/{id}",
                "/v3/personal-access-tokens/{id}/rotate",
                "/v3/personal-access-tokens/{id}/usage", "/v3/personal-access-tokens/{id}/event-logs", "/v3/event-logs",
                "/v3/event-logs/export", "/v3/personal-access-tokens/leaked", "/v3/personal-access-tokens/import",
                "/v3/personal-access-tokens/import/formats",
                "/v3/personal-access-tokens/self", "/v3/personal-access-tokens/self/rotate", "/v3/scopes", "/v3/policy/test",
                "/v3/policy", "/v3/me/sessions", "/v3/me/sessions/{id}",
                "/v3/users", "/v3/users/{id}", "/v3/users/export", "/v3/users/{id}/update-password",
                "/v3/users/{id}/reset-password-token", "/v3/users/{id}/reset-password", "/v3/users/{id}/invitation",
                "/v3/roles", "/v3/roles/{id}", "/v3/roles/claims", "/v3/tags", "/v3/tags/{id}", "/v3/analytics/requests",
                "/v3/analytics/tokens",
                "/v3/analytics/top-tokens", "/v3/analytics/scopes", "/v3/analytics/scopes/requests",
                "/v3/analytics/unused-tokens", "/v3/analytics/expiring-tokens",
                "/v3/webhooks", "/v3/webhooks/events", "/v3/webhooks/{id}", "/v3/webhook-event-logs",
                "/v3/webhook-event-logs/{id}", "/v3/webhook-event-logs/{id}/replay",
                "/oauth2/introspect",
                "/oauth2/revoke", "/oauth2/token", "/.well-known/jwks.json", "/.well-known/oauth-authorization-server");
        paths.forEach((path, methods) -> methods.forEach((method, operation) -> {
            assertThat(operation).as(method + " " + path).containsKeys("operationId", "summary", "tags", "security",
                    "responses");
            Map<?, ?> responses = (Map<?, ?>) operation.get("responses");
            assertThat(responses.containsKey("503")).as(method + " " + path).isTrue();
            boolean isPublic = ((List<?>) operation.get("security")).isEmpty();
            if (path.startsWith("/v3")) {
                assertThat(responses.containsKey("403")).as(method + " " + path).isNotEqualTo(isPublic);
            } else {
                assertThat(responses.keySet()).as("OAuth words its own errors")
                        .noneMatch(status -> List.of("403", "415", "422").contains(status));
            }
        }));
        assertThat(document.getMap("components.securitySchemes")).containsKeys("personalAccessToken", "session",
                "sessionCookie", "introspectionClient");
        assertThat(document.getString("components.responses.Forbidden.content.'application/json'.example.code"))
                .isEqualTo("INSUFFICIENT_SCOPE");
        assertThat(document.getString("components.responses.Forbidden.content.'application/json'.schema.$ref"))
                .endsWith("/Error");
        assertThat(document.getMap("components.schemas")).containsKeys("Error", "PersonalAccessToken",
                "CreatePersonalAccessToken");
        document.getMap("components.schemas.PersonalAccessToken.properties")
                .forEach((name, schema) -> assertThat(name).isNotNull());
    }

    /** What only reflection finds, the executable may lack: nothing that is described here fails there. */
    @Test
    void everyEndpointAnswersWhatItKnowsAndRefusesTheRestInItsOwnWords() {
        Map<String, Map<String, Map<String, Object>>> paths = given().accept("application/json").get("/q/openapi").jsonPath()
                .getMap("paths");
        Person person = Person.superAdmin();
        paths.forEach((path, methods) -> methods.keySet().stream().filter(HTTP_METHODS::contains).forEach(method -> {
            String what = method + " " + path;
            boolean endsSession = path.endsWith("/logout") || method.equals("delete") && path.contains("/sessions");
            RequestSpecification asked = (endsSession ? Person.superAdmin() : person).asks();
            if (!method.equals("get") && !path.startsWith("/oauth2")) {
                asked.body(Map.of());
            }
            Response answer = asked.request(method, path.replaceAll("\\{[^}]+}", UUID.randomUUID().toString()));
            assertThat(answer.statusCode()).as(what + ": " + answer.asString()).isLessThan(500);
            if (method.equals("get") && !path.contains("{") && !NEEDS_MORE.contains(path)) {
                assertThat(answer.statusCode()).as(what + ": " + answer.asString()).isEqualTo(200);
            }
            if (answer.statusCode() >= 400) {
                assertThat(answer.jsonPath().getMap("").keySet()).as(what + ": " + answer.asString())
                        .containsAnyOf(path.startsWith("/oauth2") ? "error" : "code");
            }
        }));
    }

    @Test
    void theManagementListenerSaysWhatWasBuilt() {
        given().port(RunningService.MANAGEMENT_PORT).get("/q/info").then().statusCode(200)
                .body("build.version", matchesPattern("\\d+\\.\\d+\\.\\d+.*"))
                .body("build.commit", matchesPattern("[0-9a-f]{40}|unknown")).body("os", nullValue())
                .body("java", nullValue());
        given().get("/q/info").then().statusCode(404);
    }

    @Test
    void whatTheDocumentPromisesOfATokenIsWhatIsAnswered() {
        JsonPath document = given().accept("application/json").get("/q/openapi").jsonPath();
        Person person = Person.superAdmin();
        Map<String, Object> answered = person.asks()
                .get(person.token(Map.of("rateLimit", Map.of("requests", 100, "window", 1)), "license:read").path()).path("");
        assertThat(document.getMap("components.schemas.PersonalAccessToken.properties").keySet().stream().map(Object::toString)
                .filter(name -> !name.equals("token"))).containsExactlyInAnyOrderElementsOf(answered.keySet());
    }

    @Test
    @SuppressWarnings("unchecked")
    void everyListIsDescribedWithItsPages() {
        Map<String, Map<String, Map<String, Object>>> paths = given().accept("application/json").get("/q/openapi").jsonPath()
                .getMap("paths");
        for (String path : List.of("/v3/personal-access-tokens", "/v3/event-logs", "/v3/personal-access-tokens/{id}/event-logs",
                "/v3/users", "/v3/roles", "/v3/tags")) {
            Map<String, Object> list = paths.get(path).get("get");
            assertThat(list.get("parameters")).as(path).asInstanceOf(InstanceOfAssertFactories.list(Map.class))
                    .extracting(parameter -> parameter.get("name")).contains("page", "limit", "sort", "cursor")
                    .doesNotHaveDuplicates();
            Map<String, Map<String, Map<String, Object>>> responses = (Map<String, Map<String, Map<String, Object>>>) list
                    .get("responses");
            assertThat(responses.get("200").get("headers")).as(path).containsKeys("Pagination-Count", "Pagination-Page",
                    "Pagination-Limit", "Link", "X-Request-Id");
        }
    }

    @Test
    void withoutARoutePolicyThatIsWhatIsSaid() {
        Person person = Person.superAdmin();
        given().get("/v3/policy").then().statusCode(401);
        for (String credential : List.of(person.session, person.token("tag:read").secret())) {
            Person.asking(credential).get("/v3/policy").then().statusCode(200).body("configured", equalTo(false)).body("name",
                    nullValue());
        }
    }

    @Test
    void theDocumentHasAPageToTryItOn() {
        given().get("/q/swagger-ui/").then().statusCode(200).contentType(containsString("text/html"));
    }

    @Test
    void theCatalogueIsPublicAndGroupedByResource() {
        given().header("Authorization", "Bearer nonsense").get("/v3/scopes").then().statusCode(200)
                .body("resource",
                        equalTo(List.of("account", "activation", "analytics", "deployment", "eventLog", "invoice", "license",
                                "licenseTemplate", "paymentMethod", "personalAccessToken", "product", "release", "role", "tag",
                                "trialActivation", "trialPolicy", "user", "webhook")))
                .body("scopes.flatten().size()", equalTo(30)).body("[0].scopes[0]", hasKey("description"));
    }
}
