package dev.latchkey.account;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.LockModeType;
import jakarta.persistence.Table;

import org.hibernate.annotations.DynamicUpdate;

import dev.latchkey.platform.RateLimit;
import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import io.smallrye.mutiny.Uni;

/** A tenant: a company. */
@Entity
@Table(name = "account")
@DynamicUpdate
public class Account extends PanacheEntityBase {

    /** The alias of the first account. */
    public static final String DEFAULT_ALIAS = "default";

    @Id
    public UUID id;
    public String alias;
    public String company;
    public String email;
    public String website = "";
    /** Null: no limit. */
    public Long maxTokenLifetimeSeconds;
    public boolean tokenExpiryRequired;
    /** Null: any address. */
    public String[] tokenAllowedIps;
    public String[] tokenDeniedScopes = {};
    /** Null: tokens that are not used stay. */
    public Integer tokenMaxIdleDays;
    public int tokensPerUser = 500;
    /** Of tokens that have none themselves; both null: none. */
    public Integer rateLimitRequests;
    public Integer rateLimitWindowSeconds;
    /** Whether no token may have a wider one. */
    public boolean rateLimitIsMaximum;
    public Instant disabledAt;
    /** Of a deleted account: when what is left of it goes. */
    public Instant purgeAfter;
    public Instant createdAt;
    public Instant updatedAt;

    Optional<RateLimit> rateLimit() {
        return RateLimit.of(rateLimitRequests, rateLimitWindowSeconds);
    }

    void limit(Optional<RateLimit> rateLimit) {
        rateLimitRequests = rateLimit.map(RateLimit::requests).orElse(null);
        rateLimitWindowSeconds = rateLimit.map(RateLimit::window).orElse(null);
    }

    /** Held against every other writer; null if there is none. */
    static Uni<Account> lock(UUID id) {
        return find("id", id).withLock(LockModeType.PESSIMISTIC_WRITE).firstResult();
    }

    /** By the index account_alias; null if there is none. */
    static Uni<Account> findByAlias(String alias) {
        return find("alias", alias).firstResult();
    }
}
