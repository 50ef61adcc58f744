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

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.Idempotency;
import dev.latchkey.platform.Ids;
import dev.latchkey.platform.database.Transactions;
import dev.latchkey.platform.http.Creation;
import dev.latchkey.scope.ScopeCatalogue;
import io.smallrye.mutiny.Uni;

/** Makes, changes and removes tags. */
@Path(TagAdministrationResource.PATH)
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RolesAllowed(ScopeCatalogue.TAG_WRITE)
@SecurityRequirement(name = "personalAccessToken", scopes = ScopeCatalogue.TAG_WRITE)
@SecurityRequirement(name = "session", scopes = ScopeCatalogue.TAG_WRITE)
@SecurityRequirement(name = "sessionCookie", scopes = ScopeCatalogue.TAG_WRITE)
@org.eclipse.microprofile.openapi.annotations.tags.Tag(name = "Tags", description = "Names that tokens and users carry, and what they mean")
public class TagAdministrationResource {

    static final String PATH = "/v3/tags";

    private final CurrentRequest request;
    private final Transactions transactions;
    private final Idempotency idempotency;
    private final Tags tags;

    public TagAdministrationResource(CurrentRequest request, Transactions transactions, Idempotency idempotency, Tags tags) {
        this.request = request;
        this.transactions = transactions;
        this.idempotency = idempotency;
        this.tags = tags;
    }

    @POST
    @Operation(operationId = "createTag", summary = "Create a tag")
    @APIResponse(responseCode = "201", description = "Created", headers = @Header(name = "Location", schema = @Schema(implementation = String.class)), content = @Content(schema = @Schema(implementation = TagView.class)))
    @APIResponse(responseCode = "200", description = "Created earlier with this Idempotency-Key", content = @Content(schema = @Schema(implementation = TagView.class)))
    public Uni<Response> create(
            @Parameter(description = "Makes a repeated request harmless for 24 hours: 1 to 255 visible ASCII characters") @HeaderParam(Idempotency.HEADER) String key,
            @NotNull(message = UserRequests.MISSING_BODY) @Valid Tags.Create body) {
        return idempotency.once(request, "POST", PATH, key, body, () -> tags.create(request.caller(), body), TagView::id,
                id -> tags.find(request.caller(), id)).map(outcome -> Creation.of(PATH, outcome, TagView::id));
    }

    @PATCH
    @Path("{id}")
    @Operation(operationId = "changeTag", summary = "Change a tag", description = "Another name is so on all tokens and users that carry the tag.")
    public Uni<TagView> change(@PathParam("id") String id,
            @NotNull(message = UserRequests.MISSING_BODY) @Valid Tags.Edit body) {
        return transactions.write(() -> tags.change(request.caller(), id(id), body));
    }

    @DELETE
    @Path("{id}")
    @Operation(operationId = "deleteTag", summary = "Delete a tag", description = "It is taken off all tokens and users that carry it.")
    @APIResponse(responseCode = "204", description = "Deleted")
    public Uni<Void> delete(@PathParam("id") String id) {
        return transactions.write(() -> tags.delete(request.caller(), id(id)));
    }

    private static UUID id(String text) {
        return Ids.parse(text).orElseThrow(ApiException::notFound);
    }
}
