package dev.latchkey.platform.http;

import java.util.concurrent.Executor;

import io.vertx.core.Context;
import io.vertx.core.Vertx;

/**
 * Goes on where the request is handled. An answer that was shared with other requests, or came over a connection of
 * another event loop, arrives on a foreign thread; one from memory does not, and then this costs nothing.
 */
public final class RequestContext {

    private RequestContext() {
    }

    public static Executor current() {
        Context context = Vertx.currentContext();
        return task -> {
            if (context == null || Vertx.currentContext() == context) {
                task.run();
            } else {
                context.runOnContext(ignored -> task.run());
            }
        };
    }
}
