package dev.latchkey.sidecar;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Pattern;

import org.jboss.logging.Logger;

import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.verification.Enforcers;
import io.netty.util.NetUtil;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.ClientOptionsBase;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;

/** How a sidecar reaches servers: by address, while their certificates are judged by the name that is configured. */
final class ServerConnections {

    private static final int CONNECT_TIMEOUT_MS = 300;
    /** To one server. */
    private static final int MAX_CONNECTIONS = 16;
    private static final int MAX_WAITING = 64;
    private static final int IDLE_SECONDS = 30;
    /** 256 tokens with hundred long scopes each take less. */
    private static final int MAX_ANSWER = 4 * 1024 * 1024;

    private static final Pattern COUNT = Pattern.compile("[0-9]{1,9}");
    private static final Logger LOG = Logger.getLogger(ServerConnections.class);

    private final HttpClient http;
    private final NetClient streams;
    private final NetClient secureStreams;
    private final Optional<String> authorization;
    private final Enforcers enforcers;

    ServerConnections(Vertx vertx, LatchkeyConfig.Server config, Enforcers enforcers) {
        this.enforcers = enforcers;
        HttpClientOptions options = new HttpClientOptions().setMaxPoolSize(MAX_CONNECTIONS).setMaxWaitQueueSize(MAX_WAITING)
                .setKeepAliveTimeout(IDLE_SECONDS);
        secure(options, config.tls());
        // A connection that ends tells the request on it; otherwise that is nobody's business.
        this.http = vertx.httpClientBuilder().with(options)
                .withConnectHandler(connection -> connection.exceptionHandler(failure -> LOG.debugf("%s", failure))).build();
        NetClientOptions plain = new NetClientOptions();
        plain.setConnectTimeout(CONNECT_TIMEOUT_MS);
        this.streams = vertx.createNetClient(plain);
        NetClientOptions secure = new NetClientOptions().setHostnameVerificationAlgorithm("HTTPS");
        secure(secure, config.tls());
        secure.setSsl(true);
        this.secureStreams = vertx.createNetClient(secure);
        this.authorization = config.credential().map(credential -> "Basic "
                + Base64.getEncoder().encodeToString(credential.getBytes(StandardCharsets.UTF_8)));
    }

    private static void secure(ClientOptionsBase options, LatchkeyConfig.ServerTls tls) {
        options.setConnectTimeout(CONNECT_TIMEOUT_MS);
        tls.ca().ifPresent(ca -> options.setTrustOptions(new PemTrustOptions().addCertPath(ca.toString())));
        tls.certificate().ifPresent(certificate -> options.setKeyCertOptions(new PemKeyCertOptions()
                .addCertPath(certificate.toString()).addKeyPath(tls.key().orElseThrow().toString())));
    }

    Optional<String> authorization() {
        return authorization;
    }

    /** A connection for a stream. */
    Future<NetSocket> connect(Server server) {
        Server.Place place = server.place();
        boolean isName = !NetUtil.isValidIpV4Address(place.host()) && !NetUtil.isValidIpV6Address(place.host());
        return place.tls() ? secureStreams.connect(place.address(), isName ? place.host() : null)
                : streams.connect(place.address());
    }

    /** A request that can be given up. */
    final class Exchange {

        private final Promise<Answer> answer = Promise.promise();
        private HttpClientRequest request;
        private boolean isGivenUp;

        private Exchange() {
        }

        Future<Answer> answer() {
            return answer.future();
        }

        /** Ends it, with its connection if it has got one. */
        void giveUp(Throwable reason) {
            isGivenUp = true;
            if (request != null) {
                request.reset();
            }
            answer.tryFail(reason);
        }
    }

    record Answer(int status, Buffer body) {
    }

    /** Sends JSON. Must be called on the event loop, and completes there. */
    Exchange post(Server server, String path, Buffer body) {
        Server.Place place = server.place();
        Exchange exchange = new Exchange();
        RequestOptions options = new RequestOptions().setMethod(HttpMethod.POST).setServer(place.address())
                .setHost(place.host()).setPort(place.port()).setSsl(place.tls()).setURI(path)
                .putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
        authorization.ifPresent(value -> options.putHeader(HttpHeaders.AUTHORIZATION, value));
        http.request(options).onFailure(exchange.answer::tryFail).onSuccess(request -> {
            exchange.request = request;
            if (exchange.isGivenUp) {
                request.reset();
                return;
            }
            request.send(body).onFailure(exchange.answer::tryFail).onSuccess(response -> read(response, exchange));
        });
        return exchange;
    }

    private void read(HttpClientResponse response, Exchange exchange) {
        String sidecars = response.getHeader(SidecarCensus.HEADER);
        if (sidecars != null && COUNT.matcher(sidecars).matches()) {
            enforcers.found(Long.parseLong(sidecars));
        }
        Buffer body = Buffer.buffer();
        response.handler(part -> {
            if (body.length() + part.length() > MAX_ANSWER) {
                exchange.giveUp(new IllegalStateException("the answer is larger than 4 MiB"));
            } else {
                body.appendBuffer(part);
            }
        });
        response.exceptionHandler(exchange.answer::tryFail);
        response.endHandler(ended -> exchange.answer.tryComplete(new Answer(response.statusCode(), body)));
    }
}
