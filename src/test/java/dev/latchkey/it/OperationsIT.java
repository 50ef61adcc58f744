package dev.latchkey.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import dev.latchkey.testing.Person;
import dev.latchkey.testing.RunningService;
import io.restassured.path.json.JsonPath;

@ServiceTest
class OperationsIT {

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
        assertThat(paths.keySet()).containsExactlyInAnyOrder("/v3/accounts/login", "/v3/accounts/logout",
                "/v3/accounts/refresh",
                "/v3/me", "/v3/personal-access-tokens", "/v3/personal-access-tokens/{id}",
                "/v3/personal-access-tokens/{id}/rotate",
                "/v3/personal-access-tokens/self", "/v3/personal-access-tokens/self/rotate", "/v3/scopes");
        paths.forEach((path, methods) -> methods.forEach((method, operation) -> {
            assertThat(operation).as(method + " " + path).containsKeys("operationId", "summary", "tags", "security",
                    "responses");
            Map<?, ?> responses = (Map<?, ?>) operation.get("responses");
            assertThat(responses.containsKey("503")).as(method + " " + path).isTrue();
            boolean isPublic = ((List<?>) operation.get("security")).isEmpty();
            assertThat(responses.containsKey("403")).as(method + " " + path).isNotEqualTo(isPublic);
        }));
        assertThat(document.getMap("components.securitySchemes")).containsKeys("personalAccessToken", "session",
                "sessionCookie");
        assertThat(document.getString("components.responses.Forbidden.content.'application/json'.example.code"))
                .isEqualTo("INSUFFICIENT_SCOPE");
        assertThat(document.getString("components.responses.Forbidden.content.'application/json'.schema.$ref"))
                .endsWith("/Error");
        assertThat(document.getMap("components.schemas")).containsKeys("Error", "PersonalAccessToken",
                "CreatePersonalAccessToken");
        document.getMap("components.schemas.PersonalAccessToken.properties")
                .forEach((name, schema) -> assertThat(name).isNotNull());
    }

    @Test
    void whatTheDocumentPromisesOfATokenIsWhatIsAnswered() {
        JsonPath document = given().accept("application/json").get("/q/openapi").jsonPath();
        Person person = Person.superAdmin();
        Map<String, Object> answered = person.asks().get(person.token("license:read").path()).path("");
        assertThat(document.getMap("components.schemas.PersonalAccessToken.properties").keySet().stream().map(Object::toString)
                .filter(name -> !name.equals("token"))).containsExactlyInAnyOrderElementsOf(answered.keySet());
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
