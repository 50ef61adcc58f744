package dev.latchkey.webhook;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MultivaluedMap;

import org.hibernate.reactive.mutiny.Mutiny;

import dev.latchkey.platform.Announcer;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Caller;
import dev.latchkey.platform.Change;
import dev.latchkey.platform.Times;
import dev.latchkey.platform.database.Transactions;
import dev.latchkey.platform.http.Listing;
import dev.latchkey.platform.http.Page;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;

/** What webhooks were told, and what came of it; to be told again by hand. */
@ApplicationScoped
public class DeliveryLog {

    private static final List<String> STATUSES = List.of(LoggedDelivery.PENDING, LoggedDelivery.DELIVERED,
            LoggedDelivery.DEAD_LETTER);

    /** The lane is locked first, as whoever settles it has it when they write to its events. */
    private static final String APPEND_TO_LANE = """
            INSERT INTO webhook_lane (webhook_id, resource_id, account_id, due_at, last_number)
            VALUES (:webhook, :resource, :account, now(), nextval('webhook_event_number'))
            ON CONFLICT (webhook_id, resource_id) DO UPDATE SET last_number = nextval('webhook_event_number')
            RETURNING last_number
            """;
    /** By the primary key. */
    private static final String REPLAY = """
            UPDATE webhook_event_log SET status = 'pending', number = :number, attempts = 0, replays = replays + 1, tried_from = now(),
                   next_attempt_at = NULL, delivered_at = NULL, updated_at = :now
            WHERE id = :id AND status <> 'pending'
            """;
    /** By the primary key. One that is claimed is being tried at this moment. */
    private static final String HURRY = """
            UPDATE webhook_lane SET due_at = now() WHERE webhook_id = :webhook AND resource_id = :resource AND claim IS NULL
            """;

    private final Transactions transactions;
    private final Announcer announcer;
    private final Clock clock;
    private final Listing<LoggedDelivery> listing;

    public DeliveryLog(Transactions transactions, Announcer announcer, Clock clock) {
        this.transactions = transactions;
        this.announcer = announcer;
        this.clock = clock;
        // Sorted by the index webhook_event_log_created; webhookId and resourceId by webhook_event_log_{webhook,resource}; those that
        // wait and dead letters by webhook_event_log_{waiting,dead}; the rest filters within the account.
        this.listing = new Listing<>(LoggedDelivery.class, "webhook_event_log e", "e", logged -> logged.id)
                .sort("createdAt", "e.created_at", Listing.Type.INSTANT, logged -> logged.createdAt)
                .filter("id", "e.id", Listing.Type.ID)
                .filter("webhookId", "e.webhook_id", Listing.Type.ID)
                .filter("resourceId", "e.resource_id", Listing.Type.ID)
                .filter("createdAt", "e.created_at", Listing.Type.INSTANT)
                .choice("status", String.join(", ", STATUSES),
                        // Written as it is in the condition of the partial indexes.
                        conditions -> value -> STATUSES.contains(value) ? Optional.of("e.status = '" + value + "'")
                                : Optional.empty())
                .choice("event", "an event, from GET /v3/webhooks/events",
                        conditions -> value -> EventCatalogue.contains(value)
                                ? Optional.of("e.event = " + conditions.bind(value))
                                : Optional.empty());
    }

    Uni<Page<DeliveryView>> list(Caller caller, MultivaluedMap<String, String> query) {
        return transactions.read(() -> Panache.getSession().chain(session -> {
            Listing.Conditions conditions = new Listing.Conditions();
            conditions.and("e.account_id = " + conditions.bind(caller.accountId()));
            return listing.fetch(session, query, conditions);
        })).map(page -> page.map(DeliveryView::of));
    }

    Uni<DeliveryView> get(Caller caller, UUID id) {
        return transactions.read(() -> LoggedDelivery.get(caller.accountId(), id)).map(DeliveryView::withBodies);
    }

    /**
     * Has an event told again, after what waits for its resource; one that waits already is tried at once.
     *
     * @throws ApiException 404 if there is none, 409 if its webhook is switched off
     */
    Uni<DeliveryView> replay(Caller caller, UUID id) {
        return transactions.write(() -> Panache.getSession().chain(session -> LoggedDelivery.get(caller.accountId(), id)
                .call(logged -> requireActive(caller, logged))
                .call(logged -> logged.status.equals(LoggedDelivery.PENDING) ? hurry(session, logged)
                        : append(session, logged).chain(() -> announce(caller, logged)))
                .invoke(session::detach)
                .chain(logged -> LoggedDelivery.get(caller.accountId(), id))
                .map(DeliveryView::withBodies)));
    }

    private static Uni<Void> requireActive(Caller caller, LoggedDelivery logged) {
        return Webhook.get(caller.accountId(), logged.webhookId).invoke(webhook -> {
            if (!webhook.active) {
                throw new ApiException(409, "WEBHOOK_INACTIVE", "the webhook is switched off: switch it on first");
            }
        }).replaceWithVoid();
    }

    private static Uni<Integer> hurry(Mutiny.Session session, LoggedDelivery logged) {
        return session.createNativeQuery(HURRY).setParameter("webhook", logged.webhookId)
                .setParameter("resource", logged.resourceId).executeUpdate();
    }

    private Uni<Integer> append(Mutiny.Session session, LoggedDelivery logged) {
        Instant now = Times.now(clock);
        return session.createNativeQuery(APPEND_TO_LANE, Long.class).setParameter("webhook", logged.webhookId)
                .setParameter("resource", logged.resourceId).setParameter("account", logged.accountId).getSingleResult()
                .chain(number -> session.createNativeQuery(REPLAY).setParameter("number", number)
                        .setParameter("id", logged.id).setParameter("now", now).executeUpdate());
    }

    private Uni<Void> announce(Caller caller, LoggedDelivery logged) {
        return announcer.announce(new WebhookChanged(WebhookChanged.Kind.EVENT_REPLAYED, logged.webhookId, caller,
                List.of(new Change("eventLogId", null, logged.id))));
    }
}
