package dev.latchkey.gateway.proxy;

import org.jboss.logging.Logger;

import dev.latchkey.gateway.Decision.Allowed;
import dev.latchkey.gateway.Decision.Refused;
import dev.latchkey.gateway.door.DoorAnswer;
import dev.latchkey.platform.http.RateLimitHeaders;
import dev.latchkey.verification.Rejection;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;

/**
 * A request that was let through, with its answer, both streamed no faster than they are taken. Heads are passed on when they
 * arrive, not when the first of a body does.
 * <p>
 * It is over when both have passed whole, or when either end fails: then the other is told by a reset, and never by an end that
 * could be taken for a whole body. Until then it is among the {@link OpenExchanges}, which may end it at any time.
 */
final class HttpExchange extends OpenExchanges.Exchange {

    private static final Logger LOG = Logger.getLogger(HttpExchange.class);
    /** RFC 9113 section 8.1: the answer is whole, and no more of the request is wanted. */
    private static final long NO_ERROR = 0;

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final OpenExchanges open;
    private final String target;
    private final UpstreamHead head;
    private HttpClientRequest upstream;
    /** Of an answer with a body. */
    private AnswerWriter writer;
    private boolean requestPassed;
    private boolean responsePassed;
    private boolean over;

    /** @param target path and query for the upstream */
    HttpExchange(HttpServerRequest request, Allowed allowed, String address, String target, UpstreamHead head,
            OpenExchanges open) {
        super(allowed, address);
        this.request = request;
        this.response = request.response();
        this.target = target;
        this.head = head;
        this.open = open;
    }

    void start(HttpClient client, RequestOptions origin) {
        open.add(this);
        // On HTTP/2 it is called after a good end, too.
        response.closeHandler(gone -> abandon());
        response.exceptionHandler(gone -> abandon());
        client.request(new RequestOptions(origin).setMethod(request.method()).setURI(target)).onSuccess(this::reached)
                .onFailure(this::fail);
    }

    private void reached(HttpClientRequest made) {
        upstream = made;
        if (over) {
            made.reset();
            return;
        }
        made.authority(request.authority());
        head.addTo(made.headers());
        made.response().onSuccess(this::answered).onFailure(this::fail);
        made.exceptionHandler(this::fail);
        sendBody();
    }

    /** How long a body is, or that it has none, is known from the head; but on HTTP/2 perhaps only when it comes, or ends. */
    private void sendBody() {
        boolean hasLength = request.headers().contains(HttpHeaders.CONTENT_LENGTH);
        boolean inChunks = request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
        if (request.isEnded()) {
            upstream.end();
            requestPassed();
            return;
        }
        if (inChunks) {
            upstream.setChunked(true);
        }
        if (hasLength || inChunks) {
            upstream.sendHead();
        }
        request.exceptionHandler(gone -> abandon());
        request.handler(part -> {
            if (over) {
                return;
            }
            active();
            if (!hasLength) {
                upstream.setChunked(true);
            }
            upstream.write(part);
            if (upstream.writeQueueFull()) {
                request.pause();
                upstream.drainHandler(drained -> resume());
            }
        });
        request.endHandler(ended -> {
            if (!over) {
                upstream.end();
                requestPassed();
            }
        });
        resume();
    }

    /** A request of HTTP/2 that has ended cannot be resumed. */
    private void resume() {
        if (!request.isEnded()) {
            request.resume();
        }
    }

    private void answered(HttpClientResponse answer) {
        if (over) {
            upstream.reset();
            return;
        }
        active();
        if (answer.statusCode() < 200) {
            fail(new IllegalStateException("the upstream switches protocols though nobody asked for it"));
            return;
        }
        response.setStatusCode(answer.statusCode()).setStatusMessage(answer.statusMessage());
        HopByHop.copyOthers(answer.headers(), response.headers());
        allowed().rate().ifPresent(rate -> RateLimitHeaders.add(rate, response.headers()));
        if (hasNoBody(answer)) {
            answer.exceptionHandler(this::fail);
            answer.endHandler(ended -> endResponse());
            return;
        }
        boolean hasLength = answer.headers().contains(HttpHeaders.CONTENT_LENGTH);
        // A client of HTTP/1.0 knows no chunks; the end of the connection is the end of the body (RFC 9112 section 6.3).
        boolean untilClosed = !hasLength && request.version() == HttpVersion.HTTP_1_0;
        if (untilClosed) {
            response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        writer = new AnswerWriter(response, hasLength, untilClosed);
        answer.exceptionHandler(this::fail);
        answer.handler(part -> {
            if (over) {
                return;
            }
            active();
            writer.write(part);
            if (response.writeQueueFull()) {
                answer.pause();
                response.drainHandler(drained -> answer.resume());
            }
        });
        answer.endHandler(ended -> {
            endResponse();
            if (untilClosed) {
                request.connection().close();
            }
        });
    }

    /** RFC 9112 section 6.3. What says how long it would be is passed on. */
    private boolean hasNoBody(HttpClientResponse answer) {
        return request.method() == HttpMethod.HEAD || answer.statusCode() == 204 || answer.statusCode() == 304;
    }

    private void requestPassed() {
        requestPassed = true;
        endIfPassed();
    }

    /** What is left of a request that was answered before it had been sent is not waited for: nobody would watch it. */
    private void endResponse() {
        if (over) {
            return;
        }
        // Before the end, of which an HTTP/2 client may be told at once.
        responsePassed = true;
        if (writer == null) {
            response.end();
        } else {
            writer.end();
        }
        if (!requestPassed && !over) {
            end();
            upstream.reset();
            if (request.version() == HttpVersion.HTTP_2) {
                response.reset(NO_ERROR);
            } else {
                request.connection().close();
            }
            return;
        }
        endIfPassed();
    }

    private void endIfPassed() {
        if (requestPassed && responsePassed) {
            end();
        }
    }

    private void end() {
        over = true;
        if (writer != null) {
            writer.drop();
        }
        open.remove(this);
    }

    /** The client is gone. */
    private void abandon() {
        if (!over && !responsePassed) {
            end();
            resetUpstream();
        }
    }

    private void fail(Throwable failure) {
        if (!over) {
            LOG.debugf("The upstream failed: %s", failure.toString());
            stop(UpstreamFailure.of(failure));
        }
    }

    @Override
    void refuse() {
        stop(Refused.of(Rejection.REVOKED));
    }

    @Override
    void timeOut() {
        stop(UpstreamFailure.TIMED_OUT);
    }

    /** Says why if that is still possible; whoever reads a body that breaks off knows that it did. */
    private void stop(Refused reason) {
        end();
        resetUpstream();
        if (response.headWritten()) {
            response.reset();
        } else {
            // Of an answer that was begun nothing may be left.
            response.headers().clear();
            response.setChunked(false).setStatusMessage(HttpResponseStatus.valueOf(reason.status()).reasonPhrase());
            DoorAnswer.refuse(request, reason);
        }
    }

    /** Not of one that is over: its connection may have another request by now. */
    private void resetUpstream() {
        if (upstream != null) {
            upstream.reset();
        }
    }
}
