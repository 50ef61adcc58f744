package dev.latchkey.security;

import java.util.Arrays;
import java.util.stream.Collectors;

import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

import dev.latchkey.platform.Credentials;
import dev.latchkey.platform.http.Challenge;
import dev.latchkey.platform.http.ErrorBody;
import dev.latchkey.verification.Rejection;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;

/** 401 and 403 with the challenge of RFC 6750 section 3 and our error body. */
@ApplicationScoped
public class ChallengeMapper {

    @ServerExceptionMapper
    public Response noCredential(UnauthorizedException e) {
        return response(401, Challenge.PLAIN, "UNAUTHENTICATED",
                "this needs a credential: send Authorization: Bearer with a personal access token");
    }

    /** What SmallRye JWT refuses. */
    @ServerExceptionMapper
    public Response refused(AuthenticationFailedException e) {
        return refused(new RejectedCredential(Rejection.UNKNOWN));
    }

    @ServerExceptionMapper
    public Response refused(RejectedCredential e) {
        return invalidToken(e.rejection().code(), e.rejection().remedy());
    }

    @ServerExceptionMapper
    public Response forbidden(ForbiddenException e, ResourceInfo resource) {
        String[] roles = wanted(resource);
        if (Arrays.asList(roles).contains(Credentials.SESSION)) {
            return response(403, Challenge.PLAIN, "SESSION_REQUIRED", "a token cannot do this: sign in and use the session");
        }
        if (Arrays.asList(roles).contains(Credentials.TOKEN)) {
            return response(403, Challenge.PLAIN, "TOKEN_REQUIRED",
                    "only a personal access token can ask about itself: send one");
        }
        String scopes = Arrays.stream(roles).collect(Collectors.joining(" "));
        String message = "this needs the scope " + scopes + ": use a token that has it";
        return response(403,
                Challenge.of("insufficient_scope", message) + ", scope=\"" + scopes + "\"",
                "INSUFFICIENT_SCOPE", message);
    }

    /** The annotation that refused: on the method or, if it has none, on its class. */
    private static String[] wanted(ResourceInfo resource) {
        RolesAllowed wanted = resource.getResourceMethod().getAnnotation(RolesAllowed.class);
        if (wanted == null) {
            wanted = resource.getResourceClass().getAnnotation(RolesAllowed.class);
        }
        return wanted == null ? new String[0] : wanted.value();
    }

    private static Response invalidToken(String code, String message) {
        return response(401, Challenge.of("invalid_token", message), code, message);
    }

    private static Response response(int status, String challenge, String code, String message) {
        return Response.status(status).header(HttpHeaders.WWW_AUTHENTICATE, challenge).type(MediaType.APPLICATION_JSON_TYPE)
                .entity(new ErrorBody(message, code, java.util.List.of())).build();
    }
}
