package dev.latchkey.account;

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

@Path("/v3/users")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(ScopeCatalogue.USER_READ)
@SecurityRequirement(name = "personalAccessToken", scopes = ScopeCatalogue.USER_READ)
@SecurityRequirement(name = "session", scopes = ScopeCatalogue.USER_READ)
@SecurityRequirement(name = "sessionCookie", scopes = ScopeCatalogue.USER_READ)
@Tag(name = "Users", description = "The people of the account")
public class UserResource {

    private final CurrentRequest request;
    private final UserDirectory directory;

    public UserResource(CurrentRequest request, UserDirectory directory) {
        this.request = request;
        this.directory = directory;
    }

    @GET
    @Operation(operationId = "listUsers", summary = "List users")
    @Parameter(in = ParameterIn.QUERY, name = "sort", description = "createdAt or email; - before it reverses", schema = @Schema(type = SchemaType.STRING, defaultValue = "-createdAt"))
    @Parameter(in = ParameterIn.QUERY, name = "query", description = "Words that e-mail address, first or last name contain, or begin with", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "createdAt[gte]", schema = @Schema(type = SchemaType.STRING, format = "date-time"))
    @APIResponse(responseCode = "200", description = "One page", content = @Content(schema = @Schema(type = SchemaType.ARRAY, implementation = UserView.class)))
    public Uni<Response> list(UriInfo uri) {
        return directory.users(request.caller(), uri.getQueryParameters()).map(page -> page.toResponse(uri));
    }

    @GET
    @Path("{id}")
    @Operation(operationId = "getUser", summary = "Look at a user")
    public Uni<UserView> get(@PathParam("id") String id) {
        return directory.user(request.caller(), Ids.parse(id).orElseThrow(ApiException::notFound));
    }
}
