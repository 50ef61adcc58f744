package dev.latchkey.account;

import java.time.Instant;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import io.smallrye.mutiny.Uni;

/** A named set of scopes that its users may exercise and hand out. */
@Entity
@Table(name = "role")
public class Role extends PanacheEntityBase {

    @Id
    public UUID id;
    public UUID accountId;
    public String name;
    public String description;
    public String[] scopes;
    public boolean reserved;
    public Instant createdAt;
    public Instant updatedAt;

    /** By the unique index (account_id, id); null if there is none. */
    static Uni<Role> find(UUID accountId, UUID id) {
        return find("accountId = ?1 and id = ?2", accountId, id).firstResult();
    }
}
