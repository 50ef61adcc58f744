package dev.latchkey.analytics;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.ParameterIn;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import dev.latchkey.platform.Caller;
import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.database.Transactions;
import dev.latchkey.platform.http.Parameters;
import dev.latchkey.scope.ScopeCatalogue;
import dev.latchkey.token.TokenDirectory;
import dev.latchkey.token.TokenView;
import io.smallrye.mutiny.Uni;

@Path("/v3/analytics")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(ScopeCatalogue.ANALYTICS_READ)
@SecurityRequirement(name = "personalAccessToken", scopes = ScopeCatalogue.ANALYTICS_READ)
@SecurityRequirement(name = "session", scopes = ScopeCatalogue.ANALYTICS_READ)
@SecurityRequirement(name = "sessionCookie", scopes = ScopeCatalogue.ANALYTICS_READ)
@Tag(name = "Analytics", description = "What became of the requests with the account's tokens, and what tokens there are")
public class AnalyticsResource {

    private static final String TOKEN_ID = "tokenId";
    private static final String OUTCOME = "outcome";
    private static final String LIMIT = "limit";
    private static final String DAYS = "days";
    private static final int MOST_DAYS = 3650;
    private static final int USUAL_UNUSED_DAYS = 90;
    private static final int USUAL_EXPIRING_DAYS = 30;
    private static final int USUAL_TOP = 10;
    private static final int MOST_TOP = 100;

    private final CurrentRequest request;
    private final Transactions transactions;
    private final TokenDirectory directory;
    private final RequestCounts counts;
    private final TokenStatistics tokens;
    private final Clock clock;

    public AnalyticsResource(CurrentRequest request, Transactions transactions, TokenDirectory directory, RequestCounts counts,
            TokenStatistics tokens, Clock clock) {
        this.request = request;
        this.transactions = transactions;
        this.directory = directory;
        this.counts = counts;
        this.tokens = tokens;
        this.clock = clock;
    }

    @Schema(name = "RequestCounts")
    record Requests(Instant from, Instant to, @Schema(enumeration = {
            "hour", "day" }) String interval,
            @Schema(description = "Those that are not zero") List<RequestCounts.Point> points){
    }

    @GET
    @Path("requests")
    @Operation(operationId = "countRequests", summary = "Count requests over time", description = "Of all tokens of the account, those "
            + "included that were deleted since, or of one that you see. By hour or day (UTC) and by outcome, up to ten seconds late.")
    @Parameter(in = ParameterIn.QUERY, name = "from", description = "Rounded down to the hour or day; absent: 7 days before to, by day 30", schema = @Schema(type = SchemaType.STRING, format = "date-time"))
    @Parameter(in = ParameterIn.QUERY, name = "to", description = "Rounded up; absent: now", schema = @Schema(type = SchemaType.STRING, format = "date-time"))
    @Parameter(in = ParameterIn.QUERY, name = "interval", description = "hour (at most 31 days) or day (at most 400)", schema = @Schema(type = SchemaType.STRING, enumeration = {
            "hour", "day" }, defaultValue = "hour"))
    @Parameter(in = ParameterIn.QUERY, name = "tokenId", description = "Of this token alone", schema = @Schema(type = SchemaType.STRING, format = "uuid"))
    @Parameter(in = ParameterIn.QUERY, name = "outcome", description = "Only these: allowed, or the code of an error such as TOKEN_EXPIRED", schema = @Schema(type = SchemaType.STRING))
    @APIResponse(responseCode = "404", ref = "NotFound")
    public Uni<Requests> requests(UriInfo uri) {
        Parameters parameters = Parameters.of(uri, Set.of(Period.FROM, Period.TO, Period.INTERVAL, TOKEN_ID, OUTCOME));
        Period period = Period.of(parameters, clock.instant());
        Optional<UUID> tokenId = parameters.id(TOKEN_ID);
        Optional<String> outcome = parameters.choice(OUTCOME, Outcome.all());
        Caller caller = request.caller();
        return transactions
                .read(() -> tokenId.map(id -> directory.find(caller, id)
                        .chain(token -> counts.ofToken(caller.accountId(), token.id, period, outcome)))
                        .orElseGet(() -> counts.ofAccount(caller.accountId(), period, outcome)))
                .map(points -> new Requests(period.from(), period.to(), period.interval().word(), points));
    }

    @GET
    @Path("tokens")
    @Operation(operationId = "countTokens", summary = "Count tokens by what they are")
    public Uni<TokenStatistics.Counts> tokens(UriInfo uri) {
        Parameters.of(uri, Set.of());
        return transactions.read(() -> tokens.byStatus(request.caller().accountId()));
    }

    @GET
    @Path("top-tokens")
    @Operation(operationId = "listTopTokens", summary = "List the tokens that are used most", description = "Of those that you see: your "
            + "own, with user:write everyone's. By whole days (UTC), at most 31.")
    @Parameter(in = ParameterIn.QUERY, name = "from", description = "Rounded down to the day; absent: 7 days before to", schema = @Schema(type = SchemaType.STRING, format = "date-time"))
    @Parameter(in = ParameterIn.QUERY, name = "to", description = "Rounded up to the day; absent: now", schema = @Schema(type = SchemaType.STRING, format = "date-time"))
    @Parameter(in = ParameterIn.QUERY, name = "limit", description = "1 to 100", schema = @Schema(type = SchemaType.INTEGER, defaultValue = "10"))
    public Uni<List<TokenStatistics.TopToken>> topTokens(UriInfo uri) {
        Parameters parameters = Parameters.of(uri, Set.of(Period.FROM, Period.TO, LIMIT));
        Period days = Period.ofDays(parameters, clock.instant());
        int most = parameters.number(LIMIT, MOST_TOP).orElse(USUAL_TOP);
        return transactions.read(() -> tokens.top(request.caller(), days, most));
    }

    @GET
    @Path("scopes")
    @Operation(operationId = "countTokensByScope", summary = "Count active tokens by scope", description = "All scopes of the catalogue, "
            + "those without a token too.")
    public Uni<List<TokenStatistics.ScopeCount>> scopes(UriInfo uri) {
        Parameters.of(uri, Set.of());
        return transactions.read(() -> tokens.byScope(request.caller().accountId()));
    }

    @GET
    @Path("scopes/requests")
    @Operation(operationId = "countRequestsByScope", summary = "Count requests by scope", description = "Of the tokens that have the scope, "
            + "whatever they were used for; a token with several counts for each. By whole days (UTC), at most 31; without tokens that "
            + "were deleted since.")
    @Parameter(in = ParameterIn.QUERY, name = "from", description = "Rounded down to the day; absent: 7 days before to", schema = @Schema(type = SchemaType.STRING, format = "date-time"))
    @Parameter(in = ParameterIn.QUERY, name = "to", description = "Rounded up to the day; absent: now", schema = @Schema(type = SchemaType.STRING, format = "date-time"))
    public Uni<List<TokenStatistics.ScopeRequests>> requestsByScope(UriInfo uri) {
        Period days = Period.ofDays(Parameters.of(uri, Set.of(Period.FROM, Period.TO)), clock.instant());
        return transactions.read(() -> tokens.requestsByScope(request.caller().accountId(), days));
    }

    @GET
    @Path("unused-tokens")
    @Operation(operationId = "listUnusedTokens", summary = "List tokens that nobody uses", description = "Active ones that you see, neither "
            + "used nor created for so many days; first those that were not used for longest.")
    @Parameter(in = ParameterIn.QUERY, name = "days", description = "1 to 3650", schema = @Schema(type = SchemaType.INTEGER, defaultValue = "90"))
    @Parameter(in = ParameterIn.QUERY, name = "limit", description = "1 to 100", schema = @Schema(type = SchemaType.INTEGER, defaultValue = "10"))
    public Uni<List<TokenView>> unusedTokens(UriInfo uri) {
        Parameters parameters = Parameters.of(uri, Set.of(DAYS, LIMIT));
        Duration unused = Duration.ofDays(parameters.number(DAYS, MOST_DAYS).orElse(USUAL_UNUSED_DAYS));
        return directory.unused(request.caller(), clock.instant().minus(unused),
                parameters.number(LIMIT, MOST_TOP).orElse(USUAL_TOP));
    }

    @GET
    @Path("expiring-tokens")
    @Operation(operationId = "listExpiringTokens", summary = "List tokens that end soon", description = "Active ones that you see, that end "
            + "within so many days; the soonest first.")
    @Parameter(in = ParameterIn.QUERY, name = "days", description = "1 to 3650", schema = @Schema(type = SchemaType.INTEGER, defaultValue = "30"))
    @Parameter(in = ParameterIn.QUERY, name = "limit", description = "1 to 100", schema = @Schema(type = SchemaType.INTEGER, defaultValue = "10"))
    public Uni<List<TokenView>> expiringTokens(UriInfo uri) {
        Parameters parameters = Parameters.of(uri, Set.of(DAYS, LIMIT));
        Duration soon = Duration.ofDays(parameters.number(DAYS, MOST_DAYS).orElse(USUAL_EXPIRING_DAYS));
        return directory.expiring(request.caller(), clock.instant().plus(soon),
                parameters.number(LIMIT, MOST_TOP).orElse(USUAL_TOP));
    }
}
