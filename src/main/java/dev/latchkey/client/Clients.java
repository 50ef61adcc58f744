package dev.latchkey.client;

import java.security.MessageDigest;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Ids;
import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.token.TokenDigest;
import io.quarkus.arc.InjectableInstance;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;

/**
 * Tells which client somebody is. Who was found is remembered for {@link #REMEMBERED}, so that a busy client costs one
 * query in that time, and one that is disabled, or whose account is, is refused no later than that. At most
 * {@link #MAX_REMEMBERED} are; when it is full, those that are used least are asked for again.
 */
@ApplicationScoped
// The cache that Caffeine picks by name for these limits, and its entries; in a native executable names must be known.
@RegisterForReflection(classNames = { "com.github.benmanes.caffeine.cache.SSMSW", "com.github.benmanes.caffeine.cache.PSWMS" })
public class Clients {

    private static final Duration REMEMBERED = Duration.ofSeconds(1);
    private static final int MAX_REMEMBERED = 10_000;

    /** By the primary keys. */
    private static final String FIND = """
            SELECT c.account_id, c.secret_digest FROM client c JOIN account a ON a.id = c.account_id
            WHERE c.id = $1 AND c.kind = $2 AND c.disabled_at IS NULL AND a.disabled_at IS NULL
            """;

    /** By the primary keys. */
    private static final String ENABLED = """
            SELECT c.id FROM client c JOIN account a ON a.id = c.account_id
            WHERE c.id = ANY ($1) AND c.kind = $2 AND c.disabled_at IS NULL AND a.disabled_at IS NULL
            """;

    /** @param secret null: another kind of proof was given */
    private record Proof(UUID id, Client.Kind kind, TokenDigest secret) {
    }

    private final InjectableInstance<Pool> pool;
    private final Duration timeout;
    private final Cache<Proof, Client> remembered = Caffeine.newBuilder().maximumSize(MAX_REMEMBERED)
            .executor(Runnable::run).expireAfterWrite(REMEMBERED).build();

    public Clients(InjectableInstance<Pool> pool, LatchkeyConfig config) {
        this.pool = pool;
        this.timeout = config.database().timeout();
    }

    /**
     * The enabled client of that kind whose id and secret these are; empty if there is none. Fails with
     * {@link ApiException} 503 if the database does not answer.
     */
    public Uni<Optional<Client>> authenticate(BasicCredentials credentials, Client.Kind kind) {
        return Ids.parse(credentials.id())
                .map(id -> find(new Proof(id, kind, TokenDigest.of(credentials.secret()))))
                .orElseGet(() -> Uni.createFrom().item(Optional.empty()));
    }

    /** The enabled client of that kind and id, whose identity was proved in another way: by its certificate. */
    public Uni<Optional<Client>> identified(UUID id, Client.Kind kind) {
        return find(new Proof(id, kind, null));
    }

    /** Which of these are enabled and of that kind, now. Fails if the database does not answer. */
    public Uni<Set<UUID>> enabled(Collection<UUID> ids, Client.Kind kind) {
        return pool.get().preparedQuery(ENABLED).execute(Tuple.of(ids.toArray(UUID[]::new), Client.stored(kind)))
                .map(rows -> {
                    Set<UUID> enabled = new HashSet<>();
                    rows.forEach(row -> enabled.add(row.getUUID(0)));
                    return enabled;
                })
                .ifNoItem().after(timeout).fail();
    }

    private Uni<Optional<Client>> find(Proof proof) {
        Client known = remembered.getIfPresent(proof);
        if (known != null) {
            return Uni.createFrom().item(Optional.of(known));
        }
        return pool.get().preparedQuery(FIND).execute(Tuple.of(proof.id, Client.stored(proof.kind)))
                .map(rows -> {
                    for (Row row : rows) {
                        if (proof.secret == null
                                || MessageDigest.isEqual(row.getBuffer(1).getBytes(), proof.secret.bytes())) {
                            Client client = new Client(proof.id, row.getUUID(0), proof.kind);
                            remembered.put(proof, client);
                            return Optional.of(client);
                        }
                    }
                    return Optional.<Client> empty();
                })
                .ifNoItem().after(timeout)
                .failWith(() -> ApiException.unavailable("the database does not answer at the moment: try again"));
    }
}
