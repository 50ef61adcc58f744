package dev.latchkey.webhook;

import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import jakarta.enterprise.context.ApplicationScoped;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import dev.latchkey.platform.Ids;
import dev.latchkey.platform.Times;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Writes down what webhooks are to be told, in the transaction of what happened. */
@ApplicationScoped
public class Outbox {

    /**
     * By the index webhook_created. Holds the webhooks against their deletion until the event is written; in one order for
     * all.
     */
    private static final String SUBSCRIBED = """
            SELECT id, account_id FROM webhook
            WHERE account_id IN (:accounts) AND active AND events @> cast(ARRAY[:event] AS text[]) ORDER BY id FOR KEY SHARE
            """;

    /**
     * Adds events to lanes. Each lane is locked until the commit, and the event's number is drawn under that lock: what
     * excluded.last_number would say was drawn before it. Parameters: rows, a JSON array, no two of them for one lane; now.
     */
    static final String ADD = """
            WITH told AS MATERIALIZED (
                SELECT * FROM jsonb_to_recordset(cast(cast(:rows AS text) AS jsonb))
                    AS r (id uuid, account uuid, webhook uuid, resource uuid, event text, payload text)
            ), lane AS (
                INSERT INTO webhook_lane (webhook_id, resource_id, account_id, due_at, last_number)
                SELECT webhook, resource, account, now(), nextval('webhook_event_number') FROM told ORDER BY webhook, resource
                ON CONFLICT (webhook_id, resource_id) DO UPDATE SET last_number = nextval('webhook_event_number')
                RETURNING webhook_id, resource_id, last_number
            )
            INSERT INTO webhook_event_log (id, account_id, webhook_id, number, event, resource_id, payload, status, tried_from,
                                           triggered_at, created_at, updated_at)
            SELECT t.id, t.account, t.webhook, l.last_number, t.event, t.resource, t.payload, 'pending', now(), :now, :now, :now
            FROM told t JOIN lane l ON l.webhook_id = t.webhook AND l.resource_id = t.resource
            """;

    /**
     * Something that happened.
     *
     * @param resourceId to what; two with the same one are told in the order in which they were committed
     * @param data what is told of it, for JSON
     */
    record Happened(UUID accountId, UUID resourceId, Object data) {
    }

    private record Subscribed(UUID id, UUID accountId) {
    }

    private final ObjectMapper json;
    private final Clock clock;

    public Outbox(ObjectMapper json, Clock clock) {
        this.json = json;
        this.clock = clock;
    }

    /**
     * Tells the account's webhooks of one thing that happened. Part of the transaction that is open, in which the
     * resource is locked.
     *
     * @param data makes what is told, if anybody wants to know; null: there is nothing any more to tell of
     */
    Uni<Void> add(String event, UUID accountId, UUID resourceId, Supplier<Uni<?>> data) {
        return subscribed(event, List.of(accountId)).chain(webhooks -> webhooks.isEmpty() ? Uni.createFrom().voidItem()
                : data.get().chain(told -> told == null ? Uni.createFrom().voidItem()
                        : write(event, webhooks, List.of(new Happened(accountId, resourceId, told)))));
    }

    /**
     * The same for many things of a kind, at most one for each resource.
     *
     * @param happened makes what is told of those accounts, of which somebody wants to know
     */
    Uni<Void> addAll(String event, Collection<UUID> accounts,
            Function<Collection<UUID>, Uni<List<Happened>>> happened) {
        if (accounts.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return subscribed(event, accounts).chain(webhooks -> webhooks.isEmpty() ? Uni.createFrom().voidItem()
                : happened.apply(webhooks.stream().map(Subscribed::accountId).collect(Collectors.toSet()))
                        .chain(all -> write(event, webhooks, all)));
    }

    private Uni<List<Subscribed>> subscribed(String event, Collection<UUID> accounts) {
        return Panache.getSession().chain(session -> session.createNativeQuery(SUBSCRIBED, Object.class)
                .setParameter("accounts", List.copyOf(accounts)).setParameter("event", event).getResultList())
                .map(rows -> rows.stream().map(row -> (Object[]) row)
                        .map(row -> new Subscribed((UUID) row[0], (UUID) row[1])).toList());
    }

    private Uni<Void> write(String event, List<Subscribed> webhooks, List<Happened> happened) {
        Map<UUID, List<Subscribed>> byAccount = webhooks.stream().collect(Collectors.groupingBy(Subscribed::accountId));
        Instant now = Times.now(clock);
        JsonArray rows = new JsonArray();
        for (Happened each : happened) {
            String payload = payload(event, each.data, now);
            for (Subscribed webhook : byAccount.getOrDefault(each.accountId, List.of())) {
                rows.add(new JsonObject().put("id", Ids.next().toString()).put("account", each.accountId.toString())
                        .put("webhook", webhook.id.toString()).put("resource", each.resourceId.toString()).put("event", event)
                        .put("payload", payload));
            }
        }
        return rows.isEmpty() ? Uni.createFrom().voidItem()
                : Panache.getSession().chain(session -> session.createNativeQuery(ADD).setParameter("rows", rows.encode())
                        .setParameter("now", now).executeUpdate()).replaceWithVoid();
    }

    private String payload(String event, Object data, Instant triggeredAt) {
        try {
            return json.writeValueAsString(new Payload(event, data, triggeredAt));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what is told of " + event + " cannot be written as JSON", e);
        }
    }
}
