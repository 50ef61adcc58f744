package dev.latchkey.webhook;

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
import dev.latchkey.platform.http.Creation;
import dev.latchkey.scope.ScopeCatalogue;
import io.smallrye.mutiny.Uni;

@Path(WebhookResource.PATH)
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RolesAllowed(ScopeCatalogue.WEBHOOK_WRITE)
@SecurityRequirement(name = "personalAccessToken", scopes = ScopeCatalogue.WEBHOOK_WRITE)
@SecurityRequirement(name = "session", scopes = ScopeCatalogue.WEBHOOK_WRITE)
@SecurityRequirement(name = "sessionCookie", scopes = ScopeCatalogue.WEBHOOK_WRITE)
@Tag(name = "Webhooks")
public class WebhookAdministrationResource {

    private static final String MISSING_BODY = "is missing: send a JSON object";

    private final CurrentRequest request;
    private final Idempotency idempotency;
    private final Webhooks webhooks;

    public WebhookAdministrationResource(CurrentRequest request, Idempotency idempotency, Webhooks webhooks) {
        this.request = request;
        this.idempotency = idempotency;
        this.webhooks = webhooks;
    }

    @POST
    @Operation(operationId = "createWebhook", summary = "Create a webhook", description = "From now on it is told of these events, with "
            + "POST of {event, data, triggeredAt}, signed with its token.")
    @APIResponse(responseCode = "201", description = "Created; the body has the token if it was made here", headers = @Header(name = "Location", schema = @Schema(implementation = String.class)), content = @Content(schema = @Schema(implementation = WebhookView.class)))
    @APIResponse(responseCode = "200", description = "Created earlier with this Idempotency-Key; the body is without the token", content = @Content(schema = @Schema(implementation = WebhookView.class)))
    public Uni<Response> create(
            @Parameter(description = "Makes a repeated request harmless for 24 hours: 1 to 255 visible ASCII characters") @HeaderParam(Idempotency.HEADER) String key,
            @NotNull(message = MISSING_BODY) @Valid WebhookRequests.Create body) {
        return idempotency
                .once(request, "POST", WebhookResource.PATH, key, body, () -> webhooks.create(request.caller(), body),
                        WebhookView::id, id -> webhooks.find(request.caller(), id))
                .map(outcome -> Creation.of(WebhookResource.PATH, outcome, WebhookView::id));
    }

    @PATCH
    @Path("{id}")
    @Operation(operationId = "changeWebhook", summary = "Edit a webhook, or switch it off", description = "A field that is absent stays "
            + "as it is. What waits already is sent to the new URL, signed with the new token.")
    public Uni<WebhookView> change(@PathParam("id") String id,
            @NotNull(message = MISSING_BODY) @Valid WebhookRequests.Change body) {
        return webhooks.change(request.caller(), id(id), body);
    }

    @DELETE
    @Path("{id}")
    @Operation(operationId = "deleteWebhook", summary = "Delete a webhook", description = "What waits for it is not sent any more; its log "
            + "goes with it.")
    @APIResponse(responseCode = "204", description = "Deleted")
    public Uni<Void> delete(@PathParam("id") String id) {
        return webhooks.delete(request.caller(), id(id));
    }

    private static UUID id(String text) {
        return Ids.parse(text).orElseThrow(ApiException::notFound);
    }
}
