package dev.latchkey.gateway.door;

import dev.latchkey.gateway.Decision;
import dev.latchkey.gateway.Decision.Allowed;
import dev.latchkey.gateway.Decision.Refused;
import dev.latchkey.gateway.UpstreamHeaders;
import dev.latchkey.platform.http.RateLimitHeaders;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;

/** A decision as an answer of HTTP. */
public final class DoorAnswer {

    /** What nginx cannot pass on by its status: its recipe makes the answer of these. */
    static final CharSequence STATUS = HttpHeaders.createOptimized("X-Latchkey-Status");
    static final CharSequence CODE = HttpHeaders.createOptimized("X-Latchkey-Code");
    static final CharSequence ERROR = HttpHeaders.createOptimized("X-Latchkey-Error");

    private static final CharSequence ZERO = HttpHeaders.createOptimized("0");
    private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");

    private DoorAnswer() {
    }

    /** @param fewStatuses whether whoever asks knows only 2xx, 401 and 403 */
    static void write(HttpServerResponse response, Decision decision, boolean fewStatuses) {
        if (response.closed()) {
            return;
        }
        MultiMap headers = response.headers();
        if (decision instanceof Allowed allowed) {
            UpstreamHeaders.add(allowed, headers);
            allowed.authorization().ifPresent(value -> headers.set(HttpHeaders.AUTHORIZATION, value));
            allowed.rate().ifPresent(rate -> RateLimitHeaders.add(rate, headers));
            headers.set(HttpHeaders.CONTENT_LENGTH, ZERO);
            response.end();
            return;
        }
        Refused refused = (Refused) decision;
        boolean told = !fewStatuses || refused.status() == 401 || refused.status() == 403;
        response.setStatusCode(told ? refused.status() : 403);
        if (fewStatuses) {
            headers.set(STATUS, Integer.toString(refused.status()));
            headers.set(CODE, refused.code());
            headers.set(ERROR, refused.body());
        }
        setRefusal(headers, refused);
        response.end(refused.body());
    }

    /** Refuses a request whose body is not read: then the connection cannot be used again. */
    public static void refuse(HttpServerRequest request, Refused refused) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        if (!request.isEnded() && request.version() != HttpVersion.HTTP_2) {
            boolean hasBody = request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
                    || !"0".equals(request.headers().get(HttpHeaders.CONTENT_LENGTH))
                            && request.headers().contains(HttpHeaders.CONTENT_LENGTH);
            if (hasBody) {
                response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
                response.endHandler(ended -> request.connection().close());
            }
        }
        write(response, refused, false);
        if (!request.isEnded()) {
            request.resume();
        }
    }

    /** What goes with the body of a refusal. */
    public static void setRefusal(MultiMap headers, Refused refused) {
        if (!refused.challenge().isEmpty()) {
            headers.set("WWW-Authenticate", refused.challenge());
        }
        if (refused.retryAfter() > 0) {
            headers.set(HttpHeaders.RETRY_AFTER, Integer.toString(refused.retryAfter()));
        }
        refused.rate().ifPresent(rate -> RateLimitHeaders.add(rate, headers));
        headers.set(HttpHeaders.CONTENT_TYPE, JSON);
        headers.set(HttpHeaders.CACHE_CONTROL, "no-store");
    }
}
