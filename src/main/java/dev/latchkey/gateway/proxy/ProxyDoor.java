package dev.latchkey.gateway.proxy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import dev.latchkey.gateway.Decision;
import dev.latchkey.gateway.Decision.Allowed;
import dev.latchkey.gateway.Decision.Refused;
import dev.latchkey.gateway.DecisionMetrics;
import dev.latchkey.gateway.Gateway;
import dev.latchkey.gateway.RequestLine;
import dev.latchkey.gateway.UpstreamHeaders;
import dev.latchkey.gateway.door.DoorAnswer;
import dev.latchkey.platform.http.ClientAddress;
import dev.latchkey.verification.RequestFacts;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;

/** The reverse proxy on one event loop: judges a request, makes of it what the upstream is to see, and passes it on. */
final class ProxyDoor implements Handler<HttpServerRequest> {

    private final Gateway gateway;
    private final ClientAddress addresses;
    private final DecisionMetrics.OfDoor metrics;
    private final HttpClient client;
    /** Apart: they last, and must not take the connections that requests need. */
    private final HttpClient tunnels;
    private final RequestOptions origin;
    /** Connections that are being closed, of which nothing is believed any more. */
    private final Set<HttpConnection> dropped = new HashSet<>();
    private final OpenExchanges open;

    ProxyDoor(Gateway gateway, ClientAddress addresses, DecisionMetrics.OfDoor metrics, HttpClient client,
            HttpClient tunnels, RequestOptions origin, OpenExchanges open) {
        this.gateway = gateway;
        this.addresses = addresses;
        this.metrics = metrics;
        this.client = client;
        this.tunnels = tunnels;
        this.origin = origin;
        this.open = open;
    }

    @Override
    public void handle(HttpServerRequest request) {
        request.pause();
        if (dropped.contains(request.connection())) {
            return;
        }
        if (request.authority() == null || request.headers().getAll(HttpHeaders.HOST).size() > 1) {
            refuse(request, Refused.badRequest("Host", "must be there once (RFC 9112 section 3.2)"));
            return;
        }
        List<String> coding = request.headers().getAll(HttpHeaders.TRANSFER_ENCODING);
        if (!coding.isEmpty() && !(coding.size() == 1 && coding.get(0).equalsIgnoreCase("chunked"))) {
            // Where the body ends is a matter of opinion, and with it where the next request begins: there is none.
            dropFurther(request.connection());
            refuse(request, Refused.badRequest("Transfer-Encoding", "must be chunked alone (RFC 9112 section 6.1)"));
            return;
        }
        String address = addresses.of(request);
        gateway.decide(new RequestLine(request.method().name(), request.uri(),
                request.headers().getAll(HttpHeaders.AUTHORIZATION), UpstreamHeaders.findMisleading(request.headers(), ""),
                new RequestFacts(address), RequestLine.Form.REWRITTEN), decision -> decided(request, address, decision));
    }

    private void decided(HttpServerRequest request, String address, Decision decision) {
        if (request.response().closed()) {
            // The client left while its token was looked up.
            return;
        }
        if (decision instanceof Refused refused) {
            refuse(request, refused);
            return;
        }
        metrics.count(decision);
        Allowed allowed = (Allowed) decision;
        UpstreamHead head = new UpstreamHead(request, allowed, addresses.isFromTrustedProxy(request));
        int query = request.uri().indexOf('?');
        String target = query < 0 ? allowed.path() : allowed.path() + request.uri().substring(query);
        if (isWebSocket(request)) {
            new Tunnel(request, allowed, address, target, head, open).start(tunnels, origin);
            return;
        }
        if (request.headers().contains(HttpHeaders.EXPECT)) {
            request.response().writeContinue();
        }
        new HttpExchange(request, allowed, address, target, head, open).start(client, origin);
    }

    private void dropFurther(HttpConnection connection) {
        dropped.add(connection);
        connection.closeHandler(closed -> dropped.remove(connection));
    }

    private void refuse(HttpServerRequest request, Refused refused) {
        metrics.count(refused);
        DoorAnswer.refuse(request, refused);
    }

    /**
     * HTTP/2 has no upgrade (RFC 9113 section 8.6), and one to a WebSocket is a GET without a body (RFC 6455 section 4.1). Any
     * other request is passed on as what it was judged as, without the wish to upgrade.
     */
    private static boolean isWebSocket(HttpServerRequest request) {
        return request.version() == HttpVersion.HTTP_1_1 && request.method() == HttpMethod.GET
                && hasNoLength(request.headers().get(HttpHeaders.CONTENT_LENGTH))
                && !request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
                && request.headers().contains(HttpHeaders.UPGRADE, "websocket", true)
                && request.headers().getAll(HttpHeaders.CONNECTION).stream()
                        .flatMap(value -> Stream.of(value.split(",")))
                        .anyMatch(option -> option.strip().equalsIgnoreCase("upgrade"));
    }

    /** Some clients say of each request how long its body is. */
    private static boolean hasNoLength(String contentLength) {
        return contentLength == null || contentLength.equals("0");
    }
}
