package dev.latchkey.account;

import java.util.UUID;

import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.Idempotency;
import dev.latchkey.platform.Ids;
import dev.latchkey.platform.database.Transactions;
import dev.latchkey.platform.http.Creation;
import dev.latchkey.scope.ScopeCatalogue;
import io.smallrye.mutiny.Uni;

/** Makes, changes and removes roles; {@link RoleResource} shows them. */
@Path(RoleAdministrationResource.PATH)
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RolesAllowed(ScopeCatalogue.ROLE_WRITE)
@SecurityRequirement(name = "personalAccessToken", scopes = ScopeCatalogue.ROLE_WRITE)
@SecurityRequirement(name = "session", scopes = ScopeCatalogue.ROLE_WRITE)
@SecurityRequirement(name = "sessionCookie", scopes = ScopeCatalogue.ROLE_WRITE)
@Tag(name = "Roles")
public class RoleAdministrationResource {

    static final String PATH = "/v3/roles";

    private final CurrentRequest request;
    private final Transactions transactions;
    private final Idempotency idempotency;
    private final Roles roles;

    public RoleAdministrationResource(CurrentRequest request, Transactions transactions, Idempotency idempotency, Roles roles) {
        this.request = request;
        this.transactions = transactions;
        this.idempotency = idempotency;
        this.roles = roles;
    }

    @POST
    @Operation(operationId = "createRole", summary = "Create a role", description = "Nobody makes a role that has more than they hold.")
    @APIResponse(responseCode = "201", description = "Created", headers = @Header(name = "Location", schema = @Schema(implementation = String.class)), content = @Content(schema = @Schema(implementation = RoleView.class)))
    @APIResponse(responseCode = "200", description = "Created earlier with this Idempotency-Key", content = @Content(schema = @Schema(implementation = RoleView.class)))
    public Uni<Response> create(
            @Parameter(description = "Makes a repeated request harmless for 24 hours: 1 to 255 visible ASCII characters") @HeaderParam(Idempotency.HEADER) String key,
            @NotNull(message = UserRequests.MISSING_BODY) @Valid RoleRequests.Create body) {
        return idempotency.once(request, "POST", PATH, key, body, () -> roles.create(request.caller(), body), RoleView::id,
                id -> Role.find(request.caller().accountId(), id).onItem().ifNull().failWith(ApiException::notFound)
                        .map(RoleView::of))
                .map(outcome -> Creation.of(PATH, outcome, RoleView::id));
    }

    @PATCH
    @Path("{id}")
    @Operation(operationId = "changeRole", summary = "Change a role", description = "What becomes less is gone at once, for all of its users and "
            + "their tokens. Reserved roles cannot be changed (409).")
    public Uni<RoleView> change(@PathParam("id") String id,
            @NotNull(message = UserRequests.MISSING_BODY) @Valid RoleRequests.Change body) {
        return transactions.write(() -> roles.change(request.caller(), id(id), body));
    }

    @DELETE
    @Path("{id}")
    @Operation(operationId = "deleteRole", summary = "Delete a role", description = "A role that users have cannot be deleted (409, with their "
            + "number).")
    @APIResponse(responseCode = "204", description = "Deleted")
    @APIResponse(responseCode = "409", ref = "Conflict")
    public Uni<Void> delete(@PathParam("id") String id) {
        return transactions.write(() -> roles.delete(request.caller(), id(id)));
    }

    private static UUID id(String text) {
        return Ids.parse(text).orElseThrow(ApiException::notFound);
    }
}
