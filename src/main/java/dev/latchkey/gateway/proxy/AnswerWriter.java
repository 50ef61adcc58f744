package dev.latchkey.gateway.proxy;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;

/**
 * Writes an answer as it comes. What comes in one turn of the event loop, which is all of most answers, goes out in one piece
 * instead of three; nothing waits longer than that turn.
 */
final class AnswerWriter {

    private final HttpServerResponse response;
    private final boolean untilClosed;
    private final boolean chunked;
    private boolean waiting = true;
    private Buffer first;

    /**
     * The head is complete.
     *
     * @param hasLength whether the head tells how long the body is
     * @param untilClosed whether the end of the connection will be the end of a body without a length
     */
    AnswerWriter(HttpServerResponse response, boolean hasLength, boolean untilClosed) {
        this.response = response;
        this.untilClosed = untilClosed;
        this.chunked = !hasLength && !untilClosed;
        Vertx.currentContext().runOnContext(turnOver -> flush());
    }

    void write(Buffer part) {
        if (waiting && first == null) {
            first = part;
        } else {
            flush();
            response.write(part);
        }
    }

    void end() {
        if (waiting && first != null) {
            waiting = false;
            response.end(first);
        } else {
            waiting = false;
            response.end();
        }
    }

    /** Nothing more is to be written. */
    void drop() {
        waiting = false;
    }

    private void flush() {
        if (!waiting) {
            return;
        }
        waiting = false;
        response.setChunked(chunked);
        if (!untilClosed) {
            response.writeHead();
        }
        if (first != null) {
            response.write(first);
        }
    }
}
