package dev.latchkey.token;

import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import dev.latchkey.platform.Credentials;
import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.database.Transactions;
import io.smallrye.mutiny.Uni;

/** What every token may do about itself, whatever its scopes. */
@Path(PersonalAccessTokenResource.PATH + "/self")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RolesAllowed(Credentials.TOKEN)
@SecurityRequirement(name = "personalAccessToken")
@Tag(name = "The token itself", description = "What every token may do about itself, whatever its scopes")
public class SelfResource {

    private final CurrentRequest request;
    private final Transactions transactions;
    private final TokenIssuer issuer;
    private final TokenDirectory directory;

    public SelfResource(CurrentRequest request, Transactions transactions, TokenIssuer issuer, TokenDirectory directory) {
        this.request = request;
        this.transactions = transactions;
        this.issuer = issuer;
        this.directory = directory;
    }

    @GET
    @Operation(operationId = "getOwnToken", summary = "A token looks at itself")
    public Uni<TokenView> get() {
        return directory.get(request.caller(), request.caller().token().orElseThrow().id());
    }

    @DELETE
    @Operation(operationId = "revokeOwnToken", summary = "A token revokes itself", description = "With what it made, unless cascade=false: "
            + "whoever finds a leaked token can end it.")
    @APIResponse(responseCode = "204", description = "Revoked")
    public Uni<Void> revoke(
            @Parameter(description = "Whether the tokens that this token made are revoked too") @DefaultValue("true") @QueryParam("cascade") String cascade) {
        boolean takesDescendants = PersonalAccessTokenResource.flag("cascade", cascade);
        return transactions.write(() -> issuer.revokeSelf(request.caller(), takesDescendants));
    }

    @POST
    @Path("rotate")
    @Operation(operationId = "rotateOwnToken", summary = "A token gives itself a new value", description = "It cannot extend its own life.")
    public Uni<TokenView> rotate(@Valid TokenRequests.Rotate body) {
        return transactions.write(() -> issuer
                .rotate(request.caller(), request.caller().token().orElseThrow().id(),
                        body == null ? TokenRequests.Rotate.AT_ONCE : body)
                .chain(issued -> directory.view(issued.token(), issued.secret())));
    }
}
