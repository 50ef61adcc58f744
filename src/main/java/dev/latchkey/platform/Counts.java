package dev.latchkey.platform;

import java.util.concurrent.atomic.LongAdder;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;

/**
 * Counters for what happens at each request. One of Micrometer's own looks for a trace to give as an example each time it
 * counts, which costs more than some of what is counted.
 */
public final class Counts {

    private Counts() {
    }

    /** A count that the registry reads when somebody asks for it; it lasts as long as the caller keeps it. */
    public static LongAdder register(MeterRegistry registry, String name, String description, Tags tags) {
        LongAdder count = new LongAdder();
        FunctionCounter.builder(name, count, LongAdder::sum).description(description).tags(tags).register(registry);
        return count;
    }
}
