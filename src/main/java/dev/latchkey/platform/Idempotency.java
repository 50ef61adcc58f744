package dev.latchkey.platform;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;

import jakarta.enterprise.context.ApplicationScoped;

import org.hibernate.reactive.mutiny.Mutiny;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import dev.latchkey.platform.database.Transactions;
import io.quarkus.arc.InjectableInstance;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.mutiny.Uni;

/**
 * {@code Idempotency-Key}: a POST that is sent again, because its answer was lost, does not make a second thing. The
 * key is remembered for {@link #KEPT} in the transaction that makes the thing, with an HMAC of the body, so that
 * neither can be without the other and the body is not kept.
 */
@ApplicationScoped
public class Idempotency {

    /** The request header. */
    public static final String HEADER = "Idempotency-Key";
    /** The response header that says that nothing was made this time. */
    public static final String REPLAYED = "Idempotency-Replayed";

    static final Duration KEPT = Duration.ofHours(24);

    private static final String PURPOSE = "idempotency";
    private static final int MAX_KEY_LENGTH = 255;

    /** Held until the transaction ends, even by a process that dies: whoever meets it knows that the first is still running. */
    private static final String LOCK = "SELECT pg_try_advisory_xact_lock(:lock)";
    /** By the primary key. */
    private static final String FIND = """
            SELECT body_hmac, resource_id FROM idempotency_key
            WHERE account_id = :account AND credential_id = :credential AND method = :method AND path = :path AND key = :key
              AND created_at > :since
            """;
    private static final String REMEMBER = """
            INSERT INTO idempotency_key (account_id, credential_id, method, path, key, body_hmac, resource_id, created_at)
            VALUES (:account, :credential, :method, :path, :key, :hmac, :resource, :now)
            ON CONFLICT (account_id, credential_id, method, path, key) DO UPDATE
            SET body_hmac = excluded.body_hmac, resource_id = excluded.resource_id, created_at = excluded.created_at
            """;
    /** By the index idempotency_key_created. */
    private static final String PURGE = """
            DELETE FROM idempotency_key WHERE ctid IN (
                SELECT ctid FROM idempotency_key WHERE created_at <= :until ORDER BY created_at LIMIT 10000)
            """;

    /**
     * What came of a request.
     *
     * @param replayed whether the thing was made by an earlier request with the same key
     */
    public record Outcome<T>(T value, boolean replayed) {
    }

    private final Transactions transactions;
    private final InjectableInstance<SecretKeys> secrets;
    private final ObjectMapper json;
    private final Clock clock;
    private final LatchkeyConfig config;

    public Idempotency(Transactions transactions, InjectableInstance<SecretKeys> secrets, ObjectMapper json, Clock clock,
            LatchkeyConfig config) {
        this.transactions = transactions;
        this.secrets = secrets;
        this.json = json;
        this.clock = clock;
        this.config = config;
    }

    /**
     * Makes a thing in a transaction, or finds the one that an earlier request with the same key made.
     *
     * @param path of the resource, in its one spelling
     * @param key the header's value; null: no protection wanted
     * @param body the request's body as it was read
     * @param make makes the thing
     * @param id of the thing made
     * @param find finds what was made
     * @throws ApiException 400 for a key that is not allowed, 409 while the first request runs, 422 for another body
     */
    public <T> Uni<Outcome<T>> once(CurrentRequest request, String method, String path, String key, Object body,
            Supplier<Uni<T>> make,
            Function<T, UUID> id, Function<UUID, Uni<T>> find) {
        if (key == null) {
            return transactions.write(make).map(made -> new Outcome<>(made, false));
        }
        if (key.isEmpty() || key.length() > MAX_KEY_LENGTH || !key.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
            throw ApiException.invalid(HEADER, "must be 1 to " + MAX_KEY_LENGTH + " visible ASCII characters");
        }
        Entry entry = new Entry(request.caller(), method, path, key, hmac(body));
        return transactions.write(() -> Panache.getSession().chain(session -> entry.lock(session)
                .chain(() -> entry.find(session))
                .chain(found -> found.isEmpty()
                        ? make.get().call(made -> entry.remember(session, id.apply(made)))
                                .map(made -> new Outcome<>(made, false))
                        : entry.replay((Object[]) found.get(0), find))));
    }

    private final class Entry {
        private final Caller caller;
        private final String method;
        private final String path;
        private final String key;
        private final byte[] hmac;
        private final Instant now = Times.now(clock);

        private Entry(Caller caller, String method, String path, String key, byte[] hmac) {
            this.caller = caller;
            this.method = method;
            this.path = path;
            this.key = key;
            this.hmac = hmac;
        }

        private Uni<Void> lock(Mutiny.Session session) {
            String all = String.join("\n", caller.accountId().toString(), caller.credential().id().toString(), method, path,
                    key);
            long lock = ByteBuffer.wrap(secrets.get().hmac(PURPOSE, all.getBytes(StandardCharsets.UTF_8))).getLong();
            return session.createNativeQuery(LOCK, Boolean.class).setParameter("lock", lock).getSingleResult().invoke(got -> {
                if (!got) {
                    throw new ApiException(409, "IDEMPOTENCY_IN_PROGRESS",
                            "a request with this Idempotency-Key is still running: try again in a moment");
                }
            }).replaceWithVoid();
        }

        private Uni<List<Object>> find(Mutiny.Session session) {
            return session.createNativeQuery(FIND, Object.class)
                    .setParameter("account", caller.accountId()).setParameter("credential", caller.credential().id())
                    .setParameter("method", method).setParameter("path", path).setParameter("key", key)
                    .setParameter("since", now.minus(KEPT)).getResultList();
        }

        private <T> Uni<Outcome<T>> replay(Object[] row, Function<UUID, Uni<T>> find) {
            if (!MessageDigest.isEqual(hmac, (byte[]) row[0])) {
                throw new ApiException(422, "IDEMPOTENCY_KEY_REUSED",
                        "this Idempotency-Key was used for another body within 24 hours: use a new key for a new request");
            }
            return find.apply((UUID) row[1]).map(found -> new Outcome<>(found, true));
        }

        private Uni<Integer> remember(Mutiny.Session session, UUID resource) {
            return session.createNativeQuery(REMEMBER)
                    .setParameter("account", caller.accountId()).setParameter("credential", caller.credential().id())
                    .setParameter("method", method).setParameter("path", path).setParameter("key", key)
                    .setParameter("hmac", hmac).setParameter("resource", resource).setParameter("now", now).executeUpdate();
        }
    }

    private byte[] hmac(Object body) {
        try {
            return secrets.get().hmac(PURPOSE, json.writeValueAsBytes(body));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the body was read from JSON", e);
        }
    }

    /** Forgets keys that are older than {@link #KEPT}; a batch each time, so that no purge takes long. */
    @Scheduled(every = "1m", delayed = "1m", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    Uni<Void> purge() {
        if (config.role() == LatchkeyConfig.Role.SIDECAR) {
            return Uni.createFrom().voidItem();
        }
        return transactions.write(() -> Panache.getSession().chain(session -> session.createNativeQuery(PURGE)
                .setParameter("until", Times.now(clock).minus(KEPT)).executeUpdate())).replaceWithVoid();
    }
}
