package dev.latchkey.account;

import java.time.Duration;
import java.util.Optional;

import jakarta.annotation.security.PermitAll;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirementsSet;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Credentials;
import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.Text;
import dev.latchkey.security.SessionCookies;
import dev.latchkey.security.SessionTokens;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;

@Path("/v3/accounts")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Tag(name = "Sessions", description = "How people sign in. Programs use personal access tokens.")
public class SessionResource {

    private final SignIn signIn;
    private final Sessions sessions;
    private final SessionTokens tokens;
    private final SessionCookies cookies;
    private final PasswordWorkers workers;
    private final CurrentRequest request;
    private final Duration accessTokenLifetime;

    public SessionResource(SignIn signIn, Sessions sessions, SessionTokens tokens, SessionCookies cookies,
            PasswordWorkers workers,
            CurrentRequest request, LatchkeyConfig config) {
        this.signIn = signIn;
        this.sessions = sessions;
        this.tokens = tokens;
        this.cookies = cookies;
        this.workers = workers;
        this.request = request;
        this.accessTokenLifetime = config.session().accessTokenLifetime();
    }

    @Schema(name = "Login")
    record Login(
            @Schema(description = "Needed only if e-mail address and password fit in several accounts", examples = "default") @Text(max = 63) String accountAlias,
            @Schema(required = true, examples = "ada@example.com") @NotNull(message = "is missing") @Text(max = 254) String email,
            @Schema(required = true) @NotBlank(message = "is missing") @Size(max = 1024, message = "is too long: at most {max} characters") String password,
            @Schema(description = "Only with two-factor authentication") @Size(max = 64, message = "is too long: at most {max} characters") String twoFactorCode) {

        @Override
        public String toString() {
            return "Login";
        }
    }

    @Schema(name = "Refresh")
    record Refresh(
            @Schema(description = "Absent: the browser's cookie") @Size(max = 255, message = "is too long: at most {max} characters") String refreshToken) {

        @Override
        public String toString() {
            return "Refresh";
        }
    }

    @RegisterForReflection
    @Schema(name = "SessionTokens")
    record Tokens(@Schema(description = "A JWT; send it as Authorization: Bearer for 15 minutes") String accessToken,
            @Schema(description = "Exchange it once at /v3/accounts/refresh, within 12 hours") String refreshToken) {

        @Override
        public String toString() {
            return "Tokens";
        }
    }

    @POST
    @Path("login")
    @PermitAll
    @SecurityRequirementsSet({})
    @Operation(operationId = "login", summary = "Sign in", description = "A browser on the pages of latchkey.public-url gets its session "
            + "in cookies too. Throttled by address and by user. Without an alias, 401 ACCOUNT_ALIAS_REQUIRED tells whoever knows the "
            + "password that it fits in several accounts; everything else that is wrong gets one and the same 401.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = Tokens.class)))
    @APIResponse(responseCode = "401", ref = "Unauthenticated")
    @APIResponse(responseCode = "429", ref = "TooManyRequests")
    public Uni<Response> login(@NotNull(message = "is missing: send a JSON object") @Valid Login login,
            RoutingContext context) {
        requireOurPagesFromABrowser(context);
        return signIn.signIn(Optional.ofNullable(login.accountAlias()), login.email(), login.password(),
                Optional.ofNullable(login.twoFactorCode()), request)
                .chain(grant -> answer(grant, context));
    }

    @POST
    @Path("refresh")
    @PermitAll
    @SecurityRequirementsSet({})
    @Operation(operationId = "refresh", summary = "Refresh a session", description = "Exchanges the refresh token for its successor. A "
            + "refresh token that comes again within 10 seconds gets 409 (two tabs at once); later it ends the session.")
    @APIResponse(responseCode = "200", content = @Content(schema = @Schema(implementation = Tokens.class)))
    @APIResponse(responseCode = "401", ref = "Unauthenticated")
    @APIResponse(responseCode = "409", ref = "Conflict")
    public Uni<Response> refresh(@Valid Refresh body, RoutingContext context) {
        requireOurPagesFromABrowser(context);
        String given = body == null ? null : body.refreshToken();
        Optional<String> refreshToken = given == null ? cookies.refresh(context) : Optional.of(given);
        if (refreshToken.isEmpty()) {
            throw ApiException.invalid("refreshToken", "is missing: send it in the body or as the cookie");
        }
        if (given == null) {
            cookies.requireOurPages(context);
        }
        return sessions.refresh(refreshToken.get()).chain(grant -> answer(grant, context));
    }

    @POST
    @Path("logout")
    @RolesAllowed(Credentials.SESSION)
    @Operation(operationId = "logout", summary = "Sign out", description = "Ends the session at once.")
    @APIResponse(responseCode = "204", description = "Signed out")
    public Uni<Response> logout() {
        return sessions.end(request.caller()).map(ignored -> Response.noContent().cookie(cookies.cleared()).build());
    }

    /** A page of another site must not be able to plant its session in a browser, or to use up the browser's refresh token. */
    private void requireOurPagesFromABrowser(RoutingContext context) {
        if (cookies.isFromABrowser(context)) {
            cookies.requireOurPages(context);
        }
    }

    private Uni<Response> answer(Sessions.Grant grant, RoutingContext context) {
        return workers.sign(() -> tokens.issue(grant.userId(), grant.sessionId())).map(accessToken -> {
            Response.ResponseBuilder response = Response.ok(new Tokens(accessToken, grant.refreshToken()));
            if (cookies.isFromABrowser(context)) {
                response.cookie(cookies.access(accessToken, accessTokenLifetime),
                        cookies.refresh(grant.refreshToken(), grant.refreshTokenLifetime()));
            }
            return response.build();
        });
    }
}
