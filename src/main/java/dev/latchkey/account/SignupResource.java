package dev.latchkey.account;

import jakarta.annotation.security.PermitAll;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirementsSet;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import dev.latchkey.platform.AddressThrottle;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.database.Transactions;
import io.smallrye.mutiny.Uni;

/** Where people make accounts of their own, if the operator lets them. */
@Path("/v3/accounts")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Tag(name = "Account")
public class SignupResource {

    private static final int ACCOUNTS_PER_MINUTE = 5;

    private final CurrentRequest request;
    private final Transactions transactions;
    private final PasswordWorkers workers;
    private final Accounts accounts;
    private final boolean open;
    private final AddressThrottle throttle = new AddressThrottle(ACCOUNTS_PER_MINUTE);

    public SignupResource(CurrentRequest request, Transactions transactions, PasswordWorkers workers, Accounts accounts,
            LatchkeyConfig config) {
        this.request = request;
        this.transactions = transactions;
        this.workers = workers;
        this.accounts = accounts;
        this.open = config.signup() == LatchkeyConfig.Signup.OPEN;
    }

    @POST
    @PermitAll
    @SecurityRequirementsSet({})
    @Operation(operationId = "createAccount", summary = "Make an account", description = "Only where latchkey.signup is open. Throttled by address.")
    @APIResponse(responseCode = "201", description = "Made: sign in with e-mail and password", content = @Content(schema = @Schema(implementation = AccountView.class)))
    @APIResponse(responseCode = "403", description = "latchkey.signup is closed", ref = "Forbidden")
    @APIResponse(responseCode = "409", ref = "Conflict")
    @APIResponse(responseCode = "429", ref = "TooManyRequests")
    public Uni<Response> create(@NotNull(message = UserRequests.MISSING_BODY) @Valid AccountRequests.Create body) {
        if (!open) {
            throw new ApiException(403, "SIGNUP_CLOSED", "accounts are made by whoever runs this service: ask them");
        }
        if (!throttle.take("", request.address())) {
            throw ApiException.tooManyRequests("too many accounts from this address: try again in a minute", 60);
        }
        Passwords.requireAcceptable("password", body.password());
        return workers.run(() -> Passwords.hash(body.password()))
                .chain(hash -> transactions.write(() -> accounts.create(body, hash)))
                .map(made -> Response.status(Response.Status.CREATED).entity(made).build());
    }
}
