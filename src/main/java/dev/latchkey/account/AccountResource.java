package dev.latchkey.account;

import java.util.UUID;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
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

/** Shows the account; {@link AccountAdministrationResource} changes it. */
@Path("/v3/accounts/{id}")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(ScopeCatalogue.ACCOUNT_READ)
@SecurityRequirement(name = "personalAccessToken", scopes = ScopeCatalogue.ACCOUNT_READ)
@SecurityRequirement(name = "session", scopes = ScopeCatalogue.ACCOUNT_READ)
@SecurityRequirement(name = "sessionCookie", scopes = ScopeCatalogue.ACCOUNT_READ)
@Tag(name = "Account", description = "The account itself, and what it demands of tokens")
public class AccountResource {

    private final CurrentRequest request;
    private final Transactions transactions;
    private final Accounts accounts;

    public AccountResource(CurrentRequest request, Transactions transactions, Accounts accounts) {
        this.request = request;
        this.transactions = transactions;
        this.accounts = accounts;
    }

    @GET
    @Operation(operationId = "getAccount", summary = "Look at the account")
    public Uni<AccountView> get(@PathParam("id") String id) {
        UUID account = Ids.parse(id).orElseThrow(ApiException::notFound);
        return transactions.read(() -> accounts.own(request.caller(), account).map(AccountView::of));
    }
}
