package dev.latchkey.token;

import java.util.ArrayList;
import java.util.List;

import jakarta.annotation.security.PermitAll;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirementsSet;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import dev.latchkey.platform.AddressThrottle;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Change;
import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.database.Transactions;
import dev.latchkey.token.TokenRequests.Leaked;
import io.smallrye.mutiny.Uni;

/** Where whoever finds tokens ends them, by having them; no other credential is needed. */
@Path(PersonalAccessTokenResource.PATH + "/leaked")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Tag(name = "Personal access tokens")
public class LeakResource {

    private final CurrentRequest request;
    private final Transactions transactions;
    private final TokenFormat format;
    private final TokenIssuer issuer;
    private final AddressThrottle throttle;

    public LeakResource(CurrentRequest request, Transactions transactions, TokenFormat format, TokenIssuer issuer,
            LatchkeyConfig config) {
        this.request = request;
        this.transactions = transactions;
        this.format = format;
        this.issuer = issuer;
        this.throttle = new AddressThrottle(config.token().leakReportsPerMinute());
    }

    @POST
    @PermitAll
    @SecurityRequirementsSet({})
    @Operation(operationId = "reportLeakedTokens", summary = "Report tokens that were found", description = "As secret scanners do. What is "
            + "real is revoked, with what it made, before the answer; its owner learns where it was found from the event log and webhooks. "
            + "The answer is the same whether a token was real or not. Throttled by address.")
    @APIResponse(responseCode = "202", description = "Taken; nothing is said of the tokens")
    @APIResponse(responseCode = "429", ref = "TooManyRequests")
    public Uni<Response> report(
            @NotNull(message = "is missing: send a JSON array") @NotEmpty(message = "is empty: report at least one token") @Size(max = TokenRequests.MAX_LEAKED, message = "has too many entries: at most {max}") List<@NotNull(message = "is null: remove it") @Valid Leaked> body) {
        if (!throttle.take("", request.address())) {
            throw ApiException.tooManyRequests("too many reports from this address: try again in a minute", 60);
        }
        Uni<Void> all = Uni.createFrom().voidItem();
        for (Leaked leaked : body) {
            // One at a time: a token that is being changed holds up neither the others nor whoever changes them.
            if (format.isWellFormed(leaked.token().strip())) {
                TokenDigest digest = TokenDigest.of(leaked.token().strip());
                all = all.chain(() -> transactions.write(() -> issuer.revokeLeaked(digest, found(leaked))));
            }
        }
        return all.replaceWith(() -> Response.accepted().build());
    }

    private static List<Change> found(Leaked leaked) {
        List<Change> found = new ArrayList<>();
        Change.note(found, "type", null, leaked.type());
        Change.note(found, "url", null, leaked.url());
        Change.note(found, "source", null, leaked.source());
        return found;
    }
}
