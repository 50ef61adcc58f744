package dev.latchkey.gateway.proxy;

import org.jboss.logging.Logger;

import dev.latchkey.gateway.Decision.Allowed;
import dev.latchkey.gateway.Decision.Refused;
import dev.latchkey.gateway.door.DoorAnswer;
import dev.latchkey.verification.Rejection;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.NetSocket;

/**
 * A WebSocket (RFC 6455) that was let through: after the upgrade, bytes that are passed on both ways, no faster than they are
 * taken.
 */
final class Tunnel extends OpenExchanges.Exchange {

    private static final Logger LOG = Logger.getLogger(Tunnel.class);

    private final HttpServerRequest request;
    private final OpenExchanges open;
    private final String target;
    private final UpstreamHead head;
    private final WebSocketFrames toClient = new WebSocketFrames();
    private HttpClientRequest upstreamRequest;
    private NetSocket client;
    private NetSocket upstream;
    private boolean ended;

    Tunnel(HttpServerRequest request, Allowed allowed, String address, String target, UpstreamHead head, OpenExchanges open) {
        super(allowed, address);
        this.request = request;
        this.target = target;
        this.head = head;
        this.open = open;
    }

    void start(HttpClient http, RequestOptions origin) {
        open.add(this);
        request.response().closeHandler(gone -> end());
        http.request(new RequestOptions(origin).setMethod(HttpMethod.GET).setURI(target)).onSuccess(this::upgrade)
                .onFailure(this::fail);
    }

    private void upgrade(HttpClientRequest made) {
        upstreamRequest = made;
        if (ended) {
            made.reset();
            return;
        }
        made.authority(request.authority());
        head.addTo(made.headers());
        made.headers().remove(HttpHeaders.CONTENT_LENGTH);
        // For this hop and the next alike. Not as the client spelt it: upstreams are particular about it.
        made.headers().add(HttpHeaders.CONNECTION, HttpHeaders.UPGRADE).add(HttpHeaders.UPGRADE, "websocket");
        made.connect().onSuccess(this::answered).onFailure(this::fail);
        // A request to upgrade has no body; both ends must know before the connection can become a tunnel.
        request.endHandler(ended -> made.end());
        request.resume();
    }

    private void answered(HttpClientResponse answer) {
        if (ended) {
            upstreamRequest.reset();
            return;
        }
        active();
        if (answer.statusCode() != 101) {
            decline(answer);
            return;
        }
        upstream = answer.netSocket();
        upstream.pause();
        upstream.closeHandler(closed -> end());
        HttpServerResponse response = request.response().setStatusCode(101);
        response.headers().addAll(answer.headers());
        request.toNetSocket().onSuccess(this::join).onFailure(failure -> {
            LOG.debugf("A WebSocket could not be opened: %s", failure.toString());
            end();
        });
    }

    /** The upstream does not want it, and says why. */
    private void decline(HttpClientResponse answer) {
        HttpServerResponse response = request.response().setStatusCode(answer.statusCode());
        HopByHop.copyOthers(answer.headers(), response.headers());
        if (!answer.headers().contains(HttpHeaders.CONTENT_LENGTH)) {
            response.setChunked(true);
        }
        new ObservedStream(answer, passed -> active()).pipeTo(response).onComplete(done -> {
            end();
            request.connection().close();
        });
    }

    private void join(NetSocket made) {
        client = made;
        client.closeHandler(closed -> end());
        if (ended) {
            end();
            return;
        }
        new ObservedStream(client, passed -> active()).pipeTo(upstream).onComplete(done -> end());
        new ObservedStream(upstream, passed -> {
            active();
            toClient.pass(passed);
        }).pipeTo(client).onComplete(done -> end());
    }

    private void fail(Throwable failure) {
        if (ended) {
            return;
        }
        LOG.debugf("The upstream failed: %s", failure.toString());
        answer(UpstreamFailure.of(failure));
    }

    private void answer(Refused refused) {
        end();
        if (!request.response().headWritten()) {
            DoorAnswer.refuse(request, refused);
        }
    }

    private void end() {
        ended = true;
        open.remove(this);
        if (upstream != null) {
            upstream.close();
        } else if (upstreamRequest != null) {
            upstreamRequest.reset();
        }
        if (client != null) {
            client.close();
        }
    }

    /** With the status that says why, unless a frame is only half there. */
    @Override
    void refuse() {
        if (client != null && toClient.isBetweenFrames()) {
            // Nothing must come between this and the close.
            upstream.pause();
            client.write(WebSocketFrames.policyViolation());
            end();
        } else {
            answer(Refused.of(Rejection.REVOKED));
        }
    }

    @Override
    void timeOut() {
        answer(UpstreamFailure.TIMED_OUT);
    }
}
