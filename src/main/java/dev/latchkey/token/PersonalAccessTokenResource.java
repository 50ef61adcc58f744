package dev.latchkey.token;

import java.util.UUID;

import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.Idempotency;
import dev.latchkey.platform.Ids;
import dev.latchkey.platform.database.Transactions;
import dev.latchkey.platform.http.Creation;
import dev.latchkey.scope.ScopeCatalogue;
import io.smallrye.mutiny.Uni;

@Path(PersonalAccessTokenResource.PATH)
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RolesAllowed(ScopeCatalogue.PERSONAL_ACCESS_TOKEN_WRITE)
@SecurityRequirement(name = "personalAccessToken", scopes = ScopeCatalogue.PERSONAL_ACCESS_TOKEN_WRITE)
@SecurityRequirement(name = "session", scopes = ScopeCatalogue.PERSONAL_ACCESS_TOKEN_WRITE)
@SecurityRequirement(name = "sessionCookie", scopes = ScopeCatalogue.PERSONAL_ACCESS_TOKEN_WRITE)
@Tag(name = "Personal access tokens", description = "Create, list, change, rotate, revoke and delete tokens. Everybody manages "
        + "their own; whoever also holds user:write sees, revokes and deletes everyone's in the account.")
public class PersonalAccessTokenResource {

    static final String PATH = "/v3/personal-access-tokens";
    static final String MISSING_BODY = "is missing: send a JSON object";

    private final CurrentRequest request;
    private final Transactions transactions;
    private final Idempotency idempotency;
    private final TokenIssuer issuer;
    private final TokenDirectory directory;

    public PersonalAccessTokenResource(CurrentRequest request, Transactions transactions, Idempotency idempotency,
            TokenIssuer issuer,
            TokenDirectory directory) {
        this.request = request;
        this.transactions = transactions;
        this.idempotency = idempotency;
        this.issuer = issuer;
        this.directory = directory;
    }

    @POST
    @Operation(operationId = "createPersonalAccessToken", summary = "Create a token", description = "The answer is the only one that ever "
            + "carries the token itself. Nobody hands out more than they hold: a user no scope outside their role; a token no "
            + "scope, no later expiry and no wider address range than its own.")
    @APIResponse(responseCode = "201", description = "Created; the body has the token", headers = @Header(name = "Location", schema = @Schema(implementation = String.class)), content = @Content(schema = @Schema(implementation = TokenView.class)))
    @APIResponse(responseCode = "200", description = "Created earlier with this Idempotency-Key; the body is without the token", content = @Content(schema = @Schema(implementation = TokenView.class)))
    public Uni<Response> create(
            @Parameter(description = "Makes a repeated request harmless for 24 hours: 1 to 255 visible ASCII characters") @HeaderParam(Idempotency.HEADER) String key,
            @NotNull(message = MISSING_BODY) @Valid TokenRequests.Create body) {
        return idempotency
                .once(request, "POST", PATH, key, body,
                        () -> issuer.create(request.caller(), body)
                                .chain(issued -> directory.view(issued.token(), issued.secret())),
                        TokenView::id, id -> directory.find(request.caller(), id).chain(token -> directory.view(token, null)))
                .map(outcome -> Creation.of(PATH, outcome, TokenView::id));
    }

    @GET
    @Operation(operationId = "listPersonalAccessTokens", summary = "List tokens", description = "Own tokens; with user:write everyone's "
            + "in the account. Times filter with [gt], [gte], [lt] and [lte], as in createdAt[gte]=2027-01-01T00:00:00Z.")
    @Parameter(in = ParameterIn.QUERY, name = "sort", description = "createdAt, updatedAt, name, expiresAt or lastUsedAt; - before it reverses", schema = @Schema(type = SchemaType.STRING, defaultValue = "-createdAt"))
    @Parameter(in = ParameterIn.QUERY, name = "query", description = "Words that name, description or hint contain, or begin with", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "status", description = "active, expiring (active, and ends within 7 days), expired, revoked; several with commas", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "scope", description = "Tokens that have one of these scopes", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "tag", description = "Tokens that have one of these tags", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "userId", description = "Tokens of these owners", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "parentId", description = "Tokens that these tokens made", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "name", description = "Tokens of exactly this name", schema = @Schema(type = SchemaType.STRING))
    @Parameter(in = ParameterIn.QUERY, name = "createdAt[gte]", schema = @Schema(type = SchemaType.STRING, format = "date-time"))
    @Parameter(in = ParameterIn.QUERY, name = "expiresAt[lt]", schema = @Schema(type = SchemaType.STRING, format = "date-time"))
    @Parameter(in = ParameterIn.QUERY, name = "lastUsedAt[lt]", description = "Last used before; tokens that were never used are among them", schema = @Schema(type = SchemaType.STRING, format = "date-time"))
    @Parameter(in = ParameterIn.QUERY, name = "unusedSince", description = "Neither used nor created since then", schema = @Schema(type = SchemaType.STRING, format = "date-time"))
    @APIResponse(responseCode = "200", description = "One page", content = @Content(schema = @Schema(type = SchemaType.ARRAY, implementation = TokenView.class)))
    public Uni<Response> list(UriInfo uri) {
        return directory.list(request.caller(), uri.getQueryParameters()).map(page -> page.toResponse(uri));
    }

    @GET
    @Path("{id}")
    @Operation(operationId = "getPersonalAccessToken", summary = "Look at a token")
    public Uni<TokenView> get(@PathParam("id") String id) {
        return directory.get(request.caller(), id(id));
    }

    @PATCH
    @Path("{id}")
    @Operation(operationId = "changePersonalAccessToken", summary = "Edit, shrink or revoke a token", description = "{\"revoked\": true} "
            + "revokes, at once and for ever. Scopes may only become fewer. Only the owner edits; whoever holds user:write may "
            + "revoke.")
    public Uni<TokenView> change(@PathParam("id") String id,
            @Parameter(description = "Whether a revocation takes the tokens along that this token made") @DefaultValue("false") @QueryParam("cascade") String cascade,
            @NotNull(message = MISSING_BODY) @Valid TokenRequests.Change body) {
        boolean takesDescendants = flag("cascade", cascade);
        return transactions.write(() -> issuer.change(request.caller(), id(id), body, takesDescendants)
                .chain(token -> directory.view(token, null)));
    }

    @POST
    @Path("{id}/rotate")
    @Operation(operationId = "rotatePersonalAccessToken", summary = "Give a token a new value", description = "The old value stays valid "
            + "for the grace period, but never beyond its own expiry; a second rotation ends the first grace. Only the owner rotates.")
    public Uni<TokenView> rotate(@PathParam("id") String id, @Valid TokenRequests.Rotate body) {
        return transactions
                .write(() -> issuer.rotate(request.caller(), id(id), body == null ? TokenRequests.Rotate.AT_ONCE : body)
                        .chain(issued -> directory.view(issued.token(), issued.secret())));
    }

    @DELETE
    @Path("{id}")
    @Operation(operationId = "deletePersonalAccessToken", summary = "Delete a token", description = "It stops working at once.")
    @APIResponse(responseCode = "204", description = "Deleted")
    public Uni<Void> delete(@PathParam("id") String id,
            @Parameter(description = "Whether the tokens that this token made are revoked too") @DefaultValue("false") @QueryParam("cascade") String cascade) {
        boolean takesDescendants = flag("cascade", cascade);
        return transactions.write(() -> issuer.delete(request.caller(), id(id), takesDescendants));
    }

    private static UUID id(String text) {
        return Ids.parse(text).orElseThrow(ApiException::notFound);
    }

    static boolean flag(String name, String value) {
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw ApiException.invalid(name, "must be true or false");
        };
    }
}
