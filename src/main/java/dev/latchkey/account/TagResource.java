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

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.Ids;
import dev.latchkey.scope.ScopeCatalogue;
import io.smallrye.mutiny.Uni;

/** Shows tags; {@link TagAdministrationResource} makes and changes them. */
@Path(TagAdministrationResource.PATH)
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(ScopeCatalogue.TAG_READ)
@SecurityRequirement(name = "personalAccessToken", scopes = ScopeCatalogue.TAG_READ)
@SecurityRequirement(name = "session", scopes = ScopeCatalogue.TAG_READ)
@SecurityRequirement(name = "sessionCookie", scopes = ScopeCatalogue.TAG_READ)
@org.eclipse.microprofile.openapi.annotations.tags.Tag(name = "Tags", description = "Names that tokens and users carry, and what they mean")
public class TagResource {

    private final CurrentRequest request;
    private final Tags tags;

    public TagResource(CurrentRequest request, Tags tags) {
        this.request = request;
        this.tags = tags;
    }

    @GET
    @Operation(operationId = "listTags", summary = "List tags")
    @Parameter(in = ParameterIn.QUERY, name = "sort", description = "createdAt or name; - before it reverses", schema = @Schema(type = SchemaType.STRING, defaultValue = "-createdAt"))
    @Parameter(in = ParameterIn.QUERY, name = "name", description = "The tag of exactly this name", schema = @Schema(type = SchemaType.STRING))
    @APIResponse(responseCode = "200", description = "One page", content = @Content(schema = @Schema(type = SchemaType.ARRAY, implementation = TagView.class)))
    public Uni<Response> list(UriInfo uri) {
        return tags.list(request.caller(), uri.getQueryParameters()).map(page -> page.toResponse(uri));
    }

    @GET
    @Path("{id}")
    @Operation(operationId = "getTag", summary = "Look at a tag")
    public Uni<TagView> get(@PathParam("id") String id) {
        return tags.get(request.caller(), Ids.parse(id).orElseThrow(ApiException::notFound));
    }
}
