package dev.latchkey.sidecar;

import java.util.OptionalLong;
import java.util.UUID;

import dev.latchkey.client.Client;
import dev.latchkey.verification.ChangeSource;
import io.vertx.core.Context;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.impl.WebSocketInternal;

/** A server's end of a stream. All of it runs on one event loop. */
final class SidecarStream {

    /** What may wait to be sent, in bytes; a stream that needs more is cut, and begins anew. */
    private static final int MAX_QUEUE = 64 * 1024;
    /** Nonces between two looks at the clock; whoever sends more is no sidecar. */
    private static final int MAX_NONCES = 50;

    private final ServerWebSocket socket;
    private final Client client;
    private final ChangeSource source;
    private final Context context;
    private long heardAt = System.nanoTime();
    private int nonces;

    SidecarStream(ServerWebSocket socket, Client client, ChangeSource source, Context context) {
        this.socket = socket;
        this.client = client;
        this.source = source;
        this.context = context;
    }

    /** Begins; from now on the sidecar relies on being told. */
    void start() {
        socket.setWriteQueueMaxSize(MAX_QUEUE);
        socket.textMessageHandler(this::hear);
        socket.exceptionHandler(failure -> cut());
        tell(new StreamMessage.Hello().text());
    }

    UUID clientId() {
        return client.id();
    }

    UUID accountId() {
        return client.accountId();
    }

    private void hear(String text) {
        if (!StreamMessage.isNonce(text) || ++nonces > MAX_NONCES) {
            cut();
            return;
        }
        heardAt = System.nanoTime();
        // The age is read first, and the echo is written behind whatever is queued on this event loop by then. The feed's thread
        // queues each change there and renews the evidence afterwards (ChangeRelay, FeedState). If the evidence that is read here
        // is so new that it covers a change, that change was queued before this line, and is written before the echo. Written at
        // once, the echo would overtake it; and read when the echo is written, the age could speak of a change that is queued
        // behind it.
        OptionalLong age = source.evidenceAge();
        context.runOnContext(ignored -> tell(new StreamMessage.Echo(text, age).text()));
    }

    void tell(String text) {
        if (socket.isClosed()) {
            return;
        }
        if (socket.writeQueueFull()) {
            cut();
            return;
        }
        socket.writeTextMessage(text);
    }

    /** Whether nothing was heard for so long; begins another period in which nonces are counted. */
    boolean isSilentFor(long nanos) {
        nonces = 0;
        return System.nanoTime() - heardAt > nanos;
    }

    /** Ends it below every handler: what is still to be sent to a stalled peer may never go. */
    void cut() {
        ((WebSocketInternal) socket).channelHandlerContext().pipeline().firstContext().close();
    }
}
