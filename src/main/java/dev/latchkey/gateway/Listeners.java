package dev.latchkey.gateway;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;

import dev.latchkey.platform.StartupException;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;

/**
 * Opens the gateway's listeners, on event loops of their own: those of the API measure and trace each request, which costs more
 * than a decision does, and would count requests to an API that is not ours among those to ours.
 */
@ApplicationScoped
public class Listeners {

    private static final Logger LOG = Logger.getLogger(Listeners.class);
    private static final long TIMEOUT_SECONDS = 10;

    private final int eventLoops = Math.max(1, Runtime.getRuntime().availableProcessors());
    private Vertx vertx;

    /** The event loops; made when they are first needed. */
    public synchronized Vertx vertx() {
        if (vertx == null) {
            vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(eventLoops)
                    .setFileSystemOptions(new FileSystemOptions().setFileCachingEnabled(false)
                            .setClassPathResolvingEnabled(false)));
        }
        return vertx;
    }

    /**
     * Listens, with one handler for each event loop. Blocks until it does, at start, when there is nobody to hold up.
     *
     * <p>
     * WebSocket extensions are between a client and the API behind.
     *
     * @param key the configuration key of the port, for the message if it cannot be had
     * @throws StartupException if the port cannot be had
     */
    public void open(String key, HttpServerOptions options, Supplier<Handler<HttpServerRequest>> handlers) {
        options.setPerFrameWebSocketCompressionSupported(false).setPerMessageWebSocketCompressionSupported(false);
        try {
            vertx().deployVerticle(() -> new AbstractVerticle() {
                @Override
                public void start(Promise<Void> started) {
                    vertx.createHttpServer(options).requestHandler(failingClosed(handlers.get()))
                            // What is no HTTP: the connection is closed, and there is nothing to tell.
                            .exceptionHandler(failure -> LOG.debugf("A connection was refused: %s", failure.toString()))
                            .listen().<Void> mapEmpty().onComplete(started);
                }
            }, new DeploymentOptions().setInstances(eventLoops)).toCompletionStage().toCompletableFuture()
                    .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new StartupException(key + ": cannot listen on " + options.getHost() + ":" + options.getPort() + ": "
                    + (e.getCause() == null ? e : e.getCause()).getMessage(), e);
        }
    }

    /** A defect of ours leaves nobody waiting, and lets nobody through. */
    private static Handler<HttpServerRequest> failingClosed(Handler<HttpServerRequest> handler) {
        return request -> {
            try {
                handler.handle(request);
            } catch (RuntimeException e) {
                LOG.error("A request could not be handled, and is refused", e);
                request.response().reset();
            }
        };
    }

    @PreDestroy
    void close() {
        if (vertx != null) {
            vertx.close();
        }
    }
}
