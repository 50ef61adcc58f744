package dev.latchkey.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import org.junit.jupiter.api.Test;

/** What is encrypted opens with the same secret, for the same purpose, in the same place, unchanged, and not otherwise. */
class SecretKeysTest {

    private static final String SECRET = "a secret of more than thirty-two characters";
    private static final byte[] PLAIN = "what nobody may read".getBytes(StandardCharsets.UTF_8);

    private final SecretKeys keys = new SecretKeys(SECRET);

    @Test
    void whatWasEncryptedIsDecrypted() {
        byte[] encrypted = keys.encrypt("totp", "row 1", PLAIN);
        assertThat(keys.decrypt("totp", "row 1", encrypted)).hasValueSatisfying(it -> assertThat(it).isEqualTo(PLAIN));
        assertThat(new SecretKeys(SECRET).decrypt("totp", "row 1", encrypted)).as("after a restart").isPresent();
    }

    @Test
    void nothingAtAllCanBeEncryptedToo() {
        assertThat(keys.decrypt("totp", "", keys.encrypt("totp", "", new byte[0])))
                .hasValueSatisfying(it -> assertThat(it).isEmpty());
    }

    @Test
    void theSameTextIsNeverEncryptedTheSameWay() {
        byte[] once = keys.encrypt("totp", "row 1", PLAIN);
        byte[] again = keys.encrypt("totp", "row 1", PLAIN);
        assertThat(once).isNotEqualTo(again).hasSize(12 + PLAIN.length + 16);
        assertThat(Arrays.copyOf(once, 12)).isNotEqualTo(Arrays.copyOf(again, 12));
        assertThat(new String(once, StandardCharsets.ISO_8859_1)).doesNotContain("nobody");
    }

    @Test
    void anotherSecretPurposeOrContextDoesNotOpenIt() {
        byte[] encrypted = keys.encrypt("totp", "row 1", PLAIN);
        assertThat(new SecretKeys(SECRET + "x").decrypt("totp", "row 1", encrypted)).isEmpty();
        assertThat(keys.decrypt("webhook", "row 1", encrypted)).isEmpty();
        assertThat(keys.decrypt("totp", "row 2", encrypted)).isEmpty();
        assertThat(keys.decrypt("totp", "", encrypted)).isEmpty();
    }

    @Test
    void aChangeOfAnyBitIsNoticed() {
        byte[] encrypted = keys.encrypt("totp", "row 1", PLAIN);
        for (int bit = 0; bit < encrypted.length * 8; bit++) {
            byte[] changed = encrypted.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(keys.decrypt("totp", "row 1", changed)).as("bit %d", bit).isEmpty();
        }
    }

    @Test
    void whatIsCutOffOrAppendedIsNoticed() {
        byte[] encrypted = keys.encrypt("totp", "row 1", PLAIN);
        for (int length = 0; length < encrypted.length; length++) {
            assertThat(keys.decrypt("totp", "row 1", Arrays.copyOf(encrypted, length))).as("%d bytes", length).isEmpty();
        }
        assertThat(keys.decrypt("totp", "row 1", Arrays.copyOf(encrypted, encrypted.length + 1))).isEmpty();
    }

    @Test
    void theIdNamesTheSecretAndTellsNothingOfIt() {
        assertThat(keys.id()).isEqualTo(new SecretKeys(SECRET).id()).matches("[0-9a-f]{16}")
                .isNotEqualTo(new SecretKeys(SECRET + "x").id());
    }

    @Test
    void keysAreDerivedByHkdfWithSha256() throws Exception {
        // RFC 5869: extract with a salt of zeros, then the first block of expand.
        byte[] extracted = hmacSha256(new byte[32], SECRET.getBytes(StandardCharsets.UTF_8));
        byte[] key = hmacSha256(extracted, "latchkey/idempotency/v1\u0001".getBytes(StandardCharsets.UTF_8));
        assertThat(keys.hmac("idempotency", PLAIN)).isEqualTo(hmacSha256(key, PLAIN));
    }

    @Test
    void theHmacDiffersByPurposeMessageAndSecret() {
        byte[] hmac = keys.hmac("idempotency", PLAIN);
        assertThat(hmac).hasSize(32).isEqualTo(new SecretKeys(SECRET).hmac("idempotency", PLAIN))
                .isNotEqualTo(keys.hmac("cursor", PLAIN)).isNotEqualTo(keys.hmac("idempotency", new byte[0]))
                .isNotEqualTo(new SecretKeys(SECRET + "x").hmac("idempotency", PLAIN));
    }

    private static byte[] hmacSha256(byte[] key, byte[] message) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(message);
    }
}
