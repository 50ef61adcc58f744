package dev.latchkey.usage;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;

import org.jboss.logging.Logger;

import dev.latchkey.platform.InRole;
import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.verification.VerificationListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;

/**
 * Counts the use of tokens in memory, off the request's path, and hands it every ten seconds to the sink; at a graceful stop
 * too. A process that is killed loses what it counted since the last time. A count that was not acknowledged, because the
 * connection ended at that moment, may be counted twice.
 * <p>
 * Bounded: at most {@link #MAX_ENTRIES} tokens, hours and outcomes are held. When it is full, because the sink does not
 * take them or more tokens than that are used in ten seconds, further uses of tokens that are not yet among them are
 * dropped and counted in {@code latchkey.usage.dropped}.
 */
// Not behind a proxy: it is asked for each request.
@Singleton
public class UsageRecorder implements VerificationListener {

    static final int MAX_ENTRIES = 100_000;
    private static final long SECONDS_PER_HOUR = 3_600;
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);
    private static final Logger LOG = Logger.getLogger(UsageRecorder.class);

    /** @param hour since the epoch */
    private record Key(UUID tokenId, long hour, String outcome) {

        // Compared at each use. What Java makes for a record is interpreted in the native executable: a third of the time of a request there.

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && hour == key.hour && tokenId.equals(key.tokenId) && outcome.equals(key.outcome);
        }

        @Override
        public int hashCode() {
            return 31 * (31 * tokenId.hashCode() + Long.hashCode(hour)) + outcome.hashCode();
        }
    }

    /** What was counted for a key since it was last taken. */
    private static final class Uses {

        /** The count of one that is not in the map any more, and must not be counted on. */
        private static final long GONE = Long.MIN_VALUE;

        private final AtomicLong count = new AtomicLong();
        private volatile Last last;

        Uses(long millis, String address) {
            this.last = new Last(millis, address);
        }

        /** False if this one is gone. */
        boolean add(long uses, long millis, String address) {
            if (count.getAndUpdate(value -> value == GONE ? GONE : value + uses) == GONE) {
                return false;
            }
            if (last.millis < millis) {
                last = new Last(millis, address);
            }
            return true;
        }

        /** What was counted; from now on it starts at nothing. */
        long take() {
            return count.getAndUpdate(value -> value == GONE ? GONE : 0);
        }

        /** Gone, if nothing was counted since {@link #take}. */
        boolean end() {
            return count.compareAndSet(0, GONE);
        }
    }

    /** @param millis since the epoch */
    private record Last(long millis, String address) {
    }

    private final Map<Key, Uses> counted = new ConcurrentHashMap<>();
    /** The last flush, which may still be under way at a stop. */
    private volatile CompletableFuture<Void> writing = CompletableFuture.completedFuture(null);
    private final UsageSink sink;
    private final Counter dropped;

    public UsageRecorder(@Any Instance<UsageSink> sinks, LatchkeyConfig config, MeterRegistry metrics) {
        this.sink = InRole.Literal.choose(sinks, config.role());
        this.dropped = Counter.builder("latchkey.usage.dropped").description("Uses of tokens that were not recorded")
                .register(metrics);
        metrics.gauge("latchkey.usage.backlog", counted, Map::size);
    }

    @Override
    public void judged(UUID tokenId, String outcome, String address, Instant at) {
        add(new Key(tokenId, Math.floorDiv(at.getEpochSecond(), SECONDS_PER_HOUR), outcome), 1, at.toEpochMilli(), address);
    }

    private void add(Key key, long uses, long millis, String address) {
        while (true) {
            Uses known = counted.get(key);
            if (known == null) {
                if (counted.size() >= MAX_ENTRIES) {
                    dropped.increment(uses);
                    return;
                }
                known = counted.computeIfAbsent(key, ignored -> new Uses(millis, address));
            }
            if (known.add(uses, millis, address)) {
                return;
            }
        }
    }

    @Scheduled(every = "10s", delayed = "10s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    Uni<Void> flush() {
        if (counted.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        writing = writeFrom(take(), 0).onFailure().recoverWithNull().subscribeAsCompletionStage();
        return Uni.createFrom().completionStage(writing);
    }

    /** All that was counted since the last time, taken once: what is used while it is written waits for the next. */
    private List<TokenUse> take() {
        List<TokenUse> all = new ArrayList<>();
        counted.forEach((key, uses) -> {
            long count = uses.take();
            if (count > 0) {
                Last last = uses.last;
                all.add(new TokenUse(key.tokenId, key.hour, key.outcome, count, last.millis, last.address));
            } else if (uses.end()) {
                // Not used since the last time.
                counted.remove(key, uses);
            }
        });
        return all;
    }

    private Uni<Void> writeFrom(List<TokenUse> all, int first) {
        if (first >= all.size()) {
            return Uni.createFrom().voidItem();
        }
        int end = Math.min(first + sink.most(), all.size());
        return sink.write(all.subList(first, end))
                .onFailure().invoke(failure -> {
                    LOG.warnf("The use of tokens cannot be written, and is kept for the next time: %s", failure.toString());
                    all.subList(first, all.size())
                            .forEach(use -> add(new Key(use.tokenId(), use.hour(), use.outcome()), use.uses(), use.lastMillis(),
                                    use.lastAddress()));
                })
                .chain(() -> writeFrom(all, end));
    }

    /** A graceful stop loses nothing: the pool still works, and no request is under way any more. */
    void stop(@Observes ShutdownEvent event) {
        try {
            Uni.createFrom().completionStage(writing).chain(this::flush).await().atMost(STOP_TIMEOUT);
        } catch (TimeoutException e) {
            LOG.errorf("The use of tokens was not taken within %s: the latest counts are lost", STOP_TIMEOUT);
        }
    }
}
