package dev.latchkey.gateway.door;

import java.util.List;

import dev.latchkey.gateway.Decision;
import dev.latchkey.gateway.Decision.Refused;
import dev.latchkey.gateway.DecisionMetrics;
import dev.latchkey.gateway.Gateway;
import dev.latchkey.gateway.RequestLine;
import dev.latchkey.gateway.UpstreamHeaders;
import dev.latchkey.platform.http.ClientAddress;
import dev.latchkey.verification.RequestFacts;
import io.vertx.core.Handler;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/**
 * For proxies that ask, by a request of its own, whether another one may pass. Reads what they say in the headers of one
 * {@link Dialect} alone: a client may have sent those of the others.
 */
final class ForwardAuthDoor implements Handler<HttpServerRequest> {

    private final Dialect dialect;
    private final Gateway gateway;
    private final ClientAddress addresses;
    private final DecisionMetrics.OfDoor metrics;

    ForwardAuthDoor(Dialect dialect, Gateway gateway, ClientAddress addresses, DecisionMetrics metrics) {
        this.dialect = dialect;
        this.gateway = gateway;
        this.addresses = addresses;
        this.metrics = metrics.of(dialect.door());
    }

    @Override
    public void handle(HttpServerRequest request) {
        MultiMap headers = request.headers();
        String method = single(headers, dialect.method);
        String target = single(headers, dialect.target);
        if (method == null || target == null) {
            answer(request, missing(method == null ? dialect.method : dialect.target));
            return;
        }
        gateway.decide(new RequestLine(method, dialect.targetOf(target), headers.getAll(HttpHeaders.AUTHORIZATION),
                UpstreamHeaders.findMisleading(headers, dialect.target.toString()), new RequestFacts(addresses.of(request)),
                RequestLine.Form.AS_SENT), decision -> answer(request, decision));
    }

    private static Refused missing(CharSequence header) {
        return Refused.badRequest(header.toString(),
                "must be there once, set by the proxy that asks: see its recipe in the documentation");
    }

    /** Null if the header is not there exactly once: two programs may each take another of several. */
    private static String single(MultiMap headers, CharSequence name) {
        List<String> values = headers.getAll(name);
        return values.size() == 1 && !values.get(0).isEmpty() ? values.get(0) : null;
    }

    private void answer(HttpServerRequest request, Decision decision) {
        metrics.count(decision);
        DoorAnswer.write(request.response(), decision, dialect.knowsFewStatuses);
    }
}
