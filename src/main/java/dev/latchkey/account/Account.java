package dev.latchkey.account;

import java.time.Instant;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import io.smallrye.mutiny.Uni;

/** A tenant: a company. */
@Entity
@Table(name = "account")
public class Account extends PanacheEntityBase {

    /** The alias of the first account. */
    public static final String DEFAULT_ALIAS = "default";

    @Id
    public UUID id;
    public String alias;
    public String company;
    public String email;
    /** Null: no limit. */
    public Long maxTokenLifetimeSeconds;
    public Instant disabledAt;
    public Instant createdAt;
    public Instant updatedAt;

    /** By the index account_alias; null if there is none. */
    static Uni<Account> findByAlias(String alias) {
        return find("alias", alias).firstResult();
    }
}
