package dev.latchkey.gateway;

import java.util.List;
import java.util.Optional;

import dev.latchkey.gateway.policy.Demand;
import dev.latchkey.gateway.policy.RouteRule;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.RateStatus;
import dev.latchkey.platform.http.Challenge;
import dev.latchkey.platform.http.ErrorBody;
import dev.latchkey.verification.Rejection;
import dev.latchkey.verification.VerifiedToken;
import io.vertx.core.json.JsonObject;

/** Whether a request may pass. */
public sealed interface Decision {

    /**
     * It may.
     *
     * @param token empty on a public route
     * @param path in canonical form
     * @param authorization what the upstream gets as {@code Authorization}; empty: nothing
     */
    record Allowed(RouteRule rule, Optional<VerifiedToken> token, String path, Optional<String> authorization)
            implements
                Decision {

        /** What is left of the token's rate limit; empty: it has none. */
        public Optional<RateStatus> rate() {
            return token.isPresent() ? token.get().rate() : Optional.empty();
        }
    }

    /**
     * It may not.
     *
     * @param status 400, 401, 403, 429 or 503
     * @param challenge for {@code WWW-Authenticate}; empty where no credential would help
     * @param retryAfter in seconds; 0: unknown
     * @param body the error body, JSON
     * @param rate of the rate limit that was reached; empty: another reason
     */
    record Refused(int status, String code, String challenge, int retryAfter, String body, Optional<RateStatus> rate)
            implements
                Decision {

        static final Refused NO_RULE = of(403, "NOT_IN_POLICY", "the route policy has no rule for this method and path", "", 0);
        static final Refused NO_POLICY = of(503, "NO_POLICY", "no route policy is configured: set latchkey.policy", "", 0);
        static final Refused FAILED = of(503, "INTERNAL_ERROR", "the request could not be judged; the log has the reason", "",
                1);

        public static Refused badRequest(String field, String message) {
            return of(400, "BAD_REQUEST", field + ": " + message, "", 0);
        }

        static Refused noCredential(Demand demand) {
            String challenge = demand instanceof Demand.Scopes scopes ? withScope(Challenge.PLAIN, scopes) : Challenge.PLAIN;
            return of(401, "UNAUTHENTICATED",
                    "this needs a credential: send Authorization: Bearer with a personal access token", challenge, 0);
        }

        /** RFC 6750 section 3.1, naming the scopes that would do. */
        static Refused insufficientScope(Demand.Scopes scopes) {
            String message = "this needs the scope " + scopes + ": use a token that has it";
            return of(403, "INSUFFICIENT_SCOPE", message, withScope(Challenge.of("insufficient_scope", message), scopes), 0);
        }

        private static String withScope(String challenge, Demand.Scopes scopes) {
            return challenge + ", scope=\"" + String.join(" ", scopes.mentioned()) + "\"";
        }

        public static Refused of(Rejection rejection) {
            return switch (rejection) {
                case RATE_LIMITED -> of(429, rejection.code(), rejection.remedy(), "", 1);
                case UNAVAILABLE -> of(503, rejection.code(), rejection.remedy(), "", 1);
                default -> of(401, rejection.code(), rejection.remedy(),
                        Challenge.of("invalid_token", rejection.remedy()), 0);
            };
        }

        /** Used as often as it may be. */
        static Refused of(RateStatus rate) {
            Refused refused = of(429, Rejection.RATE_LIMITED.code(), rate.remedy(), "", (int) rate.seconds());
            return new Refused(refused.status, refused.code, refused.challenge, refused.retryAfter, refused.body,
                    Optional.of(rate));
        }

        public static Refused of(int status, String code, String message, String challenge, int retryAfter) {
            ErrorBody error = new ErrorBody(message, code, List.<ApiException.FieldError> of());
            return new Refused(status, code, challenge, retryAfter,
                    new JsonObject().put("message", error.message()).put("code", error.code()).encode(), Optional.empty());
        }
    }
}
