package dev.latchkey.signing;

import java.security.PrivateKey;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** All keys that are published, as they were read from the database at a moment. Immutable. */
final class KeyRing {

    static final KeyRing EMPTY = new KeyRing(List.of());

    /**
     * A key.
     *
     * @param privateKey empty if it was encrypted with another secret: then others sign with it
     * @param since the monotonic time, in nanoseconds, from which it was in the database
     */
    record Key(String id, KeyPurpose purpose, ECPublicKey publicKey, Optional<PrivateKey> privateKey, long since) {
    }

    private final List<Key> keys;

    KeyRing(List<Key> keys) {
        this.keys = keys.stream().sorted(Comparator.comparingLong(Key::since)).toList();
    }

    Optional<Key> find(String id) {
        return keys.stream().filter(key -> key.id.equals(id)).findFirst();
    }

    List<Key> all() {
        return keys;
    }

    /**
     * The key to sign with now: the newest that was published for long enough; if none was, the oldest.
     *
     * @param now monotonic, in nanoseconds
     */
    Optional<Key> signing(KeyPurpose purpose, long now, Duration published) {
        Optional<Key> chosen = Optional.empty();
        for (Key key : keys) {
            boolean usable = key.purpose == purpose && key.privateKey.isPresent();
            if (usable && (chosen.isEmpty() || now - key.since >= published.toNanos())) {
                chosen = Optional.of(key);
            }
        }
        return chosen;
    }

    JsonObject jwks() {
        JsonArray array = new JsonArray();
        keys.forEach(key -> array.add(Es256.jwk(key.id, key.publicKey)));
        return new JsonObject().put("keys", array);
    }
}
