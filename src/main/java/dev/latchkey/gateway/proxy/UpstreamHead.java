package dev.latchkey.gateway.proxy;

import java.util.List;
import java.util.stream.Stream;

import dev.latchkey.gateway.Decision.Allowed;
import dev.latchkey.gateway.HeaderNames;
import dev.latchkey.gateway.UpstreamHeaders;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/**
 * The headers that the upstream sees of a request: the client's, without those that were for this hop, and those that only the
 * gateway may say, which it says itself.
 */
final class UpstreamHead {

    /** Said anew, or said by the connection itself. */
    private static final List<String> OURS = List.of("Host", "Authorization", "Expect");

    private static final HeaderNames DROPPED_FROM_PROXY = new HeaderNames(
            Stream.of(HopByHop.ALWAYS, OURS, ForwardedHeaders.WRITTEN).flatMap(List::stream).toList());
    private static final HeaderNames DROPPED = new HeaderNames(
            Stream.of(HopByHop.ALWAYS, OURS, ForwardedHeaders.WRITTEN, ForwardedHeaders.OTHERS).flatMap(List::stream).toList());

    private final HttpServerRequest request;
    private final Allowed allowed;
    private final boolean fromTrustedProxy;

    UpstreamHead(HttpServerRequest request, Allowed allowed, boolean fromTrustedProxy) {
        this.request = request;
        this.allowed = allowed;
        this.fromTrustedProxy = fromTrustedProxy;
    }

    /** Adds all to headers that are empty. */
    void addTo(MultiMap headers) {
        HeaderNames dropped = fromTrustedProxy ? DROPPED_FROM_PROXY : DROPPED;
        List<String> named = HopByHop.named(request.headers());
        request.headers().forEach((name, value) -> {
            if (!dropped.contains(name) && !UpstreamHeaders.isOurs(name) && !HopByHop.isAmong(named, name)) {
                headers.add(name, value);
            }
        });
        allowed.authorization().ifPresent(value -> headers.add(HttpHeaders.AUTHORIZATION, value));
        UpstreamHeaders.add(allowed, headers);
        ForwardedHeaders.add(request, fromTrustedProxy, headers);
    }
}
