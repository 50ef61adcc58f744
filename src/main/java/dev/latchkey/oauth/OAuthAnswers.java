package dev.latchkey.oauth;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;

import org.jboss.logging.Logger;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.database.DatabaseFailure;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;

/** The one place where what is answered here becomes HTTP. */
final class OAuthAnswers {

    private static final Logger LOG = Logger.getLogger(OAuthAnswers.class);

    private OAuthAnswers() {
    }

    /** 200 with that, or the refusal. */
    static Uni<Response> json(Uni<JsonObject> answer) {
        return orRefusal(answer.map(body -> json(200, body).build()));
    }

    /** 200 without a body, or the refusal. */
    static Uni<Response> empty(Uni<Void> answer) {
        return orRefusal(answer.map(nothing -> Response.ok().build()));
    }

    private static Uni<Response> orRefusal(Uni<Response> answer) {
        return answer.onFailure().recoverWithItem(failure -> refusal(error(failure)));
    }

    private static Response.ResponseBuilder json(int status, JsonObject body) {
        // RFC 6749 section 5.1; no-store is said of all that is below this path.
        return Response.status(status).type(MediaType.APPLICATION_JSON_TYPE).header("Pragma", "no-cache").entity(body.encode());
    }

    private static Response refusal(OAuthError error) {
        Response.ResponseBuilder response = json(error.status(),
                new JsonObject().put("error", error.error()).put("error_description", error.getMessage()));
        error.retryAfterSeconds().ifPresent(seconds -> response.header(HttpHeaders.RETRY_AFTER, seconds));
        error.challenge().ifPresent(challenge -> response.header(HttpHeaders.WWW_AUTHENTICATE, challenge));
        return response.build();
    }

    private static OAuthError error(Throwable failure) {
        if (failure instanceof OAuthError known) {
            return known;
        }
        if (failure instanceof ApiException known && known.status() == 503) {
            return OAuthError.unavailable(known.getMessage(), known.retryAfterSeconds().orElse(1));
        }
        if (DatabaseFailure.isUnavailable(failure)) {
            LOG.warnf("The database does not answer: %s", failure.toString());
            return OAuthError.unavailable("the database does not answer at the moment: try again", 1);
        }
        LOG.error("A request failed", failure);
        return OAuthError.defect();
    }
}
