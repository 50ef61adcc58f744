package dev.latchkey.gateway.proxy;

import java.util.List;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;

/**
 * What the upstream learns of the way a request came: {@code X-Forwarded-*} and {@code Forwarded} (RFC 7239). What a trusted
 * proxy said is continued; what anybody else said is replaced.
 */
final class ForwardedHeaders {

    private static final String FOR = "X-Forwarded-For";
    private static final String PROTO = "X-Forwarded-Proto";
    private static final String HOST = "X-Forwarded-Host";
    private static final String FORWARDED = "Forwarded";

    /** What is written anew of each request. */
    static final List<String> WRITTEN = List.of(FOR, FORWARDED);
    /** What proxies say about that. From anybody else it is nothing that we know of, in whatever spelling. */
    static final List<String> OTHERS = List.of(PROTO, HOST, "X-Forwarded-Port", "X-Forwarded-Server",
            "X-Forwarded-Prefix", "X-Forwarded-Method", "X-Forwarded-Uri", "X-Real-IP", "X-Client-IP", "True-Client-IP",
            "X-Cluster-Client-IP", "CF-Connecting-IP", "X-Original-Host", "X-Forwarded-Scheme", "X-Forwarded-Ssl");

    private ForwardedHeaders() {
    }

    /**
     * Adds them to headers that have none of {@link #WRITTEN}, nor of {@link #OTHERS} unless they are continued.
     *
     * @param continued whether a trusted proxy sent the request
     */
    static void add(HttpServerRequest request, boolean continued, MultiMap to) {
        MultiMap from = request.headers();
        String peer = request.remoteAddress() == null ? "unknown" : request.remoteAddress().hostAddress();
        String host = request.authority() == null ? "" : request.authority().toString();
        to.add(FOR, append(from, FOR, peer, continued));
        to.add(FORWARDED,
                append(from, FORWARDED, "for=" + node(peer) + ";host=\"" + host + "\";proto=" + scheme(request), continued));
        if (!continued || !from.contains(PROTO)) {
            to.add(PROTO, scheme(request));
        }
        if (!continued || !from.contains(HOST)) {
            to.add(HOST, host);
        }
    }

    private static String append(MultiMap from, String name, String value, boolean continued) {
        List<String> before = continued ? from.getAll(name) : List.of();
        return before.isEmpty() ? value : String.join(", ", before) + ", " + value;
    }

    /** An address of IPv6 is in brackets and quotes (RFC 7239 section 6). */
    private static String node(String address) {
        return address.indexOf(':') < 0 ? address : "\"[" + address + "]\"";
    }

    private static String scheme(HttpServerRequest request) {
        return request.isSSL() ? "https" : "http";
    }
}
