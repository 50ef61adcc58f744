package dev.latchkey.webhook;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.Ids;
import dev.latchkey.scope.ScopeCatalogue;
import io.smallrye.mutiny.Uni;

@Path("/v3/webhook-event-logs/{id}/replay")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(ScopeCatalogue.WEBHOOK_WRITE)
@SecurityRequirement(name = "personalAccessToken", scopes = ScopeCatalogue.WEBHOOK_WRITE)
@SecurityRequirement(name = "session", scopes = ScopeCatalogue.WEBHOOK_WRITE)
@SecurityRequirement(name = "sessionCookie", scopes = ScopeCatalogue.WEBHOOK_WRITE)
@Tag(name = "Webhook event logs")
public class DeliveryReplayResource {

    private final CurrentRequest request;
    private final DeliveryLog log;

    public DeliveryReplayResource(CurrentRequest request, DeliveryLog log) {
        this.request = request;
        this.log = log;
    }

    @POST
    @Operation(operationId = "replayWebhookEventLog", summary = "Tell a webhook again", description = "The same body with the same "
            + "webhook-id, after what waits for its resource; what waits already is tried at once. Works for dead letters and for what "
            + "was delivered.")
    @APIResponse(responseCode = "202", description = "It will be sent", content = @Content(schema = @Schema(implementation = DeliveryView.class)))
    @APIResponse(responseCode = "409", description = "Its webhook is switched off")
    public Uni<Response> replay(@PathParam("id") String id) {
        return log.replay(request.caller(), Ids.parse(id).orElseThrow(ApiException::notFound))
                .map(view -> Response.accepted(view).build());
    }
}
