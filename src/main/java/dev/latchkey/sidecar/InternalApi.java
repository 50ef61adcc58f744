package dev.latchkey.sidecar;

import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

import org.jboss.logging.Logger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import dev.latchkey.client.Client;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.http.ErrorBody;
import dev.latchkey.sidecar.LookupMessages.Asked;
import dev.latchkey.usage.PostgresUsage;
import dev.latchkey.usage.TokenUse;
import io.smallrye.mutiny.Uni;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;

/** The server's end of {@code /internal}, once for each event loop that serves it. Speaks to sidecars alone. */
final class InternalApi extends AbstractVerticle {

    static final String LOOKUP = "/internal/lookup";
    static final String USAGE = "/internal/usage";
    static final String IDENTITY = "/internal/identity";
    static final String CHANGES = "/internal/changes";

    private static final Set<String> POSTED = Set.of(LOOKUP, USAGE, IDENTITY);
    /** 256 digests take 25 KiB, 1,000 counts 200 KiB. */
    private static final int MAX_BODY = 512 * 1024;
    /** Reports that are being written, on all event loops; further ones get 503, and come again. */
    private static final int MAX_REPORTS = 8;
    private static final long CHECK_MILLIS = 1_000;
    private static final Logger LOG = Logger.getLogger(InternalApi.class);

    /** What all event loops share. */
    record Parts(SidecarClients clients, LookupDoor lookups, IdentityDoor identities, ChangeRelay relay, SidecarCensus census,
            PostgresUsage usage,
            AtomicInteger reports,
            ObjectMapper json, Clock clock) {
    }

    private final HttpServerOptions options;
    private final Parts parts;
    private StreamLoop streams;
    private HttpServer server;

    InternalApi(HttpServerOptions options, Parts parts) {
        this.options = options;
        this.parts = parts;
    }

    @Override
    public void start(Promise<Void> started) {
        streams = parts.relay.loop(context);
        vertx.setPeriodic(CHECK_MILLIS, ignored -> streams.check());
        server = vertx.createHttpServer(options).requestHandler(this::handle)
                .connectionHandler(connection -> connection.exceptionHandler(failure -> LOG.debugf("%s", failure)));
        server.listen().<Void> mapEmpty().onComplete(started);
    }

    private void handle(HttpServerRequest request) {
        String path = request.path();
        boolean isStream = CHANGES.equals(path) && request.method() == HttpMethod.GET
                && "websocket".equalsIgnoreCase(request.getHeader(HttpHeaders.UPGRADE));
        boolean isPost = POSTED.contains(path) && request.method() == HttpMethod.POST;
        if (!isStream && !isPost) {
            fail(request, ApiException.notFound());
            return;
        }
        request.pause();
        complete(parts.clients.identify(request)).onFailure(failure -> fail(request, failure)).onSuccess(client -> {
            if (client.isEmpty()) {
                request.response().putHeader("WWW-Authenticate", "Basic realm=\"latchkey\"");
                fail(request, new ApiException(401, "UNAUTHORIZED",
                        "this is for sidecars: send the id and secret of an enabled client of kind sidecar"));
            } else if (isStream) {
                open(request, client.get());
            } else {
                request.response().putHeader(SidecarCensus.HEADER, Long.toString(parts.census.of(client.get().accountId())));
                read(request).compose(body -> post(path, client.get(), body))
                        .onSuccess(answer -> answer(request.response(), answer))
                        .onFailure(failure -> fail(request, failure));
            }
        });
    }

    /** On this event loop, wherever it completes. */
    private <T> Future<T> complete(Uni<T> uni) {
        Promise<T> promise = Promise.promise();
        uni.subscribe().with(item -> context.runOnContext(ignored -> promise.complete(item)),
                failure -> context.runOnContext(ignored -> promise.fail(failure)));
        return promise.future();
    }

    private void open(HttpServerRequest request, Client client) {
        if (!parts.relay.take()) {
            fail(request, ApiException.unavailable("this server has as many streams as it may: try another"));
            return;
        }
        request.toWebSocket().onFailure(failure -> parts.relay.giveBack())
                .onSuccess(socket -> streams.add(socket, client));
    }

    /** The body, of a bounded size. */
    private static Future<JsonObject> read(HttpServerRequest request) {
        Promise<JsonObject> promise = Promise.promise();
        Buffer body = Buffer.buffer();
        request.handler(part -> {
            if (body.length() + part.length() > MAX_BODY) {
                request.handler(ignored -> {
                });
                promise.tryFail(new ApiException(413, "BODY_TOO_LARGE", "the body is larger than 512 KiB: send less"));
            } else {
                body.appendBuffer(part);
            }
        });
        request.exceptionHandler(promise::tryFail);
        request.endHandler(ended -> {
            try {
                promise.tryComplete(new JsonObject(body));
            } catch (DecodeException e) {
                promise.tryFail(new ApiException(400, "BAD_REQUEST", "the body is not a JSON object"));
            }
        });
        request.resume();
        return promise.future();
    }

    private Future<Optional<Buffer>> post(String path, Client client, JsonObject body) {
        return switch (path) {
            case LOOKUP -> lookup(client, body);
            case IDENTITY -> complete(wellFormed(() -> parts.identities.answer(client, body)))
                    .map(identity -> Optional.of(identity.toBuffer()));
            default -> use(client, body);
        };
    }

    private Future<Optional<Buffer>> lookup(Client client, JsonObject body) {
        List<Asked> asked = wellFormed(() -> LookupMessages.asked(body));
        return complete(parts.lookups.answer(client, asked))
                .map(answers -> Optional.of(LookupMessages.answer(answers).toBuffer()));
    }

    private Future<Optional<Buffer>> use(Client client, JsonObject body) {
        List<TokenUse> uses = wellFormed(() -> UsageMessages.uses(body, parts.clock.instant()));
        if (uses.isEmpty()) {
            return Future.succeededFuture(Optional.empty());
        }
        if (parts.reports.incrementAndGet() > MAX_REPORTS) {
            parts.reports.decrementAndGet();
            return Future.failedFuture(ApiException.unavailable("too many reports come at once: try again"));
        }
        return complete(parts.usage.write(uses, client.accountId()))
                .onComplete(done -> parts.reports.decrementAndGet())
                .map(written -> Optional.<Buffer> empty());
    }

    private interface Reading<T> {
        T read();
    }

    private static <T> T wellFormed(Reading<T> reading) {
        try {
            return reading.read();
        } catch (IllegalArgumentException | ClassCastException | DecodeException e) {
            throw new ApiException(400, "BAD_REQUEST", "the body is not well-formed: " + e.getMessage());
        }
    }

    private static void answer(HttpServerResponse response, Optional<Buffer> body) {
        if (response.closed() || response.ended()) {
            return;
        }
        if (body.isEmpty()) {
            response.setStatusCode(204).end();
        } else {
            response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json").end(body.get());
        }
    }

    private void fail(HttpServerRequest request, Throwable failure) {
        HttpServerResponse response = request.response();
        if (response.closed() || response.ended()) {
            return;
        }
        ApiException error;
        if (failure instanceof ApiException known) {
            error = known;
        } else {
            LOG.warnf("A sidecar could not be answered: %s", failure.toString());
            error = ApiException.unavailable("the service is not available at the moment: try again");
        }
        error.retryAfterSeconds().ifPresent(seconds -> response.putHeader(HttpHeaders.RETRY_AFTER, Long.toString(seconds)));
        response.setStatusCode(error.status()).putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
        if (!request.isEnded()) {
            // What is still coming is not read: the connection cannot be used again.
            response.putHeader(HttpHeaders.CONNECTION, "close");
            response.endHandler(ended -> request.connection().close());
        }
        try {
            response.end(parts.json.writeValueAsString(ErrorBody.of(error)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an error body is three plain fields", e);
        }
    }
}
