package dev.latchkey.oauth;

import java.util.List;
import java.util.Optional;

import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.ExampleObject;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.media.SchemaProperty;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import dev.latchkey.client.BasicCredentials;
import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.http.Bearer;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;

/** Token introspection (RFC 7662). */
@Path("/oauth2/introspect")
@Produces(MediaType.APPLICATION_JSON)
@PermitAll
@Tag(name = OAuthErrorBody.TAG, description = OAuthErrorBody.TAG_DESCRIPTION)
public class IntrospectionResource {

    private final CurrentRequest request;
    private final Introspection introspection;

    IntrospectionResource(CurrentRequest request, Introspection introspection) {
        this.request = request;
        this.introspection = introspection;
    }

    @POST
    @Operation(operationId = "introspectToken", summary = "Ask about a token", description = "RFC 7662. Clients of kind introspection ask by HTTP Basic "
            + "about tokens of their account, a personal access token asks as Bearer about itself. All other tokens, and those that are not valid, are {\"active\": false}.")
    @SecurityRequirement(name = "introspectionClient")
    @SecurityRequirement(name = "personalAccessToken")
    @APIResponse(responseCode = "200", description = "Whether the token is active and, if it is, what it is good for", content = @Content(mediaType = "application/json", examples = {
            @ExampleObject(name = "active", value = "{\"active\":true,\"scope\":\"license:read license:write\",\"client_id\":\"0198f2c0-6a1e-7c43-9d0e-3f0a2b1c4d5e\","
                    + "\"token_type\":\"Bearer\",\"sub\":\"0198f2bf-11aa-7b52-8c1d-2e9f1a0b3c4d\",\"iss\":\"https://tokens.example.com\","
                    + "\"account_id\":\"0198f2bf-0c00-7a61-8b0c-1d8e0f9a2b3c\",\"exp\":1798761600}"),
            @ExampleObject(name = "inactive", value = "{\"active\":false}") }))
    @APIResponse(responseCode = "400", description = OAuthErrorBody.BAD_REQUEST, content = @Content(mediaType = "application/json", schema = @Schema(implementation = OAuthErrorBody.class)))
    @APIResponse(responseCode = "401", description = "No credential, or one that is refused", content = @Content(mediaType = "application/json", schema = @Schema(implementation = OAuthErrorBody.class)))
    @APIResponse(responseCode = "429", description = OAuthErrorBody.TOO_MANY, content = @Content(mediaType = "application/json", schema = @Schema(implementation = OAuthErrorBody.class)))
    @APIResponse(responseCode = "503", description = OAuthErrorBody.UNAVAILABLE, content = @Content(mediaType = "application/json", schema = @Schema(implementation = OAuthErrorBody.class)))
    public Uni<Response> introspect(@Context HttpHeaders headers,
            @RequestBody(required = true, content = @Content(mediaType = MediaType.APPLICATION_FORM_URLENCODED, schema = @Schema(type = SchemaType.OBJECT, requiredProperties = "token", properties = {
                    @SchemaProperty(name = "token", type = SchemaType.STRING, description = "The token that is asked about"),
                    @SchemaProperty(name = "token_type_hint", type = SchemaType.STRING, description = "Ignored: there is one type"),
                    @SchemaProperty(name = "client_ip", type = SchemaType.STRING, description = "The address that the token was presented from. "
                            + "A token that is limited to addresses is active only with it") }))) byte[] body) {
        return OAuthAnswers.json(Uni.createFrom().deferred(() -> answer(headers, body)));
    }

    private Uni<JsonObject> answer(HttpHeaders headers, byte[] body) {
        List<String> authorization = headers.getRequestHeaders().getOrDefault(HttpHeaders.AUTHORIZATION, List.of());
        if (authorization.size() != 1) {
            throw Introspection.wrongClient();
        }
        Introspection.Question question = Introspection.Question.of(Form.of(headers, body), request.address());
        Optional<String> bearer = Bearer.credential(authorization);
        if (bearer.isPresent()) {
            return introspection.asToken(bearer.get(), question);
        }
        return introspection.asClient(
                BasicCredentials.parse(authorization.get(0)).orElseThrow(Introspection::wrongClient), question);
    }
}
