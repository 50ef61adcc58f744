package dev.latchkey.signing;

import java.security.PrivateKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import org.jboss.logging.Logger;

import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.SecretKeys;
import io.quarkus.arc.InjectableInstance;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;

/** The keys in the database, read at start and every ten seconds: see {@code package-info}. A sidecar has none. */
@ApplicationScoped
public class SigningKeys implements JsonWebKeys {

    static final int RELOAD_SECONDS = 10;
    /** How long every server has published a key before any server signs with it. */
    static final Duration PUBLISHED = Duration.ofSeconds(2 * RELOAD_SECONDS);

    private static final Logger LOG = Logger.getLogger(SigningKeys.class);
    private static final Duration START_TIMEOUT = Duration.ofSeconds(10);
    /** With it, whoever reads the keys at all has read a new one before it signs. */
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(5);

    /** A handful of rows. The age is the database's word: its clock is the same for all servers. */
    private static final String KEYS = """
            SELECT id, purpose, public_key, private_key,
                   greatest(0, extract(epoch FROM clock_timestamp() - created_at))::double precision
            FROM signing_key
            WHERE purpose IN ('upstream', 'exchange') AND algorithm = 'ES256'
              AND (retired_at IS NULL OR retired_at > clock_timestamp() - interval '24 hours')
            ORDER BY created_at DESC LIMIT 100
            """;

    private final InjectableInstance<Pool> pool;
    private final InjectableInstance<SecretKeys> secrets;
    private final boolean hasDatabase;
    private volatile KeyRing ring = KeyRing.EMPTY;
    private volatile JsonObject published = KeyRing.EMPTY.jwks();
    private volatile boolean toldFailure;

    public SigningKeys(InjectableInstance<Pool> pool, InjectableInstance<SecretKeys> secrets, LatchkeyConfig config) {
        this.pool = pool;
        this.secrets = secrets;
        this.hasDatabase = config.role() == LatchkeyConfig.Role.SERVER;
    }

    void load(@Observes StartupEvent event) {
        if (hasDatabase) {
            read().await().atMost(START_TIMEOUT);
        }
    }

    /** What fails is told once, and the keys that are known stay. */
    @Scheduled(every = RELOAD_SECONDS + "s", delayed = RELOAD_SECONDS
            + "s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    Uni<Void> reload() {
        if (!hasDatabase) {
            return Uni.createFrom().voidItem();
        }
        return read().invoke(() -> toldFailure = false)
                .onFailure().invoke(failure -> {
                    if (!toldFailure) {
                        toldFailure = true;
                        LOG.warnf("The signing keys cannot be read, and those that are known stay in use: %s", failure);
                    }
                })
                .onFailure().recoverWithNull();
    }

    private Uni<Void> read() {
        return pool.get().query(KEYS).execute().ifNoItem().after(READ_TIMEOUT).fail().invoke(this::replace).replaceWithVoid();
    }

    private void replace(RowSet<Row> rows) {
        long now = System.nanoTime();
        KeyRing before = ring;
        List<KeyRing.Key> keys = new ArrayList<>();
        for (Row row : rows) {
            String id = row.getUUID(0).toString();
            long since = now - (long) (row.getDouble(4) * TimeUnit.SECONDS.toNanos(1));
            // A key never changes: only what is new must be decrypted.
            keys.add(before.find(id).filter(known -> known.privateKey().isPresent()).orElseGet(() -> key(id, row, since)));
        }
        KeyRing after = new KeyRing(keys);
        ring = after;
        published = after.jwks();
    }

    private KeyRing.Key key(String id, Row row, long since) {
        KeyPurpose purpose = row.getString(1).equals(KeyPurpose.UPSTREAM.stored()) ? KeyPurpose.UPSTREAM : KeyPurpose.EXCHANGE;
        Optional<PrivateKey> privateKey = secrets.get().decrypt(purpose.stored(), id, row.getBuffer(3).getBytes())
                .map(Es256::privateKey);
        if (privateKey.isEmpty() && ring.find(id).isEmpty()) {
            LOG.warnf("The signing key %s was encrypted with another LATCHKEY_SECRET: it is published, and does not sign here",
                    id);
        }
        return new KeyRing.Key(id, purpose, Es256.publicKey(row.getBuffer(2).getBytes()), privateKey, since);
    }

    /** The key to sign with now, if there is one. */
    Optional<KeyRing.Key> signing(KeyPurpose purpose) {
        return ring.signing(purpose, System.nanoTime(), PUBLISHED);
    }

    @Override
    public JsonObject jwks() {
        return published.copy();
    }
}
