package dev.latchkey.gateway.proxy;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;

import org.jboss.logging.Logger;

import dev.latchkey.gateway.DecisionMetrics;
import dev.latchkey.gateway.Gateway;
import dev.latchkey.gateway.Listeners;
import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.http.ClientAddress;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;

/** The listener of the reverse proxy, for an API that has no other proxy in front of it. */
@ApplicationScoped
public class ProxyListener {

    private static final Logger LOG = Logger.getLogger(ProxyListener.class);
    private static final int HTTP = 80;
    private static final int MAX_LINE = 16 * 1024;
    private static final int MAX_HEADERS = 64 * 1024;
    /** Less than the 5 s after which some servers close connections that are not used: a request may just be on its way. */
    private static final int KEEP_ALIVE_SECONDS = 4;
    /** For a client that sends nothing while nothing is asked of the upstream. */
    private static final int IDLE_SECONDS = 120;

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);
    private static final long STOP_POLL_MS = 20;

    private final LatchkeyConfig config;
    private final Listeners listeners;
    private final Gateway gateway;
    private final ClientAddress addresses;
    private final DecisionMetrics metrics;
    private final List<OpenExchanges> open = new CopyOnWriteArrayList<>();

    public ProxyListener(LatchkeyConfig config, Listeners listeners, Gateway gateway, ClientAddress addresses,
            DecisionMetrics metrics, MeterRegistry registry) {
        this.config = config;
        this.listeners = listeners;
        this.gateway = gateway;
        this.addresses = addresses;
        this.metrics = metrics;
        registry.gauge("latchkey.proxy.exchanges", this, ProxyListener::size);
    }

    void start(@Observes StartupEvent event) {
        LatchkeyConfig.Proxy proxy = config.proxy();
        proxy.upstream().ifPresent(upstream -> {
            listeners.open("latchkey.proxy.port", new HttpServerOptions().setHost(proxy.host()).setPort(proxy.port())
                    .setMaxInitialLineLength(MAX_LINE).setMaxHeaderSize(MAX_HEADERS)
                    .setIdleTimeout((int) proxy.idleTimeout().toSeconds() + IDLE_SECONDS), () -> door(upstream));
            LOG.infof("The reverse proxy listens on %s:%d, in front of %s", proxy.host(), proxy.port(), upstream);
        });
    }

    /**
     * At a stop exchanges that are under way may end, for a while, as requests to the API may; before the use of their tokens
     * is written.
     */
    void stop(@Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) ShutdownEvent event) throws InterruptedException {
        long deadline = System.nanoTime() + STOP_TIMEOUT.toNanos();
        while (size() > 0 && System.nanoTime() - deadline < 0) {
            Thread.sleep(STOP_POLL_MS);
        }
    }

    private int size() {
        return open.stream().mapToInt(OpenExchanges::size).sum();
    }

    private ProxyDoor door(URI upstream) {
        LatchkeyConfig.Proxy proxy = config.proxy();
        int connectMillis = (int) proxy.connectTimeout().toMillis();
        HttpClientOptions options = new HttpClientOptions()
                .setConnectTimeout(connectMillis).setKeepAliveTimeout(KEEP_ALIVE_SECONDS).setTcpNoDelay(true)
                .setMaxHeaderSize(MAX_HEADERS).setMaxInitialLineLength(MAX_LINE).setMaxWaitQueueSize(proxy.poolQueue())
                .setDecompressionSupported(false);
        PoolOptions pool = new PoolOptions().setHttp1MaxSize(proxy.poolSize()).setMaxWaitQueueSize(proxy.poolQueue());
        HttpClient client = listeners.vertx().createHttpClient(options, pool);
        HttpClient tunnels = listeners.vertx().createHttpClient(options, pool);
        RequestOptions origin = new RequestOptions().setHost(upstream.getHost().replaceAll("[\\[\\]]", ""))
                .setPort(upstream.getPort() < 0 ? HTTP : upstream.getPort()).setConnectTimeout(connectMillis);
        OpenExchanges exchanges = new OpenExchanges(listeners.vertx(), gateway, proxy.idleTimeout().toNanos(),
                proxy.timeout().toNanos());
        open.add(exchanges);
        return new ProxyDoor(gateway, addresses, metrics.of("proxy"), client, tunnels, origin, exchanges);
    }
}
