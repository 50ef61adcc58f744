package dev.latchkey.analytics;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.Ids;
import dev.latchkey.platform.database.Transactions;
import dev.latchkey.platform.http.Parameters;
import dev.latchkey.scope.ScopeCatalogue;
import dev.latchkey.token.TokenDirectory;
import io.smallrye.mutiny.Uni;

/** What became of the requests with one token, for whoever sees it. */
@Path("/v3/personal-access-tokens/{id}/usage")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(ScopeCatalogue.PERSONAL_ACCESS_TOKEN_WRITE)
@SecurityRequirement(name = "personalAccessToken", scopes = ScopeCatalogue.PERSONAL_ACCESS_TOKEN_WRITE)
@SecurityRequirement(name = "session", scopes = ScopeCatalogue.PERSONAL_ACCESS_TOKEN_WRITE)
@SecurityRequirement(name = "sessionCookie", scopes = ScopeCatalogue.PERSONAL_ACCESS_TOKEN_WRITE)
@Tag(name = "Personal access tokens")
public class TokenUsageResource {

    private static final Set<String> PARAMETERS = Set.of(Period.FROM, Period.TO, Period.INTERVAL);

    private final CurrentRequest request;
    private final Transactions transactions;
    private final TokenDirectory directory;
    private final RequestCounts counts;
    private final Clock clock;

    public TokenUsageResource(CurrentRequest request, Transactions transactions, TokenDirectory directory,
            RequestCounts counts, Clock clock) {
        this.request = request;
        this.transactions = transactions;
        this.directory = directory;
        this.counts = counts;
        this.clock = clock;
    }

    @Schema(name = "TokenUsage")
    record Usage(Instant from, Instant to, @Schema(enumeration = {
            "hour", "day" }) String interval,
            @Schema(description = "Those that are not zero") List<RequestCounts.Point> points,
            @Schema(description = "From where it was used: newest first, at most ten") List<RequestCounts.Address> addresses){
    }

    @GET
    @Operation(operationId = "getPersonalAccessTokenUsage", summary = "See how a token is used", description = "Requests by hour or day "
            + "(UTC) and by outcome, up to ten seconds late, and the addresses that they came from.")
    @Parameter(in = ParameterIn.QUERY, name = "from", description = "Rounded down to the hour or day; absent: 7 days before to, by day 30", schema = @Schema(type = SchemaType.STRING, format = "date-time"))
    @Parameter(in = ParameterIn.QUERY, name = "to", description = "Rounded up; absent: now", schema = @Schema(type = SchemaType.STRING, format = "date-time"))
    @Parameter(in = ParameterIn.QUERY, name = "interval", description = "hour (at most 31 days) or day (at most 400)", schema = @Schema(type = SchemaType.STRING, enumeration = {
            "hour", "day" }, defaultValue = "hour"))
    public Uni<Usage> get(@PathParam("id") String id, UriInfo uri) {
        UUID tokenId = Ids.parse(id).orElseThrow(ApiException::notFound);
        Period period = Period.of(Parameters.of(uri, PARAMETERS), clock.instant());
        return transactions.read(() -> directory.find(request.caller(), tokenId)
                .chain(token -> counts.ofToken(token.accountId, token.id, period, Optional.empty())
                        .chain(points -> counts.addresses(token.accountId, token.id)
                                .map(addresses -> new Usage(period.from(), period.to(), period.interval().word(), points,
                                        addresses)))));
    }
}
