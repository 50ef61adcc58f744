package dev.latchkey.account;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

import dev.latchkey.platform.Announcer;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.Times;
import dev.latchkey.platform.database.Transactions;
import dev.latchkey.token.TokenDigest;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.mutiny.Uni;

/**
 * Links by which a person sets a password: an invitation, or the reset of one that was forgotten. The service sends no mail:
 * whoever
 * asked for the link hands it on. Each works once; a new one ends the former.
 */
@ApplicationScoped
public class PasswordLinks {

    static final Duration INVITATION = Duration.ofDays(7);
    static final Duration RESET = Duration.ofDays(1);
    private static final int SECRET_BYTES = 32;

    private static final String REPLACE = """
            INSERT INTO password_link (digest, account_id, user_id, expires_at, created_at)
            VALUES (:digest, :account, :user, :expires, :now)
            ON CONFLICT (account_id, user_id) DO UPDATE
            SET digest = excluded.digest, expires_at = excluded.expires_at, created_at = excluded.created_at
            """;
    /** By the primary key. */
    private static final String FIND = """
            SELECT l.account_id FROM password_link l JOIN app_user u ON u.account_id = l.account_id AND u.id = l.user_id
            WHERE l.digest = :digest AND l.user_id = :user AND l.expires_at > :now AND u.disabled_at IS NULL
            """;
    /** By the primary key. */
    private static final String USE = "DELETE FROM password_link WHERE digest = :digest AND user_id = :user AND expires_at > :now";
    /** By the unique index (account_id, user_id). */
    private static final String FORGET = "DELETE FROM password_link WHERE account_id = :account AND user_id = :user";
    /** By the index password_link_end. */
    private static final String PURGE = """
            DELETE FROM password_link WHERE digest IN (
                SELECT digest FROM password_link WHERE expires_at <= :now ORDER BY expires_at LIMIT 1000)
            """;

    /**
     * What a person needs to set a password.
     *
     * @param url on the portal, with the secret in its fragment, which browsers send to nobody
     */
    @RegisterForReflection
    @Schema(name = "PasswordLink")
    record Link(@Schema(description = "For POST /v3/users/{id}/reset-password, once") String token,
            @Schema(description = "The same for a person: the page of the portal that asks for a password") String url,
            Instant expiresAt) {

        @Override
        public String toString() {
            return "Link";
        }
    }

    private final Transactions transactions;
    private final PasswordWorkers workers;
    private final Sessions sessions;
    private final Announcer announcer;
    private final Clock clock;
    private final String publicUrl;
    private final boolean hasDatabase;
    private final SecureRandom random = new SecureRandom();

    public PasswordLinks(Transactions transactions, PasswordWorkers workers, Sessions sessions, Announcer announcer,
            Clock clock,
            LatchkeyConfig config) {
        this.transactions = transactions;
        this.workers = workers;
        this.sessions = sessions;
        this.announcer = announcer;
        this.clock = clock;
        this.publicUrl = config.publicUrl().toString();
        this.hasDatabase = config.role() == LatchkeyConfig.Role.SERVER;
    }

    /** A new one for this user; part of a transaction that the caller opens. */
    Uni<Link> make(User user, Duration lifetime) {
        byte[] bytes = new byte[SECRET_BYTES];
        random.nextBytes(bytes);
        String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        Instant now = Times.now(clock);
        Link link = new Link(secret, publicUrl + "/set-password#user=" + user.id + "&token=" + secret, now.plus(lifetime));
        return Panache.getSession().chain(session -> session.createNativeQuery(REPLACE)
                .setParameter("digest", TokenDigest.of(secret).bytes()).setParameter("account", user.accountId)
                .setParameter("user", user.id).setParameter("expires", link.expiresAt).setParameter("now", now).executeUpdate())
                .replaceWith(link);
    }

    /** Ends the user's link, if there is one; part of a transaction that the caller opens. */
    Uni<Void> forget(User user) {
        return Panache.getSession().chain(session -> session.createNativeQuery(FORGET).setParameter("account", user.accountId)
                .setParameter("user", user.id).executeUpdate()).replaceWithVoid();
    }

    /**
     * Sets the password of whoever has the secret, and ends their sessions.
     *
     * @throws ApiException 400 if there is no such link (any more)
     */
    Uni<Void> use(UUID userId, String secret, String password) {
        Passwords.requireAcceptable("newPassword", password);
        byte[] digest = TokenDigest.of(secret).bytes();
        // Nobody without a link makes us hash.
        return transactions.read(() -> Panache.getSession().chain(session -> session.createNativeQuery(FIND, UUID.class)
                .setParameter("digest", digest).setParameter("user", userId).setParameter("now", Times.now(clock))
                .getSingleResultOrNull()).onItem().ifNull().failWith(PasswordLinks::invalid))
                .chain(account -> workers.run(() -> Passwords.hash(password)).chain(hash -> transactions.write(
                        // The user first, as whoever takes a link back.
                        () -> User.lock(account, userId).onItem().ifNull().failWith(PasswordLinks::invalid)
                                .call(() -> use(userId, digest)).chain(user -> set(user, hash)))));
    }

    private Uni<Void> use(UUID userId, byte[] digest) {
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(USE).setParameter("digest", digest).setParameter("user", userId)
                        .setParameter("now", Times.now(clock)).executeUpdate())
                .invoke(used -> {
                    if (used == 0) {
                        throw invalid();
                    }
                }).replaceWithVoid();
    }

    private Uni<Void> set(User user, String hash) {
        if (user.disabledAt != null) {
            throw invalid();
        }
        user.passwordHash = hash;
        user.updatedAt = Times.now(clock);
        return user.flush().chain(() -> sessions.endAllOf(user.accountId, user.id))
                .chain(() -> announcer.announce(AccountEvent.byLink("password-set", user.accountId, user.id)));
    }

    private static ApiException invalid() {
        return new ApiException(400, "INVALID_RESET_TOKEN",
                "the link was used, has ended, or was replaced by a newer one: ask an administrator for another");
    }

    /** Forgets links that have ended. */
    @Scheduled(every = "10m", delayed = "1m", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    Uni<Void> purge() {
        return hasDatabase ? transactions.write(() -> Panache.getSession()
                .chain(session -> session.createNativeQuery(PURGE).setParameter("now", Times.now(clock)).executeUpdate()))
                .replaceWithVoid() : Uni.createFrom().voidItem();
    }
}
