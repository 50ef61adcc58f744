package dev.latchkey.platform.http;

import dev.latchkey.platform.RateLimit;
import dev.latchkey.platform.RateStatus;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;

/**
 * The header fields of draft-ietf-httpapi-ratelimit-headers-10: {@code RateLimit-Policy} says what the limit is,
 * {@code RateLimit}
 * what is left of it here.
 */
public final class RateLimitHeaders {

    public static final CharSequence POLICY = HttpHeaders.createOptimized("RateLimit-Policy");
    public static final CharSequence STATUS = HttpHeaders.createOptimized("RateLimit");

    private RateLimitHeaders() {
    }

    /** Beside those of others: an API behind may have limits of its own. */
    public static void add(RateStatus status, MultiMap headers) {
        headers.add(POLICY, policy(status.limit()));
        headers.add(STATUS, remaining(status));
    }

    /** A list of one policy, with its quota and its window in seconds. */
    public static String policy(RateLimit limit) {
        return "\"token\";q=" + limit.requests() + ";w=" + limit.window();
    }

    /** What remains of that policy, and for how many seconds. */
    public static String remaining(RateStatus status) {
        return "\"token\";r=" + status.remaining() + ";t=" + status.seconds();
    }
}
