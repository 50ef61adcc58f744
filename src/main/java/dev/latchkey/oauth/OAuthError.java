package dev.latchkey.oauth;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * A refusal as OAuth words it (RFC 6749 section 5.2), as a value: turned into HTTP in {@link OAuthAnswers} alone.
 * Has no stack trace: it is nobody's defect.
 */
final class OAuthError extends RuntimeException {

    private final int status;
    private final String error;
    private final long retryAfterSeconds;
    private final String challenge;

    /** @param description in ASCII without quotes and backslashes (RFC 6749 section 5.2); names the remedy */
    private OAuthError(int status, String error, String description, long retryAfterSeconds, String challenge) {
        super(description, null, false, false);
        this.status = status;
        this.error = error;
        this.retryAfterSeconds = retryAfterSeconds;
        this.challenge = challenge;
    }

    /** 400. */
    static OAuthError of(String error, String description) {
        return new OAuthError(400, error, description, -1, "");
    }

    static OAuthError invalidRequest(String description) {
        return of("invalid_request", description);
    }

    /** 401. */
    static OAuthError unauthenticated(String error, String description, String challenge) {
        return new OAuthError(401, error, description, -1, challenge);
    }

    /** 429: RFC 6749 has no word for it. */
    static OAuthError tooMany(String description, long retryAfterSeconds) {
        return new OAuthError(429, "temporarily_unavailable", description, retryAfterSeconds, "");
    }

    /** 503. */
    static OAuthError unavailable(String description, long retryAfterSeconds) {
        return new OAuthError(503, "temporarily_unavailable", description, retryAfterSeconds, "");
    }

    /** 500. */
    static OAuthError defect() {
        return new OAuthError(500, "server_error", "the service failed; its log has the reason under the request id", -1, "");
    }

    int status() {
        return status;
    }

    String error() {
        return error;
    }

    OptionalLong retryAfterSeconds() {
        return retryAfterSeconds < 0 ? OptionalLong.empty() : OptionalLong.of(retryAfterSeconds);
    }

    Optional<String> challenge() {
        return challenge.isEmpty() ? Optional.empty() : Optional.of(challenge);
    }
}
