package dev.latchkey.account;

import java.util.UUID;

import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.Ids;
import dev.latchkey.platform.database.Transactions;
import dev.latchkey.scope.ScopeCatalogue;
import io.smallrye.mutiny.Uni;

/** Changes and ends the account; {@link AccountResource} shows it. */
@Path("/v3/accounts/{id}")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RolesAllowed(ScopeCatalogue.ACCOUNT_WRITE)
@SecurityRequirement(name = "personalAccessToken", scopes = ScopeCatalogue.ACCOUNT_WRITE)
@SecurityRequirement(name = "session", scopes = ScopeCatalogue.ACCOUNT_WRITE)
@SecurityRequirement(name = "sessionCookie", scopes = ScopeCatalogue.ACCOUNT_WRITE)
@Tag(name = "Account")
public class AccountAdministrationResource {

    private final CurrentRequest request;
    private final Transactions transactions;
    private final Accounts accounts;

    public AccountAdministrationResource(CurrentRequest request, Transactions transactions, Accounts accounts) {
        this.request = request;
        this.transactions = transactions;
        this.accounts = accounts;
    }

    @PATCH
    @Operation(operationId = "changeAccount", summary = "Change the account", description = "A tighter token policy binds what is issued from now "
            + "on; existingTokens says what becomes of tokens that break it: keep (the default) or shorten. A preview tells which they are.")
    public Uni<AccountView> change(@PathParam("id") String id,
            @NotNull(message = UserRequests.MISSING_BODY) @Valid AccountRequests.Change body) {
        return transactions.write(() -> accounts.change(request.caller(), id(id), body));
    }

    @POST
    @Path("token-policy/preview")
    @Operation(operationId = "previewTokenPolicy", summary = "See which tokens a policy would break", description = "Changes nothing.")
    public Uni<PolicyBreaches.Preview> preview(@PathParam("id") String id,
            @NotNull(message = UserRequests.MISSING_BODY) @Valid AccountRequests.Policy body) {
        return transactions.trial(() -> accounts.preview(request.caller(), id(id), body));
    }

    @DELETE
    @Operation(operationId = "deleteAccount", summary = "Delete the account", description = "Only for a super-admin, who repeats the alias. "
            + "Everybody in it, and every token, is refused at once; what is left goes after 30 days.")
    public Uni<AccountView> delete(@PathParam("id") String id,
            @NotNull(message = UserRequests.MISSING_BODY) @Valid AccountRequests.Delete body) {
        return transactions.write(() -> accounts.delete(request.caller(), id(id), body.alias()));
    }

    private static UUID id(String text) {
        return Ids.parse(text).orElseThrow(ApiException::notFound);
    }
}
