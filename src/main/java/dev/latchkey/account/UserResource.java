package dev.latchkey.account;

import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;

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
import dev.latchkey.platform.http.Csv;
import dev.latchkey.scope.ScopeCatalogue;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;

@Path("/v3/users")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(ScopeCatalogue.USER_READ)
@SecurityRequirement(name = "personalAccessToken", scopes = ScopeCatalogue.USER_READ)
@SecurityRequirement(name = "session", scopes = ScopeCatalogue.USER_READ)
@SecurityRequirement(name = "sessionCookie", scopes = ScopeCatalogue.USER_READ)
@Tag(name = "Users", description = "The people of the account")
public class UserResource {

    private static final String HEAD = Csv.line("id", "email", "firstName", "lastName", "company", "role", "disabled",
            "invited",
            "twoFactorEnabled", "tags", "lastLoginAt", "lastSeenAt", "createdAt", "updatedAt");

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
    @Parameter(in = ParameterIn.QUERY, name = "email", description = "The user with exactly this address", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "role", description = "Users with these roles, by name", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "tag", description = "Users that have one of these tags", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "createdAt[gte]", schema = @Schema(type = SchemaType.STRING, format = "date-time"))
    @APIResponse(responseCode = "200", description = "One page", content = @Content(schema = @Schema(type = SchemaType.ARRAY, implementation = UserView.class)))
    public Uni<Response> list(UriInfo uri) {
        return directory.users(request.caller(), uri.getQueryParameters()).map(page -> page.toResponse(uri));
    }

    @GET
    @Path("export")
    @Produces(Csv.MEDIA_TYPE)
    @Operation(operationId = "exportUsers", summary = "Export users as CSV", description = "What the list shows with the same filters, all of it. "
            + "Cells that a spreadsheet would take for a formula begin with an apostrophe.")
    @Parameter(in = ParameterIn.QUERY, name = "role", description = "Users with these roles, by name", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "tag", description = "Users that have one of these tags", schema = @Schema(type = SchemaType.STRING))
    @APIResponse(responseCode = "200", description = "A header line, and a line for each user", content = @Content(mediaType = "text/csv", schema = @Schema(type = SchemaType.STRING)))
    public Multi<String> export(UriInfo uri) {
        AtomicReference<String> head = new AtomicReference<>(HEAD);
        return directory.allUsers(request.caller(), uri.getQueryParameters()).map(page -> head.getAndSet("")
                + page.items().stream().map(UserResource::line).collect(Collectors.joining()));
    }

    private static String line(UserView user) {
        return Csv.line(user.id(), user.email(), user.firstName(), user.lastName(), user.company(), user.role(),
                user.disabled(),
                user.invited(), user.twoFactorEnabled(), String.join(" ", user.tags()), user.lastLoginAt(), user.lastSeenAt(),
                user.createdAt(), user.updatedAt());
    }

    @GET
    @Path("{id}")
    @Operation(operationId = "getUser", summary = "Look at a user")
    public Uni<UserView> get(@PathParam("id") String id) {
        return directory.user(request.caller(), Ids.parse(id).orElseThrow(ApiException::notFound));
    }
}
