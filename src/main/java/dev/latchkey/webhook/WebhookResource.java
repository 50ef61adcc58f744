package dev.latchkey.webhook;

import java.util.List;
import java.util.UUID;

import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
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
@Tag(name = "Webhooks", description = "Where somebody is told by HTTP of what happens in the account")
public class WebhookResource {

    static final String PATH = "/v3/webhooks";
    private static final String MISSING_BODY = "is missing: send a JSON object";

    private final CurrentRequest request;
    private final Idempotency idempotency;
    private final Webhooks webhooks;

    public WebhookResource(CurrentRequest request, Idempotency idempotency, Webhooks webhooks) {
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
                .once(request, "POST", PATH, key, body, () -> webhooks.create(request.caller(), body), WebhookView::id,
                        id -> webhooks.find(request.caller(), id))
                .map(outcome -> Creation.of(PATH, outcome, WebhookView::id));
    }

    @GET
    @RolesAllowed(ScopeCatalogue.WEBHOOK_READ)
    @Operation(operationId = "listWebhooks", summary = "List webhooks", description = "Times filter with [gt], [gte], [lt] and [lte], as "
            + "in createdAt[gte]=2027-01-01T00:00:00Z.")
    @Parameter(in = ParameterIn.QUERY, name = "sort", description = "createdAt, updatedAt or name; - before it reverses", schema = @Schema(type = SchemaType.STRING, defaultValue = "-createdAt"))
    @Parameter(in = ParameterIn.QUERY, name = "query", description = "Words that the name contains, or begin with", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "name", description = "Webhooks of exactly this name", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "event", description = "Webhooks that are told of one of these events", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "active", description = "true or false", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "createdAt[gte]", schema = @Schema(type = SchemaType.STRING, format = "date-time"))
    @APIResponse(responseCode = "200", description = "One page", content = @Content(schema = @Schema(type = SchemaType.ARRAY, implementation = WebhookView.class)))
    public Uni<Response> list(UriInfo uri) {
        return webhooks.list(request.caller(), uri.getQueryParameters()).map(page -> page.toResponse(uri));
    }

    @GET
    @Path("events")
    @RolesAllowed(ScopeCatalogue.WEBHOOK_READ)
    @Operation(operationId = "listWebhookEvents", summary = "List the events that a webhook can be told of")
    public List<EventCatalogue.Kind> events() {
        return EventCatalogue.all();
    }

    @GET
    @Path("{id}")
    @RolesAllowed(ScopeCatalogue.WEBHOOK_READ)
    @Operation(operationId = "getWebhook", summary = "Look at a webhook")
    public Uni<WebhookView> get(@PathParam("id") String id) {
        return webhooks.get(request.caller(), id(id));
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
