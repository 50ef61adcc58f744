package dev.latchkey.oauth;

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
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.media.SchemaProperty;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirementsSet;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import dev.latchkey.platform.CurrentRequest;
import io.smallrye.mutiny.Uni;

/** Token exchange (RFC 8693). The token itself is the credential. */
@Path("/oauth2/token")
@Produces(MediaType.APPLICATION_JSON)
@PermitAll
@Tag(name = OAuthErrorBody.TAG, description = OAuthErrorBody.TAG_DESCRIPTION)
public class TokenExchangeResource {

    private final CurrentRequest request;
    private final TokenExchange exchange;

    TokenExchangeResource(CurrentRequest request, TokenExchange exchange) {
        this.request = request;
        this.exchange = exchange;
    }

    @POST
    @Operation(operationId = "exchangeToken", summary = "Exchange a token for a JWT", description = "RFC 8693. For an API that verifies by signature: the same or "
            + "fewer scopes, one audience of those that the operator names, valid for a minute unless configured otherwise.")
    @SecurityRequirementsSet({})
    @APIResponse(responseCode = "200", description = "The JWT", content = @Content(mediaType = "application/json", schema = @Schema(type = SchemaType.OBJECT, properties = {
            @SchemaProperty(name = "access_token", type = SchemaType.STRING),
            @SchemaProperty(name = "issued_token_type", type = SchemaType.STRING),
            @SchemaProperty(name = "token_type", type = SchemaType.STRING),
            @SchemaProperty(name = "expires_in", type = SchemaType.INTEGER),
            @SchemaProperty(name = "scope", type = SchemaType.STRING) })))
    @APIResponse(responseCode = "400", description = "RFC 6749 section 5.2, RFC 8693 section 2.2.2", content = @Content(mediaType = "application/json", schema = @Schema(implementation = OAuthErrorBody.class)))
    @APIResponse(responseCode = "429", description = OAuthErrorBody.TOO_MANY, content = @Content(mediaType = "application/json", schema = @Schema(implementation = OAuthErrorBody.class)))
    @APIResponse(responseCode = "503", description = OAuthErrorBody.UNAVAILABLE, content = @Content(mediaType = "application/json", schema = @Schema(implementation = OAuthErrorBody.class)))
    public Uni<Response> exchange(@Context HttpHeaders headers,
            @RequestBody(required = true, content = @Content(mediaType = MediaType.APPLICATION_FORM_URLENCODED, schema = @Schema(type = SchemaType.OBJECT, requiredProperties = {
                    "grant_type", "subject_token", "subject_token_type", "audience" }, properties = {
                            @SchemaProperty(name = "grant_type", type = SchemaType.STRING, description = TokenExchange.GRANT_TYPE),
                            @SchemaProperty(name = "subject_token", type = SchemaType.STRING, description = "The token"),
                            @SchemaProperty(name = "subject_token_type", type = SchemaType.STRING, description = TokenExchange.ACCESS_TOKEN),
                            @SchemaProperty(name = "requested_token_type", type = SchemaType.STRING, description = TokenExchange.JWT
                                    + " (default) or " + TokenExchange.ACCESS_TOKEN),
                            @SchemaProperty(name = "audience", type = SchemaType.STRING, description = "The API it is for, one of latchkey.oauth.audiences"),
                            @SchemaProperty(name = "scope", type = SchemaType.STRING, description = "Separated by spaces; all that the token has unless given") }))) byte[] body) {
        return OAuthAnswers.json(
                Uni.createFrom().deferred(() -> exchange.exchange(Form.of(headers, body), request.address())));
    }
}
