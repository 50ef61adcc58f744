package dev.latchkey.platform.http;

import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.MDC;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.LatchkeyConfig;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.RouteConstants;
import io.quarkus.vertx.http.runtime.VertxHttpRecorder;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/**
 * What every request meets first: its id, and the error body for whatever no resource answers. A sidecar, which has
 * no API, answers nothing else.
 */
@ApplicationScoped
public class HttpEdge {

    public static final String REQUEST_ID = "X-Request-Id";

    private static final String ATTRIBUTE = "latchkey.request-id";
    /** An id from a proxy in front is kept if it is harmless in a log. */
    private static final Pattern ACCEPTED_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final int FIRST = 10_000;
    /** After the platform has said what it allows, and before anybody reads a body. */
    private static final int AFTER_PLATFORM_LIMIT = RouteConstants.ROUTE_ORDER_UPLOAD_LIMIT + 1;
    private static final long BODY = 64 * 1024;
    /** Where a list of many things is sent, as much as the platform allows. */
    private static final Set<String> LARGE_BODIES = Set.of("/v3/personal-access-tokens/import",
            "/v3/personal-access-tokens/leaked");

    private final ObjectMapper json;
    private final boolean hasApi;
    private final long largest;

    public HttpEdge(ObjectMapper json, LatchkeyConfig config,
            @ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize maxBodySize) {
        this.json = json;
        this.hasApi = config.role() == LatchkeyConfig.Role.SERVER;
        this.largest = maxBodySize.asLongValue();
    }

    void filters(@Observes Filters filters) {
        filters.register(this::identify, FIRST);
    }

    void routes(@Observes Router router) {
        router.route().order(AFTER_PLATFORM_LIMIT).handler(context -> {
            context.put(VertxHttpRecorder.MAX_REQUEST_SIZE_KEY, maxBodySize(context));
            context.next();
        });
        for (int status : new int[] { 400, 404, 405, 406, 413, 414, 415, 431, 500, 503 }) {
            router.errorHandler(status, context -> answer(context, status));
        }
    }

    /** The id of a request. */
    public static String requestId(RoutingContext context) {
        return context.get(ATTRIBUTE);
    }

    /** To find a request by, not to keep a secret: the cheapest randomness will do. */
    private static String newId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return new UUID(random.nextLong(), random.nextLong()).toString();
    }

    private void identify(RoutingContext context) {
        String given = context.request().getHeader(REQUEST_ID);
        String id = given != null && ACCEPTED_ID.matcher(given).matches() ? given : newId();
        context.put(ATTRIBUTE, id);
        context.response().putHeader(REQUEST_ID, id);
        MDC.put("requestId", id);
        if (context.normalizedPath().startsWith("/v3") || context.normalizedPath().startsWith("/oauth2")) {
            // An answer may carry a secret, and is never a page.
            context.response().putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
            context.response().putHeader("X-Content-Type-Options", "nosniff");
        }
        if (!hasApi) {
            answer(context, 404);
            return;
        }
        if (isTooLarge(context)) {
            // What is still coming is not read: the connection cannot be used again.
            context.response().putHeader(HttpHeaders.CONNECTION, "close");
            context.response().endHandler(ended -> context.request().connection().close());
            answer(context, 413);
            return;
        }
        context.next();
    }

    /** Said by its length; the platform would answer this without a body, and itself sees to one of unknown length. */
    private boolean isTooLarge(RoutingContext context) {
        String length = context.request().getHeader(HttpHeaders.CONTENT_LENGTH);
        return length != null && Long.parseLong(length) > maxBodySize(context);
    }

    private long maxBodySize(RoutingContext context) {
        return LARGE_BODIES.contains(context.normalizedPath()) ? largest : Math.min(BODY, largest);
    }

    private void answer(RoutingContext context, int status) {
        HttpServerResponse response = context.response();
        if (response.ended()) {
            return;
        }
        ApiException error = StandardErrors.of(status);
        response.setStatusCode(status);
        error.retryAfterSeconds().ifPresent(seconds -> response.putHeader(HttpHeaders.RETRY_AFTER, Long.toString(seconds)));
        response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
        try {
            response.end(json.writeValueAsString(ErrorBody.of(error)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an error body is three plain fields", e);
        }
    }
}
