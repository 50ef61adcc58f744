package dev.latchkey.account;

import java.util.Optional;
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

/** Makes, changes and removes users; {@link UserResource} shows them. */
@Path(UserAdministrationResource.PATH)
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RolesAllowed(ScopeCatalogue.USER_WRITE)
@SecurityRequirement(name = "personalAccessToken", scopes = ScopeCatalogue.USER_WRITE)
@SecurityRequirement(name = "session", scopes = ScopeCatalogue.USER_WRITE)
@SecurityRequirement(name = "sessionCookie", scopes = ScopeCatalogue.USER_WRITE)
@Tag(name = "Users")
public class UserAdministrationResource {

    static final String PATH = "/v3/users";

    private final CurrentRequest request;
    private final Transactions transactions;
    private final Idempotency idempotency;
    private final PasswordWorkers workers;
    private final Users users;
    private final UserDirectory directory;

    public UserAdministrationResource(CurrentRequest request, Transactions transactions, Idempotency idempotency,
            PasswordWorkers workers, Users users, UserDirectory directory) {
        this.request = request;
        this.transactions = transactions;
        this.idempotency = idempotency;
        this.workers = workers;
        this.users = users;
        this.directory = directory;
    }

    @POST
    @Operation(operationId = "createUser", summary = "Create a user", description = "Without a password the answer has an invitation, "
            + "which is shown once and works for 7 days: hand it to the person. Nobody makes a user who may do more than they may.")
    @APIResponse(responseCode = "201", description = "Created", headers = @Header(name = "Location", schema = @Schema(implementation = String.class)), content = @Content(schema = @Schema(implementation = UserView.class)))
    @APIResponse(responseCode = "200", description = "Created earlier with this Idempotency-Key; the body is without an invitation", content = @Content(schema = @Schema(implementation = UserView.class)))
    public Uni<Response> create(
            @Parameter(description = "Makes a repeated request harmless for 24 hours: 1 to 255 visible ASCII characters") @HeaderParam(Idempotency.HEADER) String key,
            @NotNull(message = UserRequests.MISSING_BODY) @Valid UserRequests.Create body) {
        return hash("password", body.password())
                .chain(hash -> idempotency.once(request, "POST", PATH, key, body,
                        () -> users.create(request.caller(), body, hash), UserView::id,
                        id -> directory.find(request.caller(), id)))
                .map(outcome -> Creation.of(PATH, outcome, UserView::id));
    }

    @PATCH
    @Path("{id}")
    @Operation(operationId = "changeUser", summary = "Change, disable or enable a user", description = "What a smaller role or being disabled takes "
            + "away is gone at once, for their tokens too. The last super-admin stays (409).")
    public Uni<UserView> change(@PathParam("id") String id,
            @NotNull(message = UserRequests.MISSING_BODY) @Valid UserRequests.Change body) {
        return transactions.write(() -> users.change(request.caller(), id(id), body));
    }

    @DELETE
    @Path("{id}")
    @Operation(operationId = "deleteUser", summary = "Delete a user", description = "Their tokens and sessions go with them, at once. The last "
            + "super-admin stays (409).")
    @APIResponse(responseCode = "204", description = "Deleted")
    @APIResponse(responseCode = "409", ref = "Conflict")
    public Uni<Void> delete(@PathParam("id") String id) {
        return transactions.write(() -> users.delete(request.caller(), id(id)));
    }

    @PATCH
    @Path("{id}/update-password")
    @Operation(operationId = "updateUserPassword", summary = "Set a user's password", description = "For users with the role user only. Their "
            + "sessions end; their tokens stay.")
    @APIResponse(responseCode = "204", description = "Set")
    public Uni<Void> updatePassword(@PathParam("id") String id,
            @NotNull(message = UserRequests.MISSING_BODY) @Valid UserRequests.NewPassword body) {
        return hash("newPassword", body.newPassword())
                .chain(hash -> transactions.write(() -> users.setPassword(request.caller(), id(id), hash.orElseThrow())));
    }

    @POST
    @Path("{id}/reset-password-token")
    @Consumes(MediaType.WILDCARD)
    @Operation(operationId = "createPasswordResetToken", summary = "Let a user reset their password", description = "For users with the role "
            + "user only. The link works once, for 24 hours; it ends former ones. Hand it to the person.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = PasswordLinks.Link.class)))
    @APIResponse(responseCode = "409", ref = "Conflict")
    public Uni<PasswordLinks.Link> resetLink(@PathParam("id") String id) {
        return transactions.write(() -> users.resetLink(request.caller(), id(id)));
    }

    @POST
    @Path("{id}/invitation")
    @Consumes(MediaType.WILDCARD)
    @Operation(operationId = "inviteUser", summary = "Invite a user again", description = "For somebody who has not set a password yet. The link "
            + "works once, for 7 days; it ends former ones.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = PasswordLinks.Link.class)))
    @APIResponse(responseCode = "409", ref = "Conflict")
    public Uni<PasswordLinks.Link> invite(@PathParam("id") String id) {
        return transactions.write(() -> users.invite(request.caller(), id(id)));
    }

    private Uni<Optional<String>> hash(String field, String password) {
        if (password == null) {
            return Uni.createFrom().item(Optional.empty());
        }
        Passwords.requireAcceptable(field, password);
        return workers.run(() -> Optional.of(Passwords.hash(password)));
    }

    private static UUID id(String text) {
        return Ids.parse(text).orElseThrow(ApiException::notFound);
    }
}
