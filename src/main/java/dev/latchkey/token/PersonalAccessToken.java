package dev.latchkey.token;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.LockModeType;
import jakarta.persistence.Table;

import org.hibernate.annotations.DynamicUpdate;

import dev.latchkey.platform.AddressRange;
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
    /** Null: never. */
    public Instant expiresAt;
    public Instant revokedAt;
    /** After a rotation with a grace period: the former value's digest, and until when it is accepted. */
    public byte[] replacedDigest;
    public Instant replacedUntil;
    @Column(updatable = false)
    public Instant createdAt;
    public Instant updatedAt;

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

    public Status status(Instant now) {
        if (revokedAt != null) {
            return Status.REVOKED;
        }
        return expiresAt != null && !now.isBefore(expiresAt) ? Status.EXPIRED : Status.ACTIVE;
    }

    List<AddressRange> ranges() {
        return allowedIps == null ? List.of()
                : Arrays.stream(allowedIps).map(range -> AddressRange.parse(range).orElseThrow()).toList();
    }
}
