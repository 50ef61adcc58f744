package dev.latchkey.account;

import java.time.Instant;
import java.util.UUID;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.LockModeType;
import jakarta.persistence.Table;

import org.hibernate.annotations.DynamicUpdate;

import dev.latchkey.platform.EmailAddress;
import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import io.smallrye.mutiny.Uni;

/** A person in an account. */
@Entity
@Table(name = "app_user")
@DynamicUpdate
public class User extends PanacheEntityBase {

    @Id
    public UUID id;
    public UUID accountId;
    public UUID roleId;
    public String email;
    public String firstName = "";
    public String lastName = "";
    /** Argon2id in PHC form; null: cannot sign in with a password. */
    public String passwordHash;
    public Instant disabledAt;
    public Instant lastLoginAt;
    /** At a sign-in, and whenever a session is refreshed. */
    public Instant lastSeenAt;
    public String company = "";
    public String[] tags = {};
    /** As JSON: see {@link Metadata}. */
    public String metadata = Metadata.NONE;
    public boolean twoFactorEnabled;
    public Instant createdAt;
    public Instant updatedAt;

    /** By the unique index (account_id, id); null if there is none. */
    static Uni<User> find(UUID accountId, UUID id) {
        return find("accountId = ?1 and id = ?2", accountId, id).firstResult();
    }

    /** The same, held against every other writer. */
    static Uni<User> lock(UUID accountId, UUID id) {
        return find("accountId = ?1 and id = ?2", accountId, id).withLock(LockModeType.PESSIMISTIC_WRITE).firstResult();
    }

    /** By the index app_user_email; null if there is none. */
    static Uni<User> findByEmail(UUID accountId, String email) {
        return find("accountId = ?1 and lower(email) = ?2", accountId, EmailAddress.normalise(email)).firstResult();
    }
}
