package dev.latchkey.account;

import java.util.List;
import java.util.UUID;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Credentials;
import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.Ids;
import dev.latchkey.security.SessionCookies;
import io.smallrye.mutiny.Uni;

/** Where a person is signed in, for that person alone. */
@Path("/v3/me/sessions")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Credentials.SESSION)
@SecurityRequirement(name = "session")
@SecurityRequirement(name = "sessionCookie")
@Tag(name = "Me")
public class OwnSessionsResource {

    private final CurrentRequest request;
    private final Sessions sessions;
    private final SessionCookies cookies;

    public OwnSessionsResource(CurrentRequest request, Sessions sessions, SessionCookies cookies) {
        this.request = request;
        this.sessions = sessions;
        this.cookies = cookies;
    }

    @GET
    @Operation(operationId = "listOwnSessions", summary = "Where am I signed in", description = "The sessions that can be used, the one "
            + "that was used last first; at most 100.")
    public Uni<List<SessionView>> list() {
        return sessions.list(request.caller());
    }

    @DELETE
    @Path("{id}")
    @Operation(operationId = "endOwnSession", summary = "Sign out there", description = "Ends one session at once. If it is the one that "
            + "asks, the cookies go too.")
    @APIResponse(responseCode = "204", description = "Signed out there")
    public Uni<Response> end(@PathParam("id") String id) {
        UUID sessionId = Ids.parse(id).orElseThrow(ApiException::notFound);
        boolean isThisOne = sessionId.equals(request.caller().credential().id());
        return sessions.endOwn(request.caller(), sessionId).map(ignored -> isThisOne
                ? Response.noContent().cookie(cookies.cleared()).build()
                : Response.noContent().build());
    }

    @DELETE
    @Operation(operationId = "endOwnSessions", summary = "Sign out everywhere", description = "Ends all sessions at once, the one that "
            + "asks included. Tokens go on.")
    @APIResponse(responseCode = "204", description = "Signed out everywhere")
    public Uni<Response> endAll() {
        return sessions.endAllOwn(request.caller())
                .map(ignored -> Response.noContent().cookie(cookies.cleared()).build());
    }
}
