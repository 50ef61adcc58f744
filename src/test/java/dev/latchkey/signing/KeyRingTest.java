package dev.latchkey.signing;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.KeyPair;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.Test;

/** A key is published before it signs, and a retired one after it did. */
class KeyRingTest {

    private static final KeyPair PAIR = Es256.generate();
    private static final Duration PUBLISHED = Duration.ofSeconds(20);
    private static final long NOW = Duration.ofDays(3).toNanos();

    @Test
    void aNewKeySignsOnlyWhenItWasPublishedLongEnough() {
        KeyRing.Key old = key("old", KeyPurpose.UPSTREAM, 3600);
        KeyRing.Key fresh = key("new", KeyPurpose.UPSTREAM, 19);
        KeyRing ring = new KeyRing(List.of(fresh, old));
        assertThat(ring.signing(KeyPurpose.UPSTREAM, NOW, PUBLISHED)).contains(old);
        assertThat(ring.signing(KeyPurpose.UPSTREAM, NOW + Duration.ofMillis(999).toNanos(), PUBLISHED)).contains(old);
        assertThat(ring.signing(KeyPurpose.UPSTREAM, NOW + Duration.ofSeconds(1).toNanos(), PUBLISHED)).contains(fresh);
        assertThat(ids(ring)).as("published from the first").containsExactly("old", "new");
    }

    @Test
    void theOnlyKeySignsAtOnce() {
        KeyRing.Key only = key("only", KeyPurpose.UPSTREAM, 0);
        assertThat(new KeyRing(List.of(only)).signing(KeyPurpose.UPSTREAM, NOW, PUBLISHED)).contains(only);
    }

    @Test
    void ofSeveralRotationsInARowTheNewestThatWasPublishedLongEnoughSigns() {
        KeyRing.Key first = key("first", KeyPurpose.UPSTREAM, 100);
        KeyRing.Key second = key("second", KeyPurpose.UPSTREAM, 21);
        KeyRing.Key third = key("third", KeyPurpose.UPSTREAM, 5);
        assertThat(new KeyRing(List.of(third, second, first)).signing(KeyPurpose.UPSTREAM, NOW, PUBLISHED)).contains(second);
        KeyRing.Key fourth = key("fourth", KeyPurpose.UPSTREAM, 1);
        assertThat(new KeyRing(List.of(fourth, third)).signing(KeyPurpose.UPSTREAM, NOW, PUBLISHED))
                .as("none was: the one that was for longest").contains(third);
    }

    @Test
    void noPurposeSignsWithTheKeyOfAnother() {
        KeyRing ring = new KeyRing(List.of(key("only", KeyPurpose.UPSTREAM, 100)));
        assertThat(ring.signing(KeyPurpose.EXCHANGE, NOW, PUBLISHED)).isEmpty();
    }

    @Test
    void aKeyThatCannotBeDecryptedHereIsPublishedAndDoesNotSign() {
        KeyRing.Key readable = key("readable", KeyPurpose.EXCHANGE, 100);
        KeyRing.Key unreadable = new KeyRing.Key("unreadable", KeyPurpose.EXCHANGE, (ECPublicKey) PAIR.getPublic(),
                Optional.empty(), NOW - Duration.ofSeconds(50).toNanos());
        KeyRing ring = new KeyRing(List.of(readable, unreadable));
        assertThat(ring.signing(KeyPurpose.EXCHANGE, NOW, PUBLISHED)).contains(readable);
        assertThat(ids(ring)).contains("unreadable");
    }

    private static KeyRing.Key key(String id, KeyPurpose purpose, long ageSeconds) {
        return new KeyRing.Key(id, purpose, (ECPublicKey) PAIR.getPublic(), Optional.of(PAIR.getPrivate()),
                NOW - Duration.ofSeconds(ageSeconds).toNanos());
    }

    private static List<Object> ids(KeyRing ring) {
        return ring.jwks().getJsonArray("keys").stream()
                .map(key -> (Object) ((io.vertx.core.json.JsonObject) key).getString("kid")).toList();
    }
}
