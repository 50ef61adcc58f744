package dev.latchkey.portal;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import dev.latchkey.platform.LatchkeyConfig;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;

/**
 * Serves the portal: one page at every address that a person may have in a bookmark, and its hashed assets, which
 * never change. Both are compressed once, here; answers of the API are never compressed, for their length would tell
 * about the secrets in them (BREACH). Whatever is not the portal's goes on as if there was none.
 */
@ApplicationScoped
public class Portal {

    /** After the request has its id. */
    private static final int AFTER_THE_EDGE = 9_000;
    private static final String INDEX = "/index.html";
    private static final String ASSETS = "/static/bundle/";
    /** No way out of the directory, and nothing that takes long to look for. */
    private static final Pattern ASSET = Pattern.compile(ASSETS + "[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}");
    /** First segments of the portal's paths, as in router.ts. */
    private static final Set<String> PAGES = Set.of("index.html", "sign-in", "set-password", "overview", "access-tokens",
            "scopes", "policy", "profile", "account", "users", "roles", "tags", "event-log", "webhooks", "webhook-deliveries");

    private static final String CONTENT_SECURITY_POLICY = String.join("; ", List.of("default-src 'none'", "script-src 'self'",
            "style-src 'self'", "img-src 'self' data:", "font-src 'self'", "connect-src 'self'", "manifest-src 'self'",
            "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
            // Lit's own, and one that lets nothing but the empty text pass (see trusted-types.ts).
            "trusted-types lit-html default"));
    private static final Map<String, String> HEADERS = Map.of(
            "Content-Security-Policy", CONTENT_SECURITY_POLICY,
            "X-Content-Type-Options", "nosniff",
            "X-Frame-Options", "DENY",
            "Referrer-Policy", "no-referrer",
            "Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-write=(self)",
            "Cross-Origin-Opener-Policy", "same-origin",
            "Cross-Origin-Resource-Policy", "same-origin");

    private final Vertx vertx;
    private final boolean isServer;
    /** Of files that exist only, so that it cannot grow. */
    private final Map<String, PortalAsset> assets = new ConcurrentHashMap<>();

    public Portal(Vertx vertx, LatchkeyConfig config) {
        this.vertx = vertx;
        this.isServer = config.role() == LatchkeyConfig.Role.SERVER;
    }

    void filters(@Observes Filters filters) {
        if (isServer) {
            filters.register(this::serve, AFTER_THE_EDGE);
        }
    }

    private void serve(RoutingContext context) {
        HttpMethod method = context.request().method();
        String path = context.normalizedPath();
        if (!method.equals(HttpMethod.GET) && !method.equals(HttpMethod.HEAD)) {
            context.next();
        } else if (isPage(path)) {
            answer(context, INDEX, "no-cache");
        } else if (ASSET.matcher(path).matches()) {
            answer(context, path, "public, max-age=31536000, immutable");
        } else {
            context.next();
        }
    }

    static boolean isPage(String path) {
        int end = path.indexOf('/', 1);
        return path.equals("/")
                || path.startsWith("/") && PAGES.contains(path.substring(1, end < 0 ? path.length() : end));
    }

    private void answer(RoutingContext context, String path, String caching) {
        PortalAsset known = assets.get(path);
        Future<Optional<PortalAsset>> asset = known != null ? Future.succeededFuture(Optional.of(known))
                : vertx.executeBlocking(() -> PortalAsset.load(path), false);
        asset.onFailure(context::fail).onSuccess(found -> found.ifPresentOrElse(file -> {
            assets.putIfAbsent(path, file);
            send(context, file, caching);
        }, () -> passOn(context, path)));
    }

    /** In dev mode the files are not in the package: the platform serves them. */
    private static void passOn(RoutingContext context, String path) {
        if (path.equals(INDEX) && !context.normalizedPath().equals("/")) {
            context.reroute("/");
        } else {
            context.next();
        }
    }

    private static void send(RoutingContext context, PortalAsset file, String caching) {
        HttpServerResponse response = context.response();
        HEADERS.forEach(response::putHeader);
        response.putHeader(HttpHeaders.CONTENT_TYPE, file.mediaType()).putHeader(HttpHeaders.CACHE_CONTROL, caching)
                .putHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
        String accepted = context.request().getHeader(HttpHeaders.ACCEPT_ENCODING);
        boolean compresses = accepted != null && accepted.contains("gzip");
        if (compresses) {
            response.putHeader(HttpHeaders.CONTENT_ENCODING, "gzip");
        }
        var body = compresses ? file.compressed() : file.plain();
        if (context.request().method().equals(HttpMethod.HEAD)) {
            response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length())).end();
        } else {
            response.end(body);
        }
    }
}
