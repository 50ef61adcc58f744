package dev.latchkey.webhook;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import org.jboss.logging.Logger;

import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.Times;
import dev.latchkey.webhook.DeliveryQueue.Claimed;
import dev.latchkey.webhook.DeliveryQueue.Event;
import dev.latchkey.webhook.DeliveryQueue.Lane;
import dev.latchkey.webhook.DeliveryQueue.LaneKey;
import dev.latchkey.webhook.DeliveryQueue.Release;
import dev.latchkey.webhook.DeliveryQueue.Settled;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;

/**
 * Sends what is to be told: claims lanes while there is room, sends the events of each in order, and settles what came of
 * them. All of it on one event loop, so that nothing here is locked. See {@code package-info}.
 */
@Singleton
class Deliveries {

    /** How often a server looks for lanes when there was none. */
    private static final long POLL_MILLIS = 500;
    /** So that what ends together is followed by one claim, not by many. */
    private static final long GATHER_MILLIS = 5;
    /** After a lane was locked by somebody at the moment of letting it go. */
    private static final long AGAIN_MILLIS = 50;
    private static final long AFTER_FAILURE_MILLIS = 1_000;
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);
    private static final UUID FIRST = new UUID(0, 0);
    private static final Logger LOG = Logger.getLogger(Deliveries.class);

    /** @param at monotonic, in nanoseconds */
    private record Planned(long at, long timer) {
    }

    private final Vertx vertx;
    private final DeliveryQueue queue;
    private final Transmitter transmitter;
    private final DeliverySlots slots;
    private final DeliveryMetrics metrics;
    private final Backoff backoff;
    private final Duration retryFor;
    /** How long after a claim was sent the last request under it may begin. */
    private final long sendNanos;
    private final boolean hasDatabase;
    private final Clock clock;

    private Context context;
    private UUID after = FIRST;
    private boolean isClaiming;
    /** Null: no claim is planned. */
    private Planned planned;
    private boolean isSettling;
    private boolean isTold;
    private boolean isStopping;
    private final Promise<Void> stopped = Promise.promise();
    private List<Settled> outcomes = new ArrayList<>();
    private List<Release> releases = new ArrayList<>();

    Deliveries(Vertx vertx, DeliveryQueue queue, AddressGuard guard, LatchkeyConfig config, MeterRegistry registry,
            Clock clock) {
        LatchkeyConfig.Webhook webhook = config.webhook();
        this.vertx = vertx;
        this.queue = queue;
        this.transmitter = new Transmitter(vertx, webhook, Names.ofSystem(vertx), guard, clock);
        this.slots = new DeliverySlots(webhook.concurrency(), webhook.concurrencyPerWebhook());
        this.metrics = new DeliveryMetrics(registry, slots::inUse);
        this.backoff = new Backoff(webhook.retryAfter(), () -> ThreadLocalRandom.current().nextDouble());
        this.retryFor = webhook.retryFor();
        this.sendNanos = queue.claimed().minus(webhook.timeout()).minus(DeliveryQueue.MARGIN).toNanos();
        this.hasDatabase = config.role() == LatchkeyConfig.Role.SERVER;
        this.clock = clock;
    }

    void start(@Observes StartupEvent event) {
        if (hasDatabase) {
            context = vertx.getOrCreateContext();
            context.runOnContext(ignored -> claim());
        }
    }

    DeliveryMetrics metrics() {
        return metrics;
    }

    // --- Claiming ---

    /** Claims after a while, or when it is planned already if that is sooner. */
    private void claimSoon(long millis) {
        long at = System.nanoTime() + millis * 1_000_000;
        if (isStopping || planned != null && planned.at - at <= 0) {
            return;
        }
        if (planned != null) {
            vertx.cancelTimer(planned.timer);
        }
        planned = new Planned(at, vertx.setTimer(millis, ignored -> {
            planned = null;
            claim();
        }));
    }

    private void claim() {
        int free = slots.free();
        if (isClaiming || isStopping || free <= 0) {
            return;
        }
        isClaiming = true;
        UUID began = after;
        queue.claim(began, free, slots.perWebhook(), slots.slow(), false, slots.taken())
                .emitOn(this::onContext).invoke(claimed -> begin(claimed, free))
                .chain(claimed -> claimOfSlow().map(ofSlow -> !claimed.lanes().isEmpty() || !ofSlow.lanes().isEmpty()
                        || claimed.goOnAfter().isPresent() || !began.equals(FIRST)))
                .emitOn(this::onContext)
                .subscribe().with(isMore -> {
                    isClaiming = false;
                    isTold = false;
                    claimSoon(isMore ? GATHER_MILLIS : POLL_MILLIS);
                }, failure -> {
                    isClaiming = false;
                    tell("What webhooks are to be told cannot be read", failure);
                    claimSoon(AFTER_FAILURE_MILLIS);
                });
    }

    private void begin(Claimed claimed, int asked) {
        List<Lane> lanes = claimed.lanes();
        // Those that come after in the order of their ids are next, so that each has its turn.
        after = lanes.size() < asked ? claimed.goOnAfter().orElse(FIRST)
                : lanes.stream().map(lane -> lane.key().webhookId().toString()).max(String::compareTo).map(UUID::fromString)
                        .orElse(FIRST);
        lanes.forEach(lane -> new Delivery(lane).start());
    }

    private Uni<Claimed> claimOfSlow() {
        List<UUID> slow = slots.slow();
        int free = slots.freeForSlow();
        if (slow.isEmpty() || free <= 0 || isStopping) {
            return Uni.createFrom().item(new Claimed(List.of(), Optional.empty()));
        }
        return queue.claim(FIRST, free, slots.perWebhook(), slow, true, slots.taken())
                .emitOn(this::onContext).invoke(claimed -> claimed.lanes().forEach(lane -> new Delivery(lane).start()));
    }

    private void onContext(Runnable task) {
        context.runOnContext(ignored -> task.run());
    }

    private void tell(String what, Throwable failure) {
        if (!isTold) {
            isTold = true;
            LOG.warnf("%s, and is tried again: %s", what, failure.toString());
        }
    }

    // --- Sending ---

    /** Sends the events of one lane in order, until one fails, none is left, or the claim ends soon. */
    private final class Delivery {

        private final Lane lane;
        private int next;
        private long settled;

        private Delivery(Lane lane) {
            this.lane = lane;
            // With nothing to send, all that was added before the claim is settled.
            this.settled = lane.events().isEmpty() ? lane.lastNumber() : lane.events().get(0).number() - 1;
        }

        private void start() {
            slots.take(lane.key().webhookId());
            sendNext();
        }

        private void sendNext() {
            boolean isTimeLeft = System.nanoTime() - lane.claim().sent() < sendNanos;
            if (next == lane.events().size() || !isTimeLeft || isStopping) {
                letGo(Duration.ZERO);
                return;
            }
            Event event = lane.events().get(next++);
            transmitter.send(lane, event).onSuccess(attempt -> came(event, attempt));
        }

        private void came(Event event, Attempt attempt) {
            metrics.attempted(attempt);
            slots.took(lane.key().webhookId(), attempt.duration());
            if (attempt.delivered()) {
                settle(event, attempt, LoggedDelivery.DELIVERED, null);
                return;
            }
            Duration pause = backoff.after(event.attempts() + 1);
            Duration age = event.age().plusNanos(System.nanoTime() - lane.claim().sent());
            if (age.plus(pause).compareTo(retryFor) > 0) {
                metrics.gaveUp();
                LOG.infof("Event %s of the webhook %s is a dead letter after %d attempts: %s", event.id(),
                        lane.key().webhookId(),
                        event.attempts() + 1, attempt.error());
                settle(event, attempt, LoggedDelivery.DEAD_LETTER, null);
                return;
            }
            write(event, attempt, LoggedDelivery.PENDING, pause);
            letGo(pause);
        }

        private void settle(Event event, Attempt attempt, String status, Duration pause) {
            settled = event.number();
            write(event, attempt, status, pause);
            sendNext();
        }

        private void write(Event event, Attempt attempt, String status, Duration pause) {
            Instant now = Times.now(clock);
            outcomes.add(new Settled(event.id(), lane.claim(), status, attempt, now, pause == null ? null : now.plus(pause)));
            Deliveries.this.settle();
        }

        private void letGo(Duration pause) {
            releases.add(new Release(lane.key(), lane.claim(), settled, pause));
            slots.giveBack(lane.key().webhookId());
            Deliveries.this.settle();
        }
    }

    // --- Settling ---

    /** Writes what has gathered; one statement at a time, so that it gathers while another is under way. */
    private void settle() {
        if (isSettling) {
            return;
        }
        if (outcomes.isEmpty() && releases.isEmpty()) {
            endIfStopped();
            return;
        }
        isSettling = true;
        List<Settled> written = outcomes;
        List<Release> letGo = releases;
        outcomes = new ArrayList<>();
        releases = new ArrayList<>();
        queue.settle(written, letGo).emitOn(this::onContext).subscribe().with(gone -> {
            isSettling = false;
            isTold = false;
            again(letGo, gone);
            claimSoon(GATHER_MILLIS);
            settle();
        }, failure -> {
            tell("What came of events for webhooks cannot be written", failure);
            written.addAll(outcomes);
            letGo.addAll(releases);
            outcomes = written;
            releases = letGo;
            vertx.setTimer(AFTER_FAILURE_MILLIS, ignored -> {
                isSettling = false;
                settle();
            });
        });
    }

    /** What somebody held locked is tried again for as long as the claim lasts; then the lane is due by itself. */
    private void again(List<Release> letGo, Set<LaneKey> gone) {
        long now = System.nanoTime();
        List<Release> locked = letGo.stream().filter(release -> !gone.contains(release.key()))
                .filter(release -> now - release.claim().sent() < queue.claimed().toNanos()).toList();
        if (!locked.isEmpty()) {
            vertx.setTimer(AGAIN_MILLIS, ignored -> {
                releases.addAll(locked);
                settle();
            });
        }
    }

    // --- Stopping ---

    /** At a graceful stop requests that are under way may end, so that nobody need send their events again. */
    void stop(@Observes ShutdownEvent event) {
        if (context == null) {
            return;
        }
        context.runOnContext(ignored -> {
            isStopping = true;
            endIfStopped();
        });
        try {
            Uni.createFrom().completionStage(stopped.future().toCompletionStage()).await().atMost(STOP_TIMEOUT);
        } catch (TimeoutException e) {
            LOG.infof("Webhooks do not answer within %s: their events will be sent again", STOP_TIMEOUT);
        }
    }

    private void endIfStopped() {
        if (isStopping && slots.inUse() == 0 && !isSettling && outcomes.isEmpty() && releases.isEmpty()) {
            stopped.tryComplete();
        }
    }
}
