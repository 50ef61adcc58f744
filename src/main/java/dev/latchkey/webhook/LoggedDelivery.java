package dev.latchkey.webhook;

import java.time.Instant;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

import org.hibernate.annotations.Immutable;

import dev.latchkey.platform.ApiException;
import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import io.smallrye.mutiny.Uni;

/** An event for a webhook, and what came of it. Only read: {@link Outbox} and {@link DeliveryQueue} write. */
@Entity
@Immutable
@Table(name = "webhook_event_log")
public class LoggedDelivery extends PanacheEntityBase {

    static final String PENDING = "pending";
    static final String DELIVERED = "delivered";
    static final String DEAD_LETTER = "dead-letter";

    @Id
    public UUID id;
    public UUID accountId;
    public UUID webhookId;
    /** Its place in its lane. */
    public long number;
    public String event;
    public UUID resourceId;
    /** What is sent and signed, byte for byte. */
    public String payload;
    public String status;
    /** Since it was written or replayed. */
    public int attempts;
    public int replays;
    public Instant triedFrom;
    public Instant lastAttemptAt;
    public Instant nextAttemptAt;
    public Instant deliveredAt;
    public Integer responseStatus;
    public String responseBody;
    public String error;
    public Integer durationMs;
    public Instant triggeredAt;
    public Instant createdAt;
    public Instant updatedAt;

    /** By the primary key; 404 if there is none. */
    static Uni<LoggedDelivery> get(UUID accountId, UUID id) {
        return LoggedDelivery.<LoggedDelivery> find("id = ?1 and accountId = ?2", id, accountId).firstResult()
                .onItem().ifNull().failWith(ApiException::notFound);
    }
}
