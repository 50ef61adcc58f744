package dev.latchkey.webhook;

import java.util.List;
import java.util.UUID;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.Ids;
import dev.latchkey.scope.ScopeCatalogue;
import io.smallrye.mutiny.Uni;

@Path(WebhookResource.PATH)
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(ScopeCatalogue.WEBHOOK_READ)
@SecurityRequirement(name = "personalAccessToken", scopes = ScopeCatalogue.WEBHOOK_READ)
@SecurityRequirement(name = "session", scopes = ScopeCatalogue.WEBHOOK_READ)
@SecurityRequirement(name = "sessionCookie", scopes = ScopeCatalogue.WEBHOOK_READ)
@Tag(name = "Webhooks", description = "Where somebody is told by HTTP of what happens in the account")
public class WebhookResource {

    static final String PATH = "/v3/webhooks";

    private final CurrentRequest request;
    private final Webhooks webhooks;

    public WebhookResource(CurrentRequest request, Webhooks webhooks) {
        this.request = request;
        this.webhooks = webhooks;
    }

    @GET
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
    @Operation(operationId = "listWebhookEvents", summary = "List the events that a webhook can be told of")
    public List<EventCatalogue.Kind> events() {
        return EventCatalogue.all();
    }

    @GET
    @Path("{id}")
    @Operation(operationId = "getWebhook", summary = "Look at a webhook")
    public Uni<WebhookView> get(@PathParam("id") String id) {
        return webhooks.get(request.caller(), id(id));
    }

    private static UUID id(String text) {
        return Ids.parse(text).orElseThrow(ApiException::notFound);
    }
}
