package dev.latchkey.gateway.door;

import java.util.Locale;

import io.vertx.core.http.HttpHeaders;

/** In which headers a proxy says what it was asked for. */
enum Dialect {

    /** {@code auth_request} of nginx, as the recipe sets them. */
    NGINX("/auth/nginx", "X-Original-Method", "X-Original-URI", true),
    /** The same of the Kubernetes controller ingress-nginx, which gives a whole URL. */
    INGRESS_NGINX("/auth/ingress-nginx", "X-Original-Method", "X-Original-URL", true),
    /** {@code forwardAuth} of Traefik, {@code forward_auth} of Caddy. */
    FORWARD("/auth/forward", "X-Forwarded-Method", "X-Forwarded-Uri", false);

    final String path;
    final CharSequence method;
    final CharSequence target;
    /** Whether the proxy knows only 2xx, 401 and 403, and takes everything else for a failure of its own. */
    final boolean knowsFewStatuses;

    Dialect(String path, String method, String target, boolean knowsFewStatuses) {
        this.path = path;
        this.method = HttpHeaders.createOptimized(method);
        this.target = HttpHeaders.createOptimized(target);
        this.knowsFewStatuses = knowsFewStatuses;
    }

    /** As metrics call it. */
    String door() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Path and query; what is no URL is left as it is, and refused as a path. */
    String targetOf(String value) {
        if (this != INGRESS_NGINX) {
            return value;
        }
        int scheme = value.indexOf("://");
        // The authority is what the client sent as Host; nginx refuses one with a slash.
        int path = scheme < 0 ? -1 : value.indexOf('/', scheme + 3);
        return path < 0 ? value : value.substring(path);
    }
}
