package dev.latchkey.webhook;

import java.time.Duration;
import java.util.function.Supplier;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/** Counts what comes of sending events, and what waits. */
final class DeliveryMetrics {

    private final Counter delivered;
    private final Counter failed;
    private final Counter deadLetters;
    private final Timer attempts;
    private volatile long lanes;
    private volatile double oldestSeconds;

    DeliveryMetrics(MeterRegistry registry, Supplier<Number> underWay) {
        this.delivered = attempts(registry, "delivered");
        this.failed = attempts(registry, "failed");
        this.deadLetters = Counter.builder("latchkey.webhook.dead.letters").description("Events that were given up")
                .register(registry);
        this.attempts = Timer.builder("latchkey.webhook.attempt.duration").description("How long sending an event takes")
                .register(registry);
        Gauge.builder("latchkey.webhook.under.way", underWay).description("Requests to webhooks that are under way")
                .register(registry);
        Gauge.builder("latchkey.webhook.lanes", this, metrics -> metrics.lanes)
                .description("Webhooks and resources of which something is still to be told, up to 10000").register(registry);
        Gauge.builder("latchkey.webhook.oldest.overdue", this, metrics -> metrics.oldestSeconds).baseUnit("seconds")
                .description("For how long the oldest of them could have been sent").register(registry);
    }

    private static Counter attempts(MeterRegistry registry, String outcome) {
        return Counter.builder("latchkey.webhook.attempts").tag("outcome", outcome).description("Events that were sent")
                .register(registry);
    }

    void attempted(Attempt attempt) {
        (attempt.delivered() ? delivered : failed).increment();
        attempts.record(attempt.duration());
    }

    void gaveUp() {
        deadLetters.increment();
    }

    void waiting(long lanes, Duration oldest) {
        this.lanes = lanes;
        this.oldestSeconds = oldest.toMillis() / 1_000.0;
    }
}
