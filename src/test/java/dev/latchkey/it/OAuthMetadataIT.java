package dev.latchkey.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import dev.latchkey.testing.RunningService;
import io.restassured.http.ContentType;

/** Clients find everything from the issuer alone (RFC 8414), and verifiers the keys. */
@ServiceTest
class OAuthMetadataIT {

    private static final String URL = RunningService.PUBLIC_URL;

    @Test
    void theMetadataNamesWhatThereIs() {
        Map<String, Object> metadata = given().get("/.well-known/oauth-authorization-server").then().statusCode(200)
                .contentType(ContentType.JSON).header("Cache-Control", "public, max-age=300").extract().path("");
        assertThat(metadata).containsEntry("issuer", URL)
                .containsEntry("jwks_uri", URL + "/.well-known/jwks.json")
                .containsEntry("token_endpoint", URL + "/oauth2/token")
                .containsEntry("introspection_endpoint", URL + "/oauth2/introspect")
                .containsEntry("revocation_endpoint", URL + "/oauth2/revoke")
                .containsEntry("grant_types_supported", List.of("urn:ietf:params:oauth:grant-type:token-exchange"))
                .containsEntry("token_endpoint_auth_methods_supported", List.of("none"))
                .containsEntry("introspection_endpoint_auth_methods_supported", List.of("client_secret_basic", "Bearer"))
                .containsEntry("revocation_endpoint_auth_methods_supported", List.of("none"))
                .containsEntry("response_types_supported", List.of())
                .containsEntry("scopes_supported", RunningService.allScopes());
        metadata.forEach((name, value) -> {
            if (name.endsWith("_endpoint")) {
                String path = value.toString().substring(URL.length());
                assertThat(given().contentType(ContentType.URLENC).post(path).statusCode()).as(name).isIn(400, 401);
            }
        });
    }

    @Test
    void theKeySetHasOneKeyForEachPurposeAndNothingPrivate() {
        List<Map<String, Object>> keys = given().get("/.well-known/jwks.json").then().statusCode(200)
                .contentType(ContentType.JSON).header("Cache-Control", "public, max-age=300").extract().path("keys");
        assertThat(keys).hasSize(2).allSatisfy(key -> assertThat(key)
                .containsOnlyKeys("kty", "crv", "use", "alg", "kid", "x", "y")
                .containsEntry("use", "sig").containsEntry("alg", "ES256").containsEntry("crv", "P-256"));
        assertThat(keys).extracting(key -> key.get("kid").toString()).doesNotContain(RunningService.database()
                .<Object> value("SELECT id FROM signing_key WHERE purpose = 'session'").toString());
        given().accept("application/jwk-set+json").get("/.well-known/jwks.json").then().statusCode(200);
    }

    @Test
    void bothArePublicWhateverCredentialIsSent() {
        for (String path : List.of("/.well-known/jwks.json", "/.well-known/oauth-authorization-server")) {
            given().header("Authorization", "Bearer nonsense").get(path).then().statusCode(200);
            given().post(path).then().statusCode(405);
        }
    }
}
