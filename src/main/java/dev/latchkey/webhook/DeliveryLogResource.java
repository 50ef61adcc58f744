package dev.latchkey.webhook;

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

@Path("/v3/webhook-event-logs")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(ScopeCatalogue.WEBHOOK_READ)
@SecurityRequirement(name = "personalAccessToken", scopes = ScopeCatalogue.WEBHOOK_READ)
@SecurityRequirement(name = "session", scopes = ScopeCatalogue.WEBHOOK_READ)
@SecurityRequirement(name = "sessionCookie", scopes = ScopeCatalogue.WEBHOOK_READ)
@Tag(name = "Webhook event logs", description = "What webhooks were told, what came of it, and what waits")
public class DeliveryLogResource {

    private final CurrentRequest request;
    private final DeliveryLog log;

    public DeliveryLogResource(CurrentRequest request, DeliveryLog log) {
        this.request = request;
        this.log = log;
    }

    @GET
    @Operation(operationId = "listWebhookEventLogs", summary = "List what webhooks were told", description = "Newest first; "
            + "status=dead-letter lists what was given up. Times filter with [gt], [gte], [lt] and [lte], as in "
            + "createdAt[gte]=2027-01-01T00:00:00Z.")
    @Parameter(in = ParameterIn.QUERY, name = "sort", description = "createdAt; - before it reverses", schema = @Schema(type = SchemaType.STRING, defaultValue = "-createdAt"))
    @Parameter(in = ParameterIn.QUERY, name = "webhookId", description = "What these webhooks were told", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "status", description = "pending, delivered, dead-letter; several with commas", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "event", description = "These events, such as personal-access-token.revoked", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "resourceId", description = "What happened to these things", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "createdAt[gte]", schema = @Schema(type = SchemaType.STRING, format = "date-time"))
    @APIResponse(responseCode = "200", description = "One page", content = @Content(schema = @Schema(type = SchemaType.ARRAY, implementation = DeliveryView.class)))
    public Uni<Response> list(UriInfo uri) {
        return log.list(request.caller(), uri.getQueryParameters()).map(page -> page.toResponse(uri));
    }

    @GET
    @Path("{id}")
    @Operation(operationId = "getWebhookEventLog", summary = "Look at what a webhook was told")
    public Uni<DeliveryView> get(@PathParam("id") String id) {
        return log.get(request.caller(), id(id));
    }

    private static UUID id(String text) {
        return Ids.parse(text).orElseThrow(ApiException::notFound);
    }
}
