package dev.latchkey.testing;

import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;

/** A small API that remembers what it got, byte for byte as far as HTTP goes. */
public final class RecordingUpstream implements AutoCloseable {

    /** What the answer's body begins with. */
    public static final String BODY = "from the API";

    /**
     * A request that arrived.
     *
     * @param target path and query, as they came
     * @param headers by name in the spelling in which they came; all values
     */
    public record Arrived(String method, String target, List<Map.Entry<String, String>> headers) {

        public List<String> values(String name) {
            return headers.stream().filter(header -> header.getKey().equalsIgnoreCase(name)).map(Map.Entry::getValue).toList();
        }

        public String value(String name) {
            List<String> values = values(name);
            if (values.size() != 1) {
                throw new AssertionError(name + " is there " + values.size() + " times: " + headers);
            }
            return values.get(0);
        }
    }

    private final Vertx vertx = Vertx.vertx();
    private final HttpServer server;
    private final Deque<Arrived> arrived = new ConcurrentLinkedDeque<>();
    private volatile Handler<HttpServerRequest> behaviour = RecordingUpstream::answer;

    public RecordingUpstream() {
        try {
            server = vertx.createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0)
                    .setMaxHeaderSize(128 * 1024).setMaxInitialLineLength(64 * 1024)).requestHandler(request -> {
                        arrived.addLast(new Arrived(request.method().name(), request.uri(),
                                List.copyOf(request.headers().entries())));
                        behaviour.handle(request);
                    }).listen().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void answer(HttpServerRequest request) {
        request.endHandler(ended -> request.response().putHeader("Content-Type", "text/plain").end(BODY));
    }

    /** What it does with requests from now on; {@link #behaveWell} ends it. */
    public void behave(Handler<HttpServerRequest> handler) {
        behaviour = handler;
    }

    public void behaveWell() {
        behaviour = RecordingUpstream::answer;
    }

    public int port() {
        return server.actualPort();
    }

    public Vertx vertx() {
        return vertx;
    }

    public int count() {
        return arrived.size();
    }

    /** The latest request; an error if there was none. */
    public Arrived last() {
        return arrived.getLast();
    }

    public void forget() {
        arrived.clear();
    }

    @Override
    public void close() {
        vertx.close();
    }
}
