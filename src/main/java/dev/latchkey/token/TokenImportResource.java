package dev.latchkey.token;

import java.util.List;
import java.util.UUID;

import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import com.fasterxml.jackson.annotation.JsonInclude;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.ApiException.FieldError;
import dev.latchkey.platform.Caller;
import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.database.Transactions;
import dev.latchkey.scope.ScopeCatalogue;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;

/** Takes over tokens that were issued elsewhere, so that no client has to change. */
@Path(PersonalAccessTokenResource.PATH + "/import")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RolesAllowed(ScopeCatalogue.ACCOUNT_WRITE)
@SecurityRequirement(name = "session", scopes = ScopeCatalogue.ACCOUNT_WRITE)
@SecurityRequirement(name = "sessionCookie", scopes = ScopeCatalogue.ACCOUNT_WRITE)
@Tag(name = "Personal access tokens")
public class TokenImportResource {

    private final CurrentRequest request;
    private final Transactions transactions;
    private final TokenFormat format;
    private final TokenImporter importer;

    public TokenImportResource(CurrentRequest request, Transactions transactions, TokenFormat format, TokenImporter importer) {
        this.request = request;
        this.transactions = transactions;
        this.format = format;
        this.importer = importer;
    }

    /** What became of an import. */
    @RegisterForReflection
    @Schema(name = "TokenImport")
    record Outcome(@Schema(description = "How many were taken over") int imported,
            @Schema(description = "One for each token, in their order") List<Item> results) {
    }

    /** What became of one token. */
    @RegisterForReflection
    @Schema(name = "TokenImportItem")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Item(@Schema(description = "In the request, from 0") int index,
            @Schema(description = "Of the token that was made") UUID id,
            @Schema(description = "Why none was made", examples = "NOT_IMPORTED") String code, String message,
            List<FieldError> errors) {

        static Item made(int index, UUID id) {
            return new Item(index, id, null, null, null);
        }

        static Item failed(int index, ApiException why) {
            return new Item(index, null, why.code(), why.getMessage(), why.errors().isEmpty() ? null : why.errors());
        }
    }

    /** A format that the operator declared. */
    @RegisterForReflection
    @Schema(name = "ForeignTokenFormat")
    record FormatView(@Schema(examples = "legacy") String name, @Schema(examples = "old_") String prefix,
            @Schema(description = "Of the part after the prefix, in characters", examples = "40") int length) {
    }

    @POST
    @Operation(operationId = "importPersonalAccessTokens", summary = "Import tokens", description = "By the SHA-256 of their text, in formats that "
            + "the operator declared. Each by the rules of issue; what cannot be imported is told for each, and the others are imported. "
            + "Only in a session. The body may have 1 MiB.")
    public Uni<Outcome> importTokens(
            @NotNull(message = PersonalAccessTokenResource.MISSING_BODY) @Valid TokenRequests.Import body) {
        Caller caller = inSession();
        return transactions.write(() -> importer.run(caller, body.tokens()));
    }

    @GET
    @Path("formats")
    @Operation(operationId = "listForeignTokenFormats", summary = "List the formats in which tokens can be imported", description = "Those that "
            + "the operator declared: latchkey.token.foreign.")
    public List<FormatView> formats() {
        inSession();
        return format.foreign().stream().map(it -> new FormatView(it.name(), it.prefix(), it.length())).toList();
    }

    private Caller inSession() {
        Caller caller = request.caller();
        if (caller.token().isPresent()) {
            throw new ApiException(403, "SESSION_REQUIRED", "tokens are imported by a person: sign in, and use the session");
        }
        return caller;
    }
}
