package dev.latchkey.audit;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
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

import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.scope.ScopeCatalogue;
import io.smallrye.mutiny.Uni;

@Path("/v3/event-logs")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(ScopeCatalogue.EVENT_LOG_READ)
@SecurityRequirement(name = "personalAccessToken", scopes = ScopeCatalogue.EVENT_LOG_READ)
@SecurityRequirement(name = "session", scopes = ScopeCatalogue.EVENT_LOG_READ)
@SecurityRequirement(name = "sessionCookie", scopes = ScopeCatalogue.EVENT_LOG_READ)
@Tag(name = "Event log", description = "What happened in the account: who did what, with which credential, from where")
public class EventLogResource {

    private final CurrentRequest request;
    private final LoggedEvents events;

    public EventLogResource(CurrentRequest request, LoggedEvents events) {
        this.request = request;
        this.events = events;
    }

    @GET
    @Operation(operationId = "listEventLogs", summary = "List what happened", description = "Newest first. Times filter with [gt], [gte], "
            + "[lt] and [lte], as in createdAt[gte]=2027-01-01T00:00:00Z.")
    @Parameter(in = ParameterIn.QUERY, name = "sort", description = "createdAt; - before it reverses", schema = @Schema(type = SchemaType.STRING, defaultValue = "-createdAt"))
    @Parameter(in = ParameterIn.QUERY, name = "action", description = "These actions, such as personal-access-token.revoked", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "resource", description = "What happened to things of these kinds, such as personal-access-token", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "resourceId", description = "What happened to these things", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "userId", description = "What these users did", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "createdAt[gte]", schema = @Schema(type = SchemaType.STRING, format = "date-time"))
    @APIResponse(responseCode = "200", description = "One page", content = @Content(schema = @Schema(type = SchemaType.ARRAY, implementation = EventView.class)))
    public Uni<Response> list(UriInfo uri) {
        return events.list(request.caller(), uri.getQueryParameters()).map(page -> page.toResponse(uri));
    }
}
