package dev.latchkey.webhook;

import java.net.ConnectException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

import javax.net.ssl.SSLException;

import org.jboss.logging.Logger;

import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.webhook.DeliveryQueue.Event;
import dev.latchkey.webhook.DeliveryQueue.Lane;
import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.tracing.TracingPolicy;

/**
 * Sends one event over HTTP, to an endpoint that may be hostile.
 * <p>
 * The name is resolved once, what it means is judged by {@link AddressGuard}, and the connection goes to the very address that
 * passed, whatever the name means a moment later; the certificate, and the receiver by {@code Host}, are still asked for the
 * name.
 * Redirects are not followed. The time counts from the resolution to the end of the answer; of the answer a beginning is kept,
 * and one that
 * goes on and on is cut off. What decides is the status: whoever answers 200 to 299 has the event, whatever becomes of the
 * rest.
 */
final class Transmitter {

    static final String ID = "webhook-id";
    static final String TIMESTAMP = "webhook-timestamp";
    static final String SIGNATURE = "Webhook-Signature";

    /** Of an answer's body; then the connection is closed. */
    private static final int MAX_ANSWER_BYTES = 64 * 1024;
    private static final int KEPT_BYTES = 4_096;
    private static final int KEPT_CHARACTERS = 1_000;
    private static final int KEEP_ALIVE_SECONDS = 15;
    private static final String USER_AGENT = "Latchkey";
    private static final Logger LOG = Logger.getLogger(Transmitter.class);

    private final Vertx vertx;
    private final HttpClient http;
    private final Names names;
    private final AddressGuard guard;
    private final Duration timeout;
    private final Clock clock;

    Transmitter(Vertx vertx, LatchkeyConfig.Webhook config, Names names, AddressGuard guard, Clock clock) {
        this.vertx = vertx;
        this.names = names;
        this.guard = guard;
        this.timeout = config.timeout();
        this.clock = clock;
        // Several webhooks may share an address: none of them waits for another's connection.
        HttpClientOptions options = new HttpClientOptions().setMaxPoolSize(config.concurrency())
                .setMaxWaitQueueSize(config.concurrency()).setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                .setConnectTimeout((int) timeout.toMillis()).setTracingPolicy(TracingPolicy.IGNORE);
        config.ca().ifPresent(ca -> options.setTrustOptions(new PemTrustOptions().addCertPath(ca.toString())));
        // A connection that ends tells the request on it; otherwise that is nobody's business.
        this.http = vertx.httpClientBuilder().with(options)
                .withConnectHandler(connection -> connection.exceptionHandler(failure -> LOG.debugf("%s", failure))).build();
    }

    /** Never fails. Must be called on an event loop, and completes there. */
    Future<Attempt> send(Lane lane, Event event) {
        Exchange exchange = new Exchange(event);
        if (lane.token() == null) {
            exchange.fail("the token of the webhook cannot be read: give it a new one");
        } else {
            exchange.start(lane);
        }
        return exchange.attempt.future();
    }

    private final class Exchange {

        private final Event event;
        private final Promise<Attempt> attempt = Promise.promise();
        private final long started = System.nanoTime();
        private final long timer = vertx.setTimer(timeout.toMillis(), ignored -> timedOut());
        private HttpClientRequest request;
        /** Null until the answer begins. */
        private HttpClientResponse response;
        private final Buffer kept = Buffer.buffer();
        private long received;
        private boolean isOver;

        private Exchange(Event event) {
            this.event = event;
        }

        private void start(Lane lane) {
            URI url = URI.create(lane.url());
            names.resolve(WebhookUrl.host(url)).onFailure(this::failed).onSuccess(addresses -> {
                List<String> allowed = addresses.stream().filter(guard::allows).toList();
                if (isOver) {
                    return;
                }
                if (allowed.isEmpty()) {
                    fail("the URL leads into a private network, to which webhooks do not go");
                    return;
                }
                // Another one at each attempt: one of several may be out of order, or of a family that cannot be reached from here.
                connect(lane, url, allowed.get(event.attempts() % allowed.size()));
            });
        }

        private void connect(Lane lane, URI url, String address) {
            boolean isSecure = "https".equalsIgnoreCase(url.getScheme());
            int port = url.getPort() >= 0 ? url.getPort() : isSecure ? 443 : 80;
            long seconds = clock.instant().getEpochSecond();
            RequestOptions options = new RequestOptions().setMethod(HttpMethod.POST).setSsl(isSecure)
                    .setServer(SocketAddress.inetSocketAddress(port, address)).setHost(WebhookUrl.host(url)).setPort(port)
                    .setURI(target(url)).setFollowRedirects(false)
                    .putHeader(HttpHeaders.HOST, authority(url, isSecure))
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/json").putHeader(HttpHeaders.USER_AGENT, USER_AGENT)
                    .putHeader(ID, event.id().toString()).putHeader(TIMESTAMP, Long.toString(seconds));
            lane.token().sign(event.id(), seconds, event.payload())
                    .forEach(signature -> options.addHeader(SIGNATURE, signature));
            http.request(options).onFailure(this::failed).onSuccess(made -> {
                request = made;
                if (isOver) {
                    made.reset();
                    return;
                }
                made.send(Buffer.buffer(event.payload())).onFailure(this::failed).onSuccess(this::answered);
            });
        }

        /** As the URL has it, an IPv6 address in brackets, without the port that goes without saying (RFC 9110 section 7.2). */
        private static String authority(URI url, boolean isSecure) {
            return url.getPort() < 0 || url.getPort() == (isSecure ? 443 : 80) ? url.getHost()
                    : url.getHost() + ":" + url.getPort();
        }

        private static String target(URI url) {
            String path = url.getRawPath() == null || url.getRawPath().isEmpty() ? "/" : url.getRawPath();
            return url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
        }

        private void answered(HttpClientResponse answer) {
            response = answer;
            answer.handler(this::received);
            answer.exceptionHandler(this::failed);
            answer.endHandler(ended -> finish());
        }

        private void received(Buffer part) {
            received += part.length();
            if (kept.length() < KEPT_BYTES) {
                kept.appendBuffer(part, 0, Math.min(part.length(), KEPT_BYTES - kept.length()));
            }
            if (received > MAX_ANSWER_BYTES) {
                finish();
                request.reset();
            }
        }

        private void timedOut() {
            fail("no answer came within " + timeout.toMillis() / 1_000.0 + " seconds");
            if (request != null) {
                request.reset();
            }
        }

        private void failed(Throwable failure) {
            LOG.debugf(failure, "Event %s was not delivered", event.id());
            fail(describe(failure));
        }

        /** For a person; what of it comes from the other side is not told. */
        private static String describe(Throwable failure) {
            if (failure instanceof UnknownHostException) {
                return "the name of the host cannot be resolved";
            }
            if (failure instanceof ConnectTimeoutException) {
                return "the connection could not be made in time";
            }
            if (failure instanceof ConnectException) {
                return "the connection was refused";
            }
            if (failure instanceof SSLException || failure.getCause() instanceof SSLException) {
                return "the TLS connection failed: check the certificate, its names and its authority";
            }
            if (failure instanceof HttpClosedException) {
                return "the connection was closed before an answer came";
            }
            return "the answer was not HTTP, or the connection broke";
        }

        private void fail(String error) {
            if (response != null) {
                finish();
            } else {
                end(Attempt.failed(error, duration()));
            }
        }

        private void finish() {
            end(Attempt.answered(response.statusCode(), text(kept), duration()));
        }

        private void end(Attempt outcome) {
            if (!isOver) {
                isOver = true;
                vertx.cancelTimer(timer);
                attempt.complete(outcome);
            }
        }

        private Duration duration() {
            return Duration.ofNanos(System.nanoTime() - started);
        }
    }

    /** What may be stored and shown of a stranger's text. */
    private static String text(Buffer bytes) {
        String text = new String(bytes.getBytes(), StandardCharsets.UTF_8).replaceAll("[\\p{Cntrl}&&[^\\n\\t]]", "\ufffd");
        return text.length() <= KEPT_CHARACTERS ? text
                : text.substring(0, text.offsetByCodePoints(0,
                        Math.min(KEPT_CHARACTERS, text.codePointCount(0, text.length()))));
    }
}
