package dev.latchkey.account;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.LockModeType;
import jakarta.persistence.Table;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import io.smallrye.mutiny.Uni;

/** What the name of a tag means, which tokens and users carry. */
@Entity
@Table(name = "tag")
public class Tag extends PanacheEntityBase {

    @Id
    public UUID id;
    public UUID accountId;
    public String name;
    public String description;
    public Instant createdAt;
    public Instant updatedAt;

    /** By the unique index (account_id, id); null if there is none. */
    static Uni<Tag> find(UUID accountId, UUID id) {
        return find("accountId = ?1 and id = ?2", accountId, id).firstResult();
    }

    /** The same, held against every other writer. */
    static Uni<Tag> lock(UUID accountId, UUID id) {
        return find("accountId = ?1 and id = ?2", accountId, id).withLock(LockModeType.PESSIMISTIC_WRITE).firstResult();
    }

    /** By the index tag_name. */
    static Uni<List<Tag>> named(UUID accountId, Collection<String> names) {
        return list("accountId = ?1 and name in ?2", accountId, names);
    }

    /** By the index tag_name. */
    static Uni<Long> countOf(UUID accountId) {
        return count("accountId", accountId);
    }
}
