package dev.latchkey.oauth;

import java.util.regex.Pattern;

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
import dev.latchkey.platform.database.Transactions;
import dev.latchkey.token.TokenDigest;
import dev.latchkey.token.TokenIssuer;
import dev.latchkey.verification.Rejection;
import dev.latchkey.verification.RequestFacts;
import io.smallrye.mutiny.Uni;

/**
 * Token revocation (RFC 7009). Possession suffices: whoever found a leaked token can end it, whatever state it is
 * in and wherever they are. What is no token costs nothing, and those that do not exist are throttled as
 * everywhere.
 */
@Path("/oauth2/revoke")
@Produces(MediaType.APPLICATION_JSON)
@PermitAll
@Tag(name = OAuthErrorBody.TAG, description = OAuthErrorBody.TAG_DESCRIPTION)
public class RevocationResource {

    /** The compact form of a signed JWT, whose header is a JSON object (RFC 7515 section 7.1). */
    private static final Pattern JWT = Pattern.compile("eyJ[A-Za-z0-9_-]*\\.[A-Za-z0-9_-]*\\.[A-Za-z0-9_-]*");

    private final CurrentRequest request;
    private final Judge judge;
    private final Transactions transactions;
    private final TokenIssuer issuer;

    RevocationResource(CurrentRequest request, Judge judge, Transactions transactions, TokenIssuer issuer) {
        this.request = request;
        this.judge = judge;
        this.transactions = transactions;
        this.issuer = issuer;
    }

    @POST
    @Operation(operationId = "revokeToken", summary = "Revoke a token by its text", description = "RFC 7009. Needs no credential: whoever holds a token can end it, "
            + "with all that it made. Done before the answer. 200 for tokens that do not exist, too.")
    @SecurityRequirementsSet({})
    @APIResponse(responseCode = "200", description = "There is no such token any more, or never was")
    @APIResponse(responseCode = "400", description = OAuthErrorBody.BAD_REQUEST, content = @Content(mediaType = "application/json", schema = @Schema(implementation = OAuthErrorBody.class)))
    @APIResponse(responseCode = "429", description = OAuthErrorBody.TOO_MANY, content = @Content(mediaType = "application/json", schema = @Schema(implementation = OAuthErrorBody.class)))
    @APIResponse(responseCode = "503", description = OAuthErrorBody.UNAVAILABLE, content = @Content(mediaType = "application/json", schema = @Schema(implementation = OAuthErrorBody.class)))
    public Uni<Response> revoke(@Context HttpHeaders headers,
            @RequestBody(required = true, content = @Content(mediaType = MediaType.APPLICATION_FORM_URLENCODED, schema = @Schema(type = SchemaType.OBJECT, requiredProperties = "token", properties = {
                    @SchemaProperty(name = "token", type = SchemaType.STRING, description = "The token to end"),
                    @SchemaProperty(name = "token_type_hint", type = SchemaType.STRING, description = "Ignored: there is one type") }))) byte[] body) {
        return OAuthAnswers.empty(Uni.createFrom().deferred(() -> {
            Form form = Form.of(headers, body);
            form.get("token_type_hint");
            return revoke(form.require("token"));
        }));
    }

    private Uni<Void> revoke(String token) {
        if (JWT.matcher(token).matches()) {
            throw OAuthError.of("unsupported_token_type",
                    "token: a JWT ends when it expires: revoke the token that it was exchanged for, or sign out");
        }
        return judge.state(token, new RequestFacts(request.address())).chain(judged -> judged == Rejection.UNKNOWN
                ? Uni.createFrom().voidItem()
                : transactions.write(() -> issuer.revokeValue(TokenDigest.of(token))));
    }
}
