package dev.latchkey.account;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import org.hibernate.reactive.mutiny.Mutiny;

import dev.latchkey.account.SignInEvent.Kind;
import dev.latchkey.platform.Announcer;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Caller;
import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.Ids;
import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.Times;
import dev.latchkey.platform.database.Transactions;
import dev.latchkey.token.TokenDigest;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.mutiny.Uni;

/**
 * People's sessions. A session is a row; what the person holds is a short-lived JWT that names it and a refresh token
 * that is exchanged for its successor at each use (RFC 9700 section 4.14.2). A refresh token that comes a second time
 * was stolen, or its successor was: the session ends. Only within {@link #RETRY_WINDOW} it is a second tab that
 * refreshed at the same moment, which is told to try again with what the first one got.
 */
@ApplicationScoped
public class Sessions {

    static final Duration RETRY_WINDOW = Duration.ofSeconds(10);
    private static final int SECRET_BYTES = 32;

    private static final String START = """
            INSERT INTO session (id, account_id, user_id, created_at, expires_at, address, user_agent)
            VALUES (:id, :account, :user, :now, :expires, :address, :agent)
            """;
    private static final String ADD_REFRESH_TOKEN = """
            INSERT INTO refresh_token (digest, session_id, created_at, expires_at) VALUES (:digest, :session, :now, :expires)
            """;
    /** By the primary keys. Locks the token: of two that come at once, the second sees that it was used. */
    private static final String FIND_REFRESH_TOKEN = """
            SELECT r.used_at, r.expires_at, s.id, s.account_id, s.user_id, s.expires_at AS session_expires_at,
                   s.ended_at IS NOT NULL OR u.disabled_at IS NOT NULL OR a.disabled_at IS NOT NULL AS ended
            FROM refresh_token r
            JOIN session s ON s.id = r.session_id
            JOIN app_user u ON u.id = s.user_id
            JOIN account a ON a.id = s.account_id
            WHERE r.digest = :digest
            FOR UPDATE OF r
            """;
    private static final String USE_REFRESH_TOKEN = "UPDATE refresh_token SET used_at = :now WHERE digest = :digest";
    /**
     * By the primary key. No trigger announces it: no decision reads it. Waits for nobody who changes or deletes the user, and
     * who
     * may be waiting for this session: that one has been seen anyway.
     */
    private static final String SEEN = """
            UPDATE app_user SET last_seen_at = :now
            WHERE id = (SELECT id FROM app_user WHERE id = :user FOR NO KEY UPDATE SKIP LOCKED)
            """;
    private static final String END = """
            UPDATE session SET ended_at = :now WHERE id = :id AND account_id = :account AND ended_at IS NULL
            """;
    /**
     * By the index session_of_user, and refresh_token_newest. A session whose newest refresh token has ended cannot be
     * used any more, or only for the minutes that are left of this very request's access token.
     */
    private static final String OF_USER = """
            SELECT s.id, s.created_at, r.created_at AS last_used_at, s.expires_at, s.address, s.user_agent
            FROM session s CROSS JOIN LATERAL (
                SELECT created_at, expires_at FROM refresh_token WHERE session_id = s.id ORDER BY created_at DESC LIMIT 1) AS r
            WHERE s.account_id = :account AND s.user_id = :user AND s.ended_at IS NULL AND s.expires_at > :now
              AND (r.expires_at > :now OR s.id = :current)
            ORDER BY r.created_at DESC, s.id LIMIT 100
            """;
    /** By the primary key. */
    private static final String END_OF_USER = """
            WITH ended AS (
                UPDATE session SET ended_at = :now
                WHERE id = :id AND account_id = :account AND user_id = :user AND ended_at IS NULL AND expires_at > :now
                RETURNING id
            )
            SELECT id FROM ended
            """;
    /** By the index session_of_user. */
    private static final String END_ALL_OF_USER = """
            WITH ended AS (
                UPDATE session SET ended_at = :now
                WHERE account_id = :account AND user_id = :user AND ended_at IS NULL AND expires_at > :now
                RETURNING id
            )
            SELECT id FROM ended
            """;
    /** By the index session_of_user. */
    private static final String END_OTHERS_OF_USER = """
            WITH ended AS (
                UPDATE session SET ended_at = :now
                WHERE account_id = :account AND user_id = :user AND id <> :current AND ended_at IS NULL AND expires_at > :now
                RETURNING id
            )
            SELECT id FROM ended
            """;
    /** By the indexes session_of_user and refresh_token_newest. */
    private static final String FORGET_REFRESH_TOKENS = """
            DELETE FROM refresh_token WHERE session_id IN (
                SELECT id FROM session WHERE account_id = :account AND user_id = :user)
            """;
    /** By the index session_by_end. */
    private static final String PURGE = """
            DELETE FROM session WHERE id IN (SELECT id FROM session WHERE expires_at <= :until ORDER BY expires_at LIMIT 1000)
            """;

    /**
     * A session that was just started or refreshed.
     *
     * @param refreshToken shown once
     * @param refreshTokenLifetime how long the refresh token can be used
     */
    record Grant(UUID sessionId, UUID userId, String refreshToken, Duration refreshTokenLifetime) {
    }

    private final Transactions transactions;
    private final Announcer announcer;
    private final Clock clock;
    private final LatchkeyConfig.Session config;
    private final boolean hasDatabase;
    private final SecureRandom random = new SecureRandom();

    public Sessions(Transactions transactions, Announcer announcer, Clock clock, LatchkeyConfig config) {
        this.transactions = transactions;
        this.announcer = announcer;
        this.clock = clock;
        this.config = config.session();
        this.hasDatabase = config.role() == LatchkeyConfig.Role.SERVER;
    }

    /** Starts a session; part of a transaction that the caller opens. */
    Uni<Grant> start(User user, CurrentRequest request) {
        Instant now = Times.now(clock);
        UUID id = Ids.next();
        Instant end = now.plus(config.lifetime());
        return Panache.getSession().chain(session -> session.createNativeQuery(START)
                .setParameter("id", id).setParameter("account", user.accountId).setParameter("user", user.id)
                .setParameter("now", now).setParameter("expires", end)
                .setParameter("address", request.address()).setParameter("agent", request.userAgent()).executeUpdate()
                .chain(() -> addRefreshToken(session, id, user.id, end, now)));
    }

    private Uni<Grant> addRefreshToken(Mutiny.Session session, UUID sessionId, UUID userId, Instant sessionEnd, Instant now) {
        byte[] bytes = new byte[SECRET_BYTES];
        random.nextBytes(bytes);
        String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        Instant idleEnd = now.plus(config.idleTimeout());
        Instant end = idleEnd.isBefore(sessionEnd) ? idleEnd : sessionEnd;
        return session.createNativeQuery(ADD_REFRESH_TOKEN).setParameter("digest", TokenDigest.of(secret).bytes())
                .setParameter("session", sessionId).setParameter("now", now).setParameter("expires", end).executeUpdate()
                .replaceWith(new Grant(sessionId, userId, secret, Duration.between(now, end)));
    }

    /**
     * Exchanges a refresh token for its successor.
     *
     * @throws ApiException 401 if it is not valid (any more), 409 if it was exchanged a moment ago
     */
    Uni<Grant> refresh(String refreshToken) {
        byte[] digest = TokenDigest.of(refreshToken).bytes();
        // The end of a stolen session must be committed although the request is refused: so the answer is a value until then.
        return transactions.write(() -> Panache.getSession()
                .chain(session -> session.createNativeQuery(FIND_REFRESH_TOKEN, Object.class).setParameter("digest", digest)
                        .getResultList()
                        .chain(rows -> rows.isEmpty() ? refused() : exchange(session, digest, (Object[]) rows.get(0)))))
                .map(granted -> granted.orElseThrow(Sessions::invalid));
    }

    private Uni<Optional<Grant>> exchange(Mutiny.Session session, byte[] digest, Object[] row) {
        Instant now = Times.now(clock);
        Instant usedAt = row[0] == null ? null : instant(row[0]);
        UUID sessionId = (UUID) row[2];
        UUID accountId = (UUID) row[3];
        UUID userId = (UUID) row[4];
        Instant sessionEnd = instant(row[5]);
        boolean ended = (Boolean) row[6];
        if (ended || !now.isBefore(sessionEnd)) {
            return refused();
        }
        if (usedAt != null) {
            if (now.isBefore(usedAt.plus(RETRY_WINDOW))) {
                throw new ApiException(409, "REFRESH_RETRY",
                        "the session was refreshed a moment ago, in another tab perhaps: try again with the newer refresh token");
            }
            return end(session, accountId, sessionId)
                    .chain(() -> announcer.announce(new SignInEvent(Kind.REFRESH_TOKEN_REUSED, Optional.of(accountId),
                            Optional.of(userId), Optional.of(sessionId))))
                    .chain(Sessions::refused);
        }
        if (!now.isBefore(instant(row[1]))) {
            return refused();
        }
        return session.createNativeQuery(USE_REFRESH_TOKEN).setParameter("now", now).setParameter("digest", digest)
                .executeUpdate()
                .chain(() -> session.createNativeQuery(SEEN).setParameter("now", now).setParameter("user", userId)
                        .executeUpdate())
                .chain(() -> addRefreshToken(session, sessionId, userId, sessionEnd, now)).map(Optional::of);
    }

    /** A timestamptz of a native query. */
    private static Instant instant(Object value) {
        return ((OffsetDateTime) value).toInstant();
    }

    private static Uni<Optional<Grant>> refused() {
        return Uni.createFrom().item(Optional.empty());
    }

    private static ApiException invalid() {
        return new ApiException(401, "INVALID_REFRESH_TOKEN", "the session has ended: sign in again");
    }

    /** Signs the caller out. */
    Uni<Void> end(Caller caller) {
        UUID id = caller.credential().id();
        return transactions.write(() -> Panache.getSession().chain(session -> end(session, caller.accountId(), id))
                .chain(() -> announcer.announce(new SignInEvent(Kind.SIGNED_OUT, Optional.of(caller.accountId()),
                        Optional.of(caller.userId()), Optional.of(id)))));
    }

    /** The caller's own that can be used, the one that was used last first. */
    Uni<List<SessionView>> list(Caller caller) {
        UUID current = caller.credential().id();
        return transactions.read(() -> Panache.getSession()
                .chain(session -> session.createNativeQuery(OF_USER, Object.class).setParameter("account", caller.accountId())
                        .setParameter("user", caller.userId()).setParameter("now", Times.now(clock))
                        .setParameter("current", current).getResultList()))
                .map(rows -> rows.stream().map(row -> view((Object[]) row, current)).toList());
    }

    private static SessionView view(Object[] row, UUID current) {
        return new SessionView((UUID) row[0], instant(row[1]), instant(row[2]), instant(row[3]), (String) row[4],
                (String) row[5],
                current.equals(row[0]));
    }

    /**
     * Ends one of the caller's own.
     *
     * @throws ApiException 404 if it is none, or has ended
     */
    Uni<Void> endOwn(Caller caller, UUID id) {
        return transactions.write(() -> Panache.getSession()
                .chain(session -> session.createNativeQuery(END_OF_USER, UUID.class).setParameter("now", Times.now(clock))
                        .setParameter("id", id).setParameter("account", caller.accountId())
                        .setParameter("user", caller.userId()).getResultList())
                .chain(ended -> {
                    if (ended.isEmpty()) {
                        throw ApiException.notFound();
                    }
                    return announcer.announce(SignInEvent.ended(caller, ended));
                }));
    }

    /** Ends all sessions of a user; part of a transaction that the caller opens, which announces a change of that user. */
    Uni<Void> endAllOf(UUID accountId, UUID userId) {
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(END_ALL_OF_USER, UUID.class).setParameter("now", Times.now(clock))
                        .setParameter("account", accountId).setParameter("user", userId).getResultList())
                .replaceWithVoid();
    }

    /** Ends all of the caller's but the one that asks; part of a transaction that the caller opens, as above. */
    Uni<Void> endOthers(Caller caller) {
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(END_OTHERS_OF_USER, UUID.class)
                        .setParameter("now", Times.now(clock))
                        .setParameter("account", caller.accountId()).setParameter("user", caller.userId())
                        .setParameter("current", caller.credential().id()).getResultList())
                .replaceWithVoid();
    }

    /**
     * So that nobody refreshes a session of the user any more; part of the transaction that deletes the user and the sessions.
     * Whoever refreshes one holds its refresh token before the session: so does this.
     */
    Uni<Void> forgetRefreshTokensOf(UUID accountId, UUID userId) {
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(FORGET_REFRESH_TOKENS).setParameter("account", accountId)
                        .setParameter("user", userId).executeUpdate())
                .replaceWithVoid();
    }

    /** Ends all of the caller's own. */
    Uni<Void> endAllOwn(Caller caller) {
        return transactions.write(() -> Panache.getSession()
                .chain(session -> session.createNativeQuery(END_ALL_OF_USER, UUID.class).setParameter("now", Times.now(clock))
                        .setParameter("account", caller.accountId()).setParameter("user", caller.userId()).getResultList())
                .chain(ended -> announcer.announce(SignInEvent.ended(caller, ended))));
    }

    private Uni<Integer> end(Mutiny.Session session, UUID accountId, UUID id) {
        return session.createNativeQuery(END).setParameter("now", Times.now(clock)).setParameter("id", id)
                .setParameter("account", accountId).executeUpdate();
    }

    /** Forgets sessions a day after their absolute end, and their refresh tokens with them. */
    @Scheduled(every = "1m", delayed = "1m", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    Uni<Void> purge() {
        if (!hasDatabase) {
            return Uni.createFrom().voidItem();
        }
        return transactions.write(() -> Panache.getSession().chain(session -> session.createNativeQuery(PURGE)
                .setParameter("until", Times.now(clock).minus(Duration.ofDays(1))).executeUpdate())).replaceWithVoid();
    }
}
