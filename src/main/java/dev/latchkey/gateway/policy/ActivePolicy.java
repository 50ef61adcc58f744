package dev.latchkey.gateway.policy;

import java.util.Arrays;
import java.util.Optional;

import jakarta.inject.Singleton;

import org.jboss.logging.Logger;

import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.scope.ScopeCatalogue;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.scheduler.Scheduled;

/**
 * The route policy by which this process decides. Follows its file: what the file says is looked at every two seconds, so that
 * a
 * mounted ConfigMap, which changes by the swap of a symbolic link, is noticed like an edit. A policy that is not valid changes
 * nothing: the last good one stays, and the log, a metric and {@link PolicyHealth} say so.
 */
// Not behind a proxy: it is asked for each request.
@Singleton
public class ActivePolicy {

    private static final Logger LOG = Logger.getLogger(ActivePolicy.class);

    private final Optional<PolicySource> source;
    private final Counter reloaded;
    private final Counter refused;
    private volatile RoutePolicy current;
    private volatile String problem;
    /** What was tried last; null: it could not be read. */
    private byte[] content;

    public ActivePolicy(LatchkeyConfig config, ScopeCatalogue catalogue, MeterRegistry metrics) {
        this.source = config.policy().map(name -> new PolicySource(name, catalogue));
        this.reloaded = reloads(metrics, "accepted");
        this.refused = reloads(metrics, "refused");
        metrics.gauge("latchkey.policy.valid", this, policy -> policy.problem == null ? 1 : 0);
        source.ifPresent(this::load);
    }

    private static Counter reloads(MeterRegistry metrics, String outcome) {
        return Counter.builder("latchkey.policy.reloads").description("Changes of the route policy's file")
                .tag("outcome", outcome).register(metrics);
    }

    /** The policy; empty if none is configured. */
    public Optional<RoutePolicy> current() {
        return Optional.ofNullable(current);
    }

    /** What the policy is called; empty if none is configured. */
    Optional<String> name() {
        return source.map(PolicySource::name);
    }

    private void load(PolicySource from) {
        try {
            content = from.content();
            current = from.compile(content);
        } catch (PolicyException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    @Scheduled(every = "2s", delayed = "2s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    void follow() {
        source.filter(PolicySource::isFile).ifPresent(this::followFile);
    }

    private void followFile(PolicySource file) {
        byte[] before = content;
        try {
            content = null;
            byte[] now = file.content();
            content = now;
            if (Arrays.equals(now, before)) {
                return;
            }
            current = file.compile(now);
            problem = null;
            reloaded.increment();
            LOG.infof("The route policy was read anew: %d rules", current.rules().size());
        } catch (PolicyException e) {
            if (!e.getMessage().equals(problem)) {
                problem = e.getMessage();
                refused.increment();
                LOG.errorf("The last good route policy stays in force: %s", problem);
            }
        }
    }

    /** What is wrong with the policy's file; empty: nothing, or there is no file. */
    Optional<String> problem() {
        return Optional.ofNullable(problem);
    }
}
