package dev.latchkey.account;

import jakarta.annotation.security.PermitAll;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirementsSet;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import dev.latchkey.platform.AddressThrottle;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.Ids;
import io.smallrye.mutiny.Uni;

/** Where whoever has a link sets a password; no other credential is needed. */
@Path("/v3/users/{id}/reset-password")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Tag(name = "Users")
public class PasswordLinkResource {

    /** Hashing takes long, and a secret cannot be guessed anyway. */
    private static final int ATTEMPTS_PER_MINUTE = 30;

    private final CurrentRequest request;
    private final PasswordLinks links;
    private final AddressThrottle throttle = new AddressThrottle(ATTEMPTS_PER_MINUTE);

    public PasswordLinkResource(CurrentRequest request, PasswordLinks links) {
        this.request = request;
        this.links = links;
    }

    @POST
    @PermitAll
    @SecurityRequirementsSet({})
    @Operation(operationId = "resetPassword", summary = "Set a password by a link", description = "With the token of an invitation or of a "
            + "reset. It works once; all sessions of the user end. Throttled by address.")
    @APIResponse(responseCode = "204", description = "Set: sign in with it")
    @APIResponse(responseCode = "429", ref = "TooManyRequests")
    public Uni<Void> reset(@PathParam("id") String id,
            @NotNull(message = UserRequests.MISSING_BODY) @Valid UserRequests.Reset body) {
        if (!throttle.take("", request.address())) {
            throw ApiException.tooManyRequests("too many attempts from this address: try again in a minute", 60);
        }
        return links.use(Ids.parse(id).orElseThrow(ApiException::notFound), body.token(), body.newPassword());
    }
}
