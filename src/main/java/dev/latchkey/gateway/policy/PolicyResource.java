package dev.latchkey.gateway.policy;

import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Credentials;
import dev.latchkey.scope.ScopeCatalogue;
import io.smallrye.common.annotation.NonBlocking;

/** Which route policy is in force, and its dry run. */
@Path("/v3/policy")
@Tag(name = "Route policy", description = "What the gateway demands of requests")
public class PolicyResource {

    private final ActivePolicy policy;

    public PolicyResource(ActivePolicy policy) {
        this.policy = policy;
    }

    /** A request to be tried. */
    public record PolicyTest(
            @Schema(examples = "GET") @NotNull @Pattern(regexp = "[A-Z]+(-[A-Z]+)*", message = "must be upper-case letters, such as GET") String method,
            @Schema(description = "A query is ignored", examples = "/v3/licenses") @NotNull @Size(min = 1, max = CanonicalPath.MAX_LENGTH) String path) {
    }

    /** Which policy is in force. */
    public record PolicyStatus(@Schema(description = "Whether there is one") boolean configured,
            @Schema(description = "The built-in one's name, or its file's; null: there is none", examples = "cryptlex-v3") String name) {
    }

    @GET
    @NonBlocking
    @RolesAllowed({ Credentials.SESSION, Credentials.TOKEN })
    @Operation(operationId = "getPolicy", summary = "Whether there is a route policy")
    public PolicyStatus get() {
        return new PolicyStatus(policy.name().isPresent(), policy.name().orElse(null));
    }

    @POST
    @Path("/test")
    @NonBlocking
    @RolesAllowed(ScopeCatalogue.ACCOUNT_READ)
    @Operation(operationId = "testPolicy", summary = "Try the route policy", description = "Says which rule a method and path meet, and "
            + "what it demands.")
    public DryRun test(@NotNull(message = "is missing: send method and path") @Valid PolicyTest request) {
        RoutePolicy rules = policy.current().orElseThrow(() -> new ApiException(409, "NO_POLICY",
                "no route policy is configured: set latchkey.policy"));
        try {
            return DryRun.of(rules, request.method(), request.path());
        } catch (IllegalArgumentException e) {
            throw ApiException.invalid("path", e.getMessage());
        }
    }
}
