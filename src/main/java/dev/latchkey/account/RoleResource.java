package dev.latchkey.account;

import java.util.List;

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
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;

@Path("/v3/roles")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(ScopeCatalogue.ROLE_READ)
@SecurityRequirement(name = "personalAccessToken", scopes = ScopeCatalogue.ROLE_READ)
@SecurityRequirement(name = "session", scopes = ScopeCatalogue.ROLE_READ)
@SecurityRequirement(name = "sessionCookie", scopes = ScopeCatalogue.ROLE_READ)
@Tag(name = "Roles", description = "What the people of the account may do and hand out")
public class RoleResource {

    private final CurrentRequest request;
    private final UserDirectory directory;
    private final ScopeCatalogue catalogue;

    public RoleResource(CurrentRequest request, UserDirectory directory, ScopeCatalogue catalogue) {
        this.request = request;
        this.directory = directory;
        this.catalogue = catalogue;
    }

    @GET
    @Operation(operationId = "listRoles", summary = "List roles")
    @Parameter(in = ParameterIn.QUERY, name = "sort", description = "createdAt or name; - before it reverses", schema = @Schema(type = SchemaType.STRING, defaultValue = "-createdAt"))
    @Parameter(in = ParameterIn.QUERY, name = "name", description = "The role of exactly this name", schema = @Schema(type = SchemaType.STRING))
    @APIResponse(responseCode = "200", description = "One page", content = @Content(schema = @Schema(type = SchemaType.ARRAY, implementation = RoleView.class)))
    public Uni<Response> list(UriInfo uri) {
        return directory.roles(request.caller(), uri.getQueryParameters()).map(page -> page.toResponse(uri));
    }

    @GET
    @Path("{id}")
    @Operation(operationId = "getRole", summary = "Look at a role")
    public Uni<RoleView> get(@PathParam("id") String id) {
        return directory.role(request.caller(), Ids.parse(id).orElseThrow(ApiException::notFound));
    }

    /** What a role can have. */
    @RegisterForReflection
    @Schema(name = "Claim")
    record Claim(@Schema(examples = "license:read") String name, String description,
            @Schema(description = "Whether the caller may give it to a role") boolean grantable) {
    }

    @GET
    @Path("claims")
    @Operation(operationId = "listClaims", summary = "List what roles can have", description = "All scopes of the catalogue.")
    public List<Claim> claims() {
        return catalogue.all().stream()
                .map(scope -> new Claim(scope.name(), scope.description(), request.caller().holds(scope.name()))).toList();
    }
}
