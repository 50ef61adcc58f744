package dev.latchkey.audit;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

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
import org.jboss.resteasy.reactive.ResponseHeader;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.http.Csv;
import dev.latchkey.scope.ScopeCatalogue;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;

@Path("/v3/event-logs")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(ScopeCatalogue.EVENT_LOG_READ)
@SecurityRequirement(name = "personalAccessToken", scopes = ScopeCatalogue.EVENT_LOG_READ)
@SecurityRequirement(name = "session", scopes = ScopeCatalogue.EVENT_LOG_READ)
@SecurityRequirement(name = "sessionCookie", scopes = ScopeCatalogue.EVENT_LOG_READ)
@Tag(name = "Event log", description = "What happened in the account: who did what, with which credential, from where")
public class EventLogResource {

    private static final String HEAD = Csv.line("createdAt", "action", "resource", "resourceId", "userId", "credentialType",
            "credentialId", "ipAddress", "userAgent", "requestId", "changes");

    private final CurrentRequest request;
    private final LoggedEvents events;
    private final ObjectMapper json;

    public EventLogResource(CurrentRequest request, LoggedEvents events, ObjectMapper json) {
        this.request = request;
        this.events = events;
        this.json = json;
    }

    @GET
    @Operation(operationId = "listEventLogs", summary = "List what happened", description = "Newest first. Times filter with [gt], [gte], "
            + "[lt] and [lte], as in createdAt[gte]=2027-01-01T00:00:00Z.")
    @Parameter(in = ParameterIn.QUERY, name = "sort", description = "createdAt; - before it reverses", schema = @Schema(type = SchemaType.STRING, defaultValue = "-createdAt"))
    @Parameter(in = ParameterIn.QUERY, name = "action", description = "These actions, such as personal-access-token.revoked", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "resource", description = "What happened to things of these kinds, such as personal-access-token", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "resourceId", description = "What happened to these things", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "userId", description = "What these users did", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "credentialId", description = "What was done with these tokens or sessions", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "ipAddress", description = "What was done from these addresses", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "credentialType", description = "session, personal-access-token or command-line; needs createdAt[gte]", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "userAgent", description = "Exactly this User-Agent; needs createdAt[gte]", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "field", description = "Changes of these fields; needs createdAt[gte]", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "createdAt[gte]", schema = @Schema(type = SchemaType.STRING, format = "date-time"))
    @APIResponse(responseCode = "200", description = "One page", content = @Content(schema = @Schema(type = SchemaType.ARRAY, implementation = EventView.class)))
    public Uni<Response> list(UriInfo uri) {
        return events.list(request.caller(), uri.getQueryParameters()).map(page -> page.toResponse(uri));
    }

    @GET
    @Path("export")
    @Produces(Csv.MEDIA_TYPE)
    @ResponseHeader(name = "Content-Disposition", value = "attachment; filename=\"event-logs.csv\"")
    @Operation(operationId = "exportEventLogs", summary = "Export the event log as CSV", description = "What the list shows with the same "
            + "filters, all of it. Cells that a spreadsheet would take for a formula begin with an apostrophe; changes is JSON.")
    @Parameter(in = ParameterIn.QUERY, name = "action", description = "These actions, such as personal-access-token.revoked", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "userId", description = "What these users did", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "createdAt[gte]", schema = @Schema(type = SchemaType.STRING, format = "date-time"))
    @APIResponse(responseCode = "200", description = "A header line, and a line for each entry", content = @Content(mediaType = "text/csv", schema = @Schema(type = SchemaType.STRING)))
    public Multi<String> export(UriInfo uri) {
        AtomicReference<String> head = new AtomicReference<>(HEAD);
        return events.all(request.caller(), uri.getQueryParameters()).map(page -> head.getAndSet("")
                + page.items().stream().map(this::line).collect(Collectors.joining()));
    }

    private String line(EventView event) {
        Optional<EventView.Credential> credential = Optional.ofNullable(event.credential());
        try {
            return Csv.line(event.createdAt(), event.action(), event.resource(), event.resourceId(), event.userId(),
                    credential.map(EventView.Credential::type).orElse(null),
                    credential.map(EventView.Credential::id).orElse(null),
                    event.ipAddress(), event.userAgent(), event.requestId(), json.writeValueAsString(event.changes()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("changes are texts and lists of texts", e);
        }
    }
}
