package dev.latchkey.webhook;

import java.time.Instant;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.LockModeType;
import jakarta.persistence.Table;

import org.hibernate.annotations.DynamicUpdate;

import dev.latchkey.platform.ApiException;
import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import io.smallrye.mutiny.Uni;

/** Where somebody wants to be told of events. */
@Entity
@Table(name = "webhook")
@DynamicUpdate
public class Webhook extends PanacheEntityBase {

    @Id
    public UUID id;
    public UUID accountId;
    public String name;
    public String url;
    /** What signs, encrypted: see {@link WebhookToken}. */
    public byte[] token;
    public String secretId;
    public String[] events;
    public boolean active;
    public Instant createdAt;
    public Instant updatedAt;

    /** By the unique index (account_id, id); 404 if there is none. */
    static Uni<Webhook> get(UUID accountId, UUID id) {
        return Webhook.<Webhook> find("accountId = ?1 and id = ?2", accountId, id).firstResult()
                .onItem().ifNull().failWith(ApiException::notFound);
    }

    /** The same, held against every other writer. */
    static Uni<Webhook> lock(UUID accountId, UUID id) {
        return Webhook.<Webhook> find("accountId = ?1 and id = ?2", accountId, id)
                .withLock(LockModeType.PESSIMISTIC_WRITE).firstResult()
                .onItem().ifNull().failWith(ApiException::notFound);
    }
}
