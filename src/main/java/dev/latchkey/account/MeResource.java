package dev.latchkey.account;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import com.fasterxml.jackson.annotation.JsonInclude;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Caller;
import dev.latchkey.platform.Credentials;
import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.database.Transactions;
import dev.latchkey.token.TokenDirectory;
import dev.latchkey.token.TokenView;
import io.smallrye.mutiny.Uni;

@Path("/v3/me")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Me", description = "Who is calling")
public class MeResource {

    private final CurrentRequest request;
    private final Transactions transactions;
    private final TokenDirectory tokens;

    public MeResource(CurrentRequest request, Transactions transactions, TokenDirectory tokens) {
        this.request = request;
        this.transactions = transactions;
        this.tokens = tokens;
    }

    @Schema(name = "Me", description = "The caller")
    record Me(UUID id, String email, String firstName, String lastName, String company, boolean twoFactorEnabled,
            AccountSummary account,
            @Schema(description = "The name of the role", examples = "super-admin") String role,
            @Schema(description = "The effective scopes: what the credential grants and the role still has") List<String> scopes,
            @Schema(description = "Only for a personal access token") @JsonInclude(JsonInclude.Include.NON_NULL) TokenView token) {
    }

    @Schema(name = "AccountSummary")
    record AccountSummary(UUID id, String alias, String company, AccountView.Policy tokenPolicy) {
    }

    @GET
    @RolesAllowed({ Credentials.SESSION, Credentials.TOKEN })
    @Operation(operationId = "getMe", summary = "Who am I", description = "The user, account, role and effective scopes behind any "
            + "credential; for a personal access token, the token too.")
    public Uni<Me> get() {
        Caller caller = request.caller();
        return tokens.self(caller).chain(token -> transactions.read(() -> User.find(caller.accountId(), caller.userId())
                .onItem().ifNull().failWith(ApiException::notFound)
                .chain(user -> Role.find(caller.accountId(), user.roleId)
                        .chain(role -> Account.<Account> findById(caller.accountId())
                                .map(account -> me(caller, user, role, account, token.orElse(null)))))));
    }

    private static Me me(Caller caller, User user, Role role, Account account, TokenView token) {
        SortedSet<String> scopes = new TreeSet<>(caller.scopes());
        return new Me(user.id, user.email, user.firstName, user.lastName, user.company, user.twoFactorEnabled,
                new AccountSummary(account.id, account.alias, account.company, AccountView.Policy.of(account)),
                role.name, List.copyOf(scopes), token);
    }
}
