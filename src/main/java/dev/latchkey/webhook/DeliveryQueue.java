package dev.latchkey.webhook;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

import jakarta.inject.Singleton;

import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.SecretKeys;
import io.quarkus.arc.InjectableInstance;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * What is still to be told, as servers share it: claiming lanes, reading their events, and settling what came of them. Time is
 * the
 * database's, which is the same for all servers. See {@code package-info}.
 */
@Singleton
class DeliveryQueue {

    /** How long no request may be under way before the end of a claim. */
    static final Duration MARGIN = Duration.ofSeconds(5);
    /** How many events of a lane are sent under one claim. */
    static final int EVENTS_PER_CLAIM = 20;
    /** How many webhooks with lanes a claim looks at. */
    private static final int WEBHOOKS_PER_CLAIM = 1_000;

    /**
     * Goes from webhook to webhook by the primary key of webhook_lane, and takes the lanes of each that are due longest by the
     * index webhook_lane_due; one of each webhook before a second one of any.
     * Answers, too, the webhook to go on after if there are more than it looked at, without a resource.
     * <p>
     * $1: webhooks after this one; $2: how many lanes; $3: how many of a webhook, those included that are under way; $4:
     * webhooks; $5:
     * whether to take of those alone, or of all others; $6: claim; $7: its length in seconds; $8: the secret with which tokens
     * must be
     * encrypted to be read here; $9, $10: webhooks, and how many are under way of each.
     */
    private static final String TAKE = """
            WITH RECURSIVE waiting (webhook_id, place) AS (
                (SELECT webhook_id, 1 FROM webhook_lane WHERE webhook_id > $1 ORDER BY webhook_id LIMIT 1)
                UNION ALL
                SELECT (SELECT l.webhook_id FROM webhook_lane l WHERE l.webhook_id > w.webhook_id ORDER BY l.webhook_id LIMIT 1),
                       w.place + 1
                FROM waiting w WHERE w.webhook_id IS NOT NULL AND w.place < %1$d
            ), due AS MATERIALIZED (
                SELECT w.webhook_id, $3 - coalesce(u.lanes, 0) AS share FROM waiting w JOIN webhook k ON k.id = w.webhook_id
                LEFT JOIN unnest($9::uuid[], $10::int[]) AS u (webhook_id, lanes) ON u.webhook_id = w.webhook_id
                WHERE k.active AND k.secret_id = $8 AND (w.webhook_id = ANY ($4)) = $5 AND coalesce(u.lanes, 0) < $3
                  AND EXISTS (SELECT 1 FROM webhook_lane l WHERE l.webhook_id = w.webhook_id AND l.due_at <= now())
                ORDER BY w.webhook_id LIMIT $2
            ), picked AS MATERIALIZED (
                SELECT webhook_id, resource_id FROM (
                    SELECT d.webhook_id, l.resource_id, row_number() OVER (PARTITION BY d.webhook_id ORDER BY l.due_at) AS place
                    FROM due d CROSS JOIN LATERAL (
                        SELECT resource_id, due_at FROM webhook_lane WHERE webhook_id = d.webhook_id AND due_at <= now()
                        ORDER BY due_at LIMIT d.share FOR UPDATE SKIP LOCKED) AS l) AS ranked
                ORDER BY place LIMIT $2
            ), claimed AS (
                UPDATE webhook_lane l SET claim = $6, due_at = now() + make_interval(secs => $7) FROM picked p
                WHERE l.webhook_id = p.webhook_id AND l.resource_id = p.resource_id
                RETURNING l.webhook_id, l.resource_id, l.last_number
            )
            SELECT webhook_id, resource_id, last_number FROM claimed
            UNION ALL
            SELECT webhook_id, NULL, NULL FROM waiting WHERE place = %1$d AND webhook_id IS NOT NULL
            """
            .formatted(WEBHOOKS_PER_CLAIM);

    /**
     * After the claim was committed, because what others settled or added until then must be seen. By the index
     * webhook_event_log_lane. $1, $2: the lanes; $3: how many events of each.
     */
    private static final String EVENTS = """
            SELECT c.webhook_id, c.resource_id, w.url, w.token, e.id, e.number, e.event, e.payload, e.attempts,
                   extract(epoch FROM now() - e.tried_from)::double precision
            FROM unnest($1::uuid[], $2::uuid[]) AS c (webhook_id, resource_id) JOIN webhook w ON w.id = c.webhook_id
            CROSS JOIN LATERAL (
                SELECT * FROM webhook_event_log l
                WHERE l.webhook_id = c.webhook_id AND l.resource_id = c.resource_id AND l.status = 'pending'
                ORDER BY l.number LIMIT $3) AS e
            ORDER BY c.webhook_id, c.resource_id, e.number
            """;

    /**
     * Writes what came of events, and lets go of lanes, all or nothing. What was delivered was, whoever holds the lane by now;
     * a failure
     * counts only from the holder. A lane that somebody locks is left for the next time, and answered by its absence.
     */
    private static final String SETTLE = """
            WITH outcome AS (
                SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int[], $5::text[], $6::text[], $7::int[], $8::timestamptz[],
                                     $9::timestamptz[])
                    AS o (id, claim, status, response_status, response_body, error, duration_ms, at, next_at)
            ), told AS (
                UPDATE webhook_event_log e
                SET status = o.status, attempts = e.attempts + 1, last_attempt_at = o.at, next_attempt_at = o.next_at,
                    delivered_at = CASE WHEN o.status = 'delivered' THEN o.at END, response_status = o.response_status,
                    response_body = o.response_body, error = o.error, duration_ms = o.duration_ms, updated_at = o.at
                FROM outcome o
                WHERE e.id = o.id AND e.status = 'pending' AND (o.status = 'delivered' OR EXISTS (
                    SELECT 1 FROM webhook_lane l
                    WHERE l.webhook_id = e.webhook_id AND l.resource_id = e.resource_id AND l.claim = o.claim))
            ), held AS MATERIALIZED (
                SELECT l.webhook_id, l.resource_id, l.last_number, n.settled, n.pause
                FROM unnest($10::uuid[], $11::uuid[], $12::uuid[], $13::bigint[], $14::double precision[])
                    AS n (webhook_id, resource_id, claim, settled, pause)
                JOIN webhook_lane l ON l.webhook_id = n.webhook_id AND l.resource_id = n.resource_id AND l.claim = n.claim
                FOR UPDATE OF l SKIP LOCKED
            ), empty AS (
                DELETE FROM webhook_lane l USING held h
                WHERE l.webhook_id = h.webhook_id AND l.resource_id = h.resource_id AND h.last_number <= h.settled
            ), waiting AS (
                UPDATE webhook_lane l SET claim = NULL, due_at = now() + make_interval(secs => h.pause) FROM held h
                WHERE l.webhook_id = h.webhook_id AND l.resource_id = h.resource_id AND h.last_number > h.settled
            )
            SELECT webhook_id, resource_id FROM held
            """;

    /**
     * What a process proves that it holds a lane with.
     *
     * @param sent when it was asked for, monotonic, in nanoseconds
     */
    record Claim(UUID id, long sent) {
    }

    /**
     * What a claim got.
     *
     * @param goOnAfter the webhook to go on after; empty: it has seen the last one
     */
    record Claimed(List<Lane> lanes, Optional<UUID> goOnAfter) {
    }

    /** What names a lane. */
    record LaneKey(UUID webhookId, UUID resourceId) {
    }

    /**
     * An event that is to be sent.
     *
     * @param number its place in the lane
     * @param attempts that failed before
     * @param age for how long it is being tried
     */
    record Event(UUID id, long number, String event, String payload, int attempts, Duration age) {
    }

    /**
     * A lane that this process holds.
     *
     * @param lastNumber of the newest event when it was claimed
     * @param url where to send, and
     * @param token what to sign with; both null if there is nothing to send
     * @param events the oldest that are undelivered, in order
     */
    record Lane(LaneKey key, Claim claim, long lastNumber, String url, WebhookToken token, List<Event> events) {
    }

    /**
     * What came of an attempt.
     *
     * @param status as it is stored
     * @param nextAt when about it is tried again; null: it is not
     */
    record Settled(UUID eventId, Claim claim, String status, Attempt attempt, Instant at, Instant nextAt) {
    }

    /**
     * A lane that this process lets go of.
     *
     * @param settled the number up to which its events are delivered or given up
     * @param pause until it is due again, if it has more
     */
    record Release(LaneKey key, Claim claim, long settled, Duration pause) {
    }

    private final InjectableInstance<Pool> pool;
    private final InjectableInstance<SecretKeys> secrets;
    private final Duration claimed;

    DeliveryQueue(InjectableInstance<Pool> pool, InjectableInstance<SecretKeys> secrets, LatchkeyConfig config) {
        this.pool = pool;
        this.secrets = secrets;
        // Long enough for a few slow requests one after the other; a lane of a server that died waits for so long.
        this.claimed = config.webhook().timeout().multipliedBy(3).plus(MARGIN);
    }

    /** How long a claim lasts from when it was sent. */
    Duration claimed() {
        return claimed;
    }

    /**
     * Claims lanes that are due.
     *
     * @param after to go on after this webhook
     * @param most how many
     * @param mostOfWebhook how many of each webhook, those included that are under way
     * @param webhooks those to leave out or, if {@code only}, to take alone
     * @param underWay how many are under way, by webhook
     */
    Uni<Claimed> claim(UUID after, int most, int mostOfWebhook, Collection<UUID> webhooks, boolean only,
            Map<UUID, Integer> underWay) {
        long sent = System.nanoTime();
        UUID claim = UUID.randomUUID();
        SecretKeys keys = secrets.get();
        Tuple parameters = Tuple.tuple().addUUID(after).addInteger(most).addInteger(mostOfWebhook)
                .addArrayOfUUID(webhooks.toArray(UUID[]::new)).addBoolean(only).addUUID(claim)
                .addDouble(claimed.toMillis() / 1_000.0).addString(keys.id())
                .addArrayOfUUID(underWay.keySet().toArray(UUID[]::new))
                .addArrayOfInteger(underWay.values().toArray(Integer[]::new));
        return pool.get().preparedQuery(TAKE).execute(parameters).chain(rows -> {
            Map<LaneKey, Long> taken = new HashMap<>();
            Optional<UUID> goOn = Optional.empty();
            for (Row row : rows) {
                if (row.getUUID(1) == null) {
                    goOn = Optional.of(row.getUUID(0));
                } else {
                    taken.put(key(row), row.getLong(2));
                }
            }
            Optional<UUID> goOnAfter = goOn;
            return (taken.isEmpty() ? Uni.createFrom().item(List.<Lane> of()) : events(taken, new Claim(claim, sent), keys))
                    .map(lanes -> new Claimed(lanes, goOnAfter));
        });
    }

    private Uni<List<Lane>> events(Map<LaneKey, Long> taken, Claim claim, SecretKeys keys) {
        List<LaneKey> lanes = List.copyOf(taken.keySet());
        Tuple parameters = Tuple.tuple().addArrayOfUUID(ids(lanes, LaneKey::webhookId))
                .addArrayOfUUID(ids(lanes, LaneKey::resourceId)).addInteger(EVENTS_PER_CLAIM);
        return pool.get().preparedQuery(EVENTS).execute(parameters).map(rows -> {
            Map<LaneKey, Lane> filled = new HashMap<>();
            for (Row row : rows) {
                LaneKey key = key(row);
                filled.computeIfAbsent(key, ignored -> new Lane(key, claim, taken.get(key), row.getString(2),
                        WebhookToken.decrypt(keys, key.webhookId, row.getBuffer(3).getBytes()).orElse(null),
                        new ArrayList<>())).events.add(event(row));
            }
            return lanes.stream()
                    .map(key -> filled.getOrDefault(key, new Lane(key, claim, taken.get(key), null, null, List.of()))).toList();
        });
    }

    private static Event event(Row row) {
        return new Event(row.getUUID(4), row.getLong(5), row.getString(6), row.getString(7), row.getInteger(8),
                Duration.ofMillis((long) (row.getDouble(9) * 1_000)));
    }

    private static LaneKey key(Row row) {
        return new LaneKey(row.getUUID(0), row.getUUID(1));
    }

    /** Answers the lanes that were let go of; those that are missing are held by somebody at the moment, or lost. */
    Uni<Set<LaneKey>> settle(List<Settled> outcomes, List<Release> releases) {
        Tuple parameters = Tuple.tuple()
                .addArrayOfUUID(ids(outcomes, Settled::eventId))
                .addArrayOfUUID(ids(outcomes, each -> each.claim.id))
                .addArrayOfString(texts(outcomes, Settled::status))
                .addArrayOfInteger(outcomes.stream().map(each -> each.attempt.responseStatus()).toArray(Integer[]::new))
                .addArrayOfString(texts(outcomes, each -> each.attempt.responseBody()))
                .addArrayOfString(texts(outcomes, each -> each.attempt.error()))
                .addArrayOfInteger(
                        outcomes.stream().map(each -> (int) each.attempt.duration().toMillis()).toArray(Integer[]::new))
                .addArrayOfOffsetDateTime(times(outcomes, Settled::at))
                .addArrayOfOffsetDateTime(times(outcomes, Settled::nextAt))
                .addArrayOfUUID(ids(releases, each -> each.key.webhookId))
                .addArrayOfUUID(ids(releases, each -> each.key.resourceId))
                .addArrayOfUUID(ids(releases, each -> each.claim.id))
                .addArrayOfLong(releases.stream().map(Release::settled).toArray(Long[]::new))
                .addArrayOfDouble(releases.stream().map(each -> each.pause.toMillis() / 1_000.0).toArray(Double[]::new));
        return pool.get().preparedQuery(SETTLE).execute(parameters).map(DeliveryQueue::keys);
    }

    private static Set<LaneKey> keys(RowSet<Row> rows) {
        Set<LaneKey> keys = new HashSet<>();
        rows.forEach(row -> keys.add(key(row)));
        return keys;
    }

    private static <T> UUID[] ids(List<T> all, Function<T, UUID> id) {
        return all.stream().map(id).toArray(UUID[]::new);
    }

    private static <T> String[] texts(List<T> all, Function<T, String> text) {
        return all.stream().map(text).toArray(String[]::new);
    }

    private static <T> OffsetDateTime[] times(List<T> all, Function<T, Instant> time) {
        return all.stream().map(time).map(at -> at == null ? null : at.atOffset(ZoneOffset.UTC)).toArray(OffsetDateTime[]::new);
    }
}
