package dev.latchkey.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;

import io.vertx.core.json.JsonObject;

/** An endpoint that webhooks go to: remembers what it got, in order, and answers what it is told to. */
public final class WebhookReceiver implements AutoCloseable {

    /**
     * A request that arrived.
     *
     * @param path with the query
     */
    public record Received(String path, Headers headers, String body) {

        public JsonObject json() {
            return new JsonObject(body);
        }

        public String event() {
            return json().getString("event");
        }

        /** Of what it tells of. */
        public String resourceId() {
            return json().getJsonObject("data").getString("id");
        }

        public String id() {
            return headers.getFirst("webhook-id");
        }
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Queue<Received> received = new ConcurrentLinkedQueue<>();
    private volatile Function<Received, Integer> status = any -> 204;

    public WebhookReceiver() {
        try {
            server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 1_000);
            server.createContext("/", exchange -> {
                Received request = new Received(exchange.getRequestURI().toString(), exchange.getRequestHeaders(),
                        new String(exchange.getRequestBody().readAllBytes()));
                received.add(request);
                int answer = status.apply(request);
                exchange.getResponseHeaders().add("Location", "http://127.0.0.1:" + port() + "/elsewhere");
                byte[] body = ("answered " + answer).getBytes();
                exchange.sendResponseHeaders(answer, answer == 204 ? -1 : body.length);
                if (answer != 204) {
                    exchange.getResponseBody().write(body);
                }
                exchange.close();
            });
            server.setExecutor(threads);
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return server.getAddress().getPort();
    }

    public String url(String path) {
        return "http://127.0.0.1:" + port() + path;
    }

    /** What it answers from now on. */
    public void answer(Function<Received, Integer> status) {
        this.status = status;
    }

    /** All that came, in order. */
    public List<Received> received() {
        return List.copyOf(received);
    }

    /** What came at that path, in order. */
    public List<Received> received(String path) {
        return received.stream().filter(each -> each.path.equals(path)).toList();
    }

    public int count() {
        return received.size();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
