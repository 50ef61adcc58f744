package dev.latchkey.gateway;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;

import dev.latchkey.platform.Counts;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;

/** Counts what was decided at each door, and tells it to whoever debugs. */
@ApplicationScoped
public class DecisionMetrics {

    private static final List<Integer> REFUSALS = List.of(400, 401, 403, 429, 503);
    private static final Logger LOG = Logger.getLogger(DecisionMetrics.class);

    private final MeterRegistry registry;

    public DecisionMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /** The counters of one door. */
    public OfDoor of(String door) {
        return new OfDoor(door);
    }

    /** Thread-safe. */
    public final class OfDoor {

        private final String door;
        private final LongAdder allowed;
        private final LongAdder otherwise;
        private final Map<Integer, LongAdder> refused = new HashMap<>();

        private OfDoor(String door) {
            this.door = door;
            this.allowed = counter("allowed");
            this.otherwise = counter("other");
            REFUSALS.forEach(status -> refused.put(status, counter(status.toString())));
        }

        private LongAdder counter(String outcome) {
            return Counts.register(registry, "latchkey.gateway.decisions", "Requests that were judged, by door and outcome",
                    Tags.of("door", door, "outcome", outcome));
        }

        /** A decision was made. Its path may hold what is nobody's business: it is not logged. */
        public void count(Decision decision) {
            if (decision instanceof Decision.Refused refusal) {
                refused.getOrDefault(refusal.status(), otherwise).increment();
                LOG.debugf("%s refused a request: %s", door, refusal.code());
            } else {
                allowed.increment();
            }
        }
    }
}
