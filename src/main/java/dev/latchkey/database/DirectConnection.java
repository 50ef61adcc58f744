package dev.latchkey.database;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.jboss.logging.Logger;

import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.impl.SocketConnectionBase;
import io.vertx.sqlclient.impl.SqlConnectionInternal;

/**
 * A connection to PostgreSQL outside any pool, on an event loop of its own, that can be cut at once. Closing it in
 * the ordinary way waits for what is under way, which on a stalled network is for ever.
 */
final class DirectConnection {

    private static final int CONNECT_TIMEOUT_MS = 2_000;
    private static final int STOP_TIMEOUT_MS = 1_000;
    private static final Logger LOG = Logger.getLogger(DirectConnection.class);

    private final PgConnection connection;

    private DirectConnection(PgConnection connection) {
        this.connection = connection;
    }

    /** An event loop for {@link #connect}. */
    static Context newContext(Vertx vertx) {
        return ((VertxInternal) vertx).createEventLoopContext();
    }

    static EventLoop eventLoop(Context context) {
        return ((ContextInternal) context).nettyEventLoop();
    }

    /** The event loop that this is called on; null if it is called on none. */
    static EventLoop currentEventLoop() {
        Context current = Vertx.currentContext();
        return current == null ? null : eventLoop(current);
    }

    /**
     * Connects and prepares the session. Must be called on a context, to which the connection then belongs. Fails on a
     * standby, which may not know yet what was revoked; a primary does not become one without ending its connections.
     *
     * @param settings statements without results, such as {@code SET}
     */
    static Future<DirectConnection> connect(Vertx vertx, PgConnectOptions options, String settings) {
        Promise<DirectConnection> promise = Promise.promise();
        boolean[] abandoned = { false };
        long timer = vertx.setTimer(CONNECT_TIMEOUT_MS, fired -> {
            // The client's own time-out covers the connection, not the log-in.
            abandoned[0] = true;
            promise.tryFail(new TimeoutException("no connection within 2 s"));
        });
        PgConnection.connect(vertx, options).onFailure(promise::tryFail).onSuccess(connected -> {
            DirectConnection connection = new DirectConnection(connected);
            if (abandoned[0]) {
                connection.cut();
                return;
            }
            promise.future().onFailure(failure -> connection.cut());
            connected.query(settings).execute()
                    .compose(done -> connected.query("SELECT pg_is_in_recovery()").execute())
                    .onFailure(promise::tryFail)
                    .onSuccess(rows -> {
                        if (rows.iterator().next().getBoolean(0)) {
                            promise.tryFail(new IllegalStateException("the database is a standby; the primary is needed"));
                        } else {
                            promise.tryComplete(connection);
                        }
                    });
        });
        return promise.future().onComplete(done -> vertx.cancelTimer(timer));
    }

    /** What all such connections have in common. */
    static PgConnectOptions options(PgConnectOptions options) {
        return (PgConnectOptions) options.setConnectTimeout(CONNECT_TIMEOUT_MS).setTcpKeepAlive(true).setTcpNoDelay(true);
    }

    /** Event loops end with the process: what is to be closed is closed before. Blocks, which at a stop holds up nobody. */
    static void awaitAtStop(Future<Void> closed) {
        try {
            closed.toCompletionStage().toCompletableFuture().get(STOP_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.debugf("Connections to the database were not closed: %s", e.toString());
        }
    }

    PgConnection sql() {
        return connection;
    }

    /**
     * Ends the connection now, whatever is under way; that fails. Completes when it is closed. The close starts below every
     * handler: Vert.x's and TLS's would send what is still to be sent before, and that may never end.
     */
    Future<Void> cut() {
        Promise<Void> closed = Promise.promise();
        ((SocketConnectionBase) ((SqlConnectionInternal) connection).unwrap()).socket().channelHandlerContext().pipeline()
                .firstContext().close().addListener(done -> closed.complete());
        return closed.future();
    }
}
