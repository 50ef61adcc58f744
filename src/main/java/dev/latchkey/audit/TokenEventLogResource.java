package dev.latchkey.audit;

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

/** What happened to one token, for whoever sees it. */
@Path("/v3/personal-access-tokens/{id}/event-logs")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(ScopeCatalogue.PERSONAL_ACCESS_TOKEN_WRITE)
@SecurityRequirement(name = "personalAccessToken", scopes = ScopeCatalogue.PERSONAL_ACCESS_TOKEN_WRITE)
@SecurityRequirement(name = "session", scopes = ScopeCatalogue.PERSONAL_ACCESS_TOKEN_WRITE)
@SecurityRequirement(name = "sessionCookie", scopes = ScopeCatalogue.PERSONAL_ACCESS_TOKEN_WRITE)
@Tag(name = "Personal access tokens")
public class TokenEventLogResource {

    private final CurrentRequest request;
    private final LoggedEvents events;

    public TokenEventLogResource(CurrentRequest request, LoggedEvents events) {
        this.request = request;
        this.events = events;
    }

    @GET
    @Operation(operationId = "listPersonalAccessTokenEventLogs", summary = "List what happened to a token", description = "Newest first.")
    @Parameter(in = ParameterIn.QUERY, name = "sort", description = "createdAt; - before it reverses", schema = @Schema(type = SchemaType.STRING, defaultValue = "-createdAt"))
    @Parameter(in = ParameterIn.QUERY, name = "action", description = "These actions, such as personal-access-token.revoked", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "userId", description = "What these users did", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "createdAt[gte]", schema = @Schema(type = SchemaType.STRING, format = "date-time"))
    @APIResponse(responseCode = "200", description = "One page", content = @Content(schema = @Schema(type = SchemaType.ARRAY, implementation = EventView.class)))
    public Uni<Response> list(@PathParam("id") String id, UriInfo uri) {
        UUID tokenId = Ids.parse(id).orElseThrow(ApiException::notFound);
        return events.ofToken(request.caller(), tokenId, uri.getQueryParameters()).map(page -> page.toResponse(uri));
    }
}
