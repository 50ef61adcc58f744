package dev.latchkey.oauth;

import java.util.List;

import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirementsSet;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.scope.ScopeCatalogue;
import dev.latchkey.signing.JsonWebKeys;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Where everything is, and the keys to verify with. */
@Path("/.well-known")
@PermitAll
@Tag(name = OAuthErrorBody.TAG, description = OAuthErrorBody.TAG_DESCRIPTION)
public class MetadataResource {

    /** Verifiers ask anew for a key that they do not know, so this bounds only how long they know an old one. */
    private static final String CACHE = "public, max-age=300";

    private final JsonWebKeys keys;
    private final String metadata;

    MetadataResource(JsonWebKeys keys, LatchkeyConfig config, ScopeCatalogue catalogue) {
        this.keys = keys;
        this.metadata = metadata(config.publicUrl().toString(), catalogue).encode();
    }

    private static JsonObject metadata(String url, ScopeCatalogue catalogue) {
        return new JsonObject().put("issuer", url)
                .put("token_endpoint", url + "/oauth2/token")
                .put("jwks_uri", url + "/.well-known/jwks.json")
                .put("scopes_supported", new JsonArray(List.copyOf(catalogue.names())))
                // Required, and there is no authorization endpoint that would have any.
                .put("response_types_supported", new JsonArray())
                .put("grant_types_supported", JsonArray.of(TokenExchange.GRANT_TYPE))
                .put("token_endpoint_auth_methods_supported", JsonArray.of("none"))
                .put("introspection_endpoint", url + "/oauth2/introspect")
                // RFC 8414 section 2 has the types of access tokens here, too.
                .put("introspection_endpoint_auth_methods_supported", JsonArray.of("client_secret_basic", "Bearer"))
                .put("revocation_endpoint", url + "/oauth2/revoke")
                .put("revocation_endpoint_auth_methods_supported", JsonArray.of("none"));
    }

    @GET
    @Path("jwks.json")
    @Produces({ MediaType.APPLICATION_JSON, "application/jwk-set+json" })
    @SecurityRequirementsSet({})
    @Operation(operationId = "getKeys", summary = "The keys to verify with", description = "RFC 7517. The current and the recently retired public keys of "
            + "exchanged tokens and of identities for upstreams.")
    @APIResponse(responseCode = "200", description = "A JSON Web Key Set", content = @Content(mediaType = "application/json", schema = @Schema(type = SchemaType.OBJECT)))
    public Response keys() {
        return cached(keys.jwks().encode());
    }

    @GET
    @Path("oauth-authorization-server")
    @Produces(MediaType.APPLICATION_JSON)
    @SecurityRequirementsSet({})
    @Operation(operationId = "getAuthorizationServerMetadata", summary = "Where everything is", description = "RFC 8414.")
    @APIResponse(responseCode = "200", description = "Authorization server metadata", content = @Content(mediaType = "application/json", schema = @Schema(type = SchemaType.OBJECT)))
    public Response metadata() {
        return cached(metadata);
    }

    private static Response cached(String body) {
        return Response.ok(body).header(HttpHeaders.CACHE_CONTROL, CACHE).build();
    }
}
