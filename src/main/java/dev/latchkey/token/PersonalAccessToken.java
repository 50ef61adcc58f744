package dev.latchkey.token;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.LockModeType;
import jakarta.persistence.Table;
import jakarta.persistence.Transient;

import org.hibernate.annotations.DynamicUpdate;

import dev.latchkey.platform.AddressRange;
import dev.latchkey.platform.RateLimit;
import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import io.smallrye.mutiny.Uni;

/** A personal access token as it is stored: everything but its text. */
@Entity
@Table(name = "personal_access_token")
@DynamicUpdate
public class PersonalAccessToken extends PanacheEntityBase {

    @Id
    public UUID id;
    @Column(updatable = false)
    public UUID accountId;
    @Column(updatable = false)
    public UUID ownerId;
    /** The token that made this one; null if a person did. */
    @Column(updatable = false)
    public UUID parentId;
    public String name;
    public String description;
    public byte[] digest;
    public String hint;
    public String[] scopes;
    /** CIDR ranges in canonical form; null: any address. */
    public String[] allowedIps;
    public String[] tags;
    /** How often it may be used; both null: as its account says. */
    public Integer rateLimitRequests;
    public Integer rateLimitWindowSeconds;
    /** Null: never. */
    public Instant expiresAt;
    public Instant revokedAt;
    /** After a rotation with a grace period: the former value's digest, and until when it is accepted. */
    public byte[] replacedDigest;
    public Instant replacedUntil;
    @Column(updatable = false)
    public Instant createdAt;
    public Instant updatedAt;
    /** Null until it is loaded. */
    @Transient
    TokenUsage usage;

    /** What a token is at a moment. */
    public enum Status {
        ACTIVE,
        EXPIRED,
        REVOKED
    }

    /** The token of that id in that account; null if there is none. By the primary key. */
    static Uni<PersonalAccessToken> find(UUID accountId, UUID id) {
        return find("id = ?1 and accountId = ?2", id, accountId).firstResult();
    }

    /** The same, held against every other writer: or else a change could undo a revocation that came between. */
    static Uni<PersonalAccessToken> lock(UUID accountId, UUID id) {
        return find("id = ?1 and accountId = ?2", id, accountId).withLock(LockModeType.PESSIMISTIC_WRITE).firstResult();
    }

    /**
     * The token with that value, held likewise; null if there is none. A value that was rotated out counts for as
     * long as it is accepted. By the indexes personal_access_token_digest and
     * personal_access_token_replaced_digest.
     */
    static Uni<PersonalAccessToken> lock(TokenDigest digest, Instant now) {
        return find("digest = ?1 or replacedDigest = ?1 and replacedUntil > ?2", digest.bytes(), now)
                .withLock(LockModeType.PESSIMISTIC_WRITE).firstResult();
    }

    public Status status(Instant now) {
        if (revokedAt != null) {
            return Status.REVOKED;
        }
        return expiresAt != null && !now.isBefore(expiresAt) ? Status.EXPIRED : Status.ACTIVE;
    }

    /** Until when the value before the last rotation is accepted; null if it is not any more. */
    Instant graceUntil(Instant now) {
        if (replacedUntil == null || status(now) != Status.ACTIVE || !now.isBefore(replacedUntil)) {
            return null;
        }
        return expiresAt != null && expiresAt.isBefore(replacedUntil) ? expiresAt : replacedUntil;
    }

    Optional<RateLimit> rateLimit() {
        return RateLimit.of(rateLimitRequests, rateLimitWindowSeconds);
    }

    void limit(Optional<RateLimit> rateLimit) {
        rateLimitRequests = rateLimit.map(RateLimit::requests).orElse(null);
        rateLimitWindowSeconds = rateLimit.map(RateLimit::window).orElse(null);
    }

    List<AddressRange> ranges() {
        return allowedIps == null ? List.of()
                : Arrays.stream(allowedIps).map(range -> AddressRange.parse(range).orElseThrow()).toList();
    }
}
