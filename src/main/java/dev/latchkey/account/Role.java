package dev.latchkey.account;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.LockModeType;
import jakarta.persistence.Table;

import dev.latchkey.scope.ScopeCatalogue;
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

    /**
     * By the index role_name, held so that what it permits does not change before the transaction ends; null if there is none.
     */
    static Uni<Role> hold(UUID accountId, String name) {
        return find("accountId = ?1 and name = ?2", accountId, name).withLock(LockModeType.PESSIMISTIC_READ).firstResult();
    }

    /** By the unique index (account_id, id), held likewise. */
    static Uni<Role> hold(UUID accountId, UUID id) {
        return find("accountId = ?1 and id = ?2", accountId, id).withLock(LockModeType.PESSIMISTIC_READ).firstResult();
    }

    /** By the unique index (account_id, id), held against every other writer; null if there is none. */
    static Uni<Role> lock(UUID accountId, UUID id) {
        return find("accountId = ?1 and id = ?2", accountId, id).withLock(LockModeType.PESSIMISTIC_WRITE).firstResult();
    }

    /** Those of its scopes that there are: the operator may have taken one away, which nobody holds any more. */
    List<String> scopesIn(ScopeCatalogue catalogue) {
        return Arrays.stream(scopes).filter(scope -> catalogue.find(scope).isPresent()).toList();
    }

    /** Whether it is that reserved one: nobody else has its name. */
    boolean is(ReservedRole role) {
        return reserved && name.equals(role.roleName());
    }

    /** By the unique index (account_id, id); null if there is none. */
    static Uni<Role> find(UUID accountId, UUID id) {
        return find("accountId = ?1 and id = ?2", accountId, id).firstResult();
    }
}
