package dev.latchkey.gateway.door;

import dev.latchkey.gateway.DecisionMetrics;
import dev.latchkey.gateway.Gateway;
import dev.latchkey.gateway.RequestLine;
import dev.latchkey.gateway.UpstreamHeaders;
import dev.latchkey.platform.http.ClientAddress;
import dev.latchkey.verification.RequestFacts;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/**
 * The HTTP service of Envoy's {@code ext_authz} filter (Envoy documentation, "External Authorization",
 * {@code http_service.path_prefix}): it repeats the request, with a prefix before its path.
 */
final class EnvoyHttpDoor implements Handler<HttpServerRequest> {

    static final String PREFIX = "/auth/envoy";

    private final Gateway gateway;
    private final ClientAddress addresses;
    private final DecisionMetrics.OfDoor metrics;

    EnvoyHttpDoor(Gateway gateway, ClientAddress addresses, DecisionMetrics metrics) {
        this.gateway = gateway;
        this.addresses = addresses;
        this.metrics = metrics.of("envoy-http");
    }

    @Override
    public void handle(HttpServerRequest request) {
        gateway.decide(new RequestLine(request.method().name(), request.uri().substring(PREFIX.length()),
                request.headers().getAll(HttpHeaders.AUTHORIZATION), UpstreamHeaders.findMisleading(request.headers(), ""),
                new RequestFacts(addresses.of(request)), RequestLine.Form.AS_SENT), decision -> {
                    metrics.count(decision);
                    DoorAnswer.write(request.response(), decision, false);
                });
    }
}
