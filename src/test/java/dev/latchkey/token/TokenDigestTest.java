package dev.latchkey.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;

import org.junit.jupiter.api.Test;

/** A secret is stored and looked up by its SHA-256 and by nothing else. */
class TokenDigestTest {

    @Test
    void isTheSha256OfTheWholeSecret() throws Exception {
        // FIPS 180-4, the example of one block.
        assertThat(TokenDigest.of("abc").bytes()).asHexString()
                .isEqualToIgnoringCase("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        for (String secret : new String[] { "", "lkp_", "x".repeat(1000) }) {
            assertThat(TokenDigest.of(secret).bytes())
                    .isEqualTo(MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.US_ASCII)));
        }
    }

    @Test
    void digestsOfTheSameSecretAreEqualAndOfAnotherAreNot() {
        assertThat(TokenDigest.of("one")).isEqualTo(TokenDigest.of("one")).hasSameHashCodeAs(TokenDigest.of("one"))
                .isNotEqualTo(TokenDigest.of("two")).isNotEqualTo("one").isNotEqualTo(null);
        assertThat(TokenDigest.of("one").hashCode()).isNotEqualTo(TokenDigest.of("two").hashCode());
    }

    @Test
    void isAKeyOfAMap() {
        Map<TokenDigest, Integer> map = new HashMap<>();
        for (int i = 0; i < 1000; i++) {
            map.put(TokenDigest.of("secret " + i), i);
        }
        assertThat(map).hasSize(1000);
        for (int i = 0; i < 1000; i++) {
            assertThat(map).containsEntry(TokenDigest.of("secret " + i), i);
        }
    }

    @Test
    void itsBytesCannotBeChangedFromOutside() {
        TokenDigest digest = TokenDigest.of("abc");
        digest.bytes()[0] = 0;
        assertThat(digest).isEqualTo(TokenDigest.of("abc"));
        assertThat(digest.bytes()[0]).isEqualTo((byte) 0xba);
    }

    @Test
    void itsTextRevealsNothing() {
        String text = TokenDigest.of("abc").toString();
        assertThat(text).isEqualTo(TokenDigest.of("another").toString())
                .doesNotContain("abc", HexFormat.of().toHexDigits(TokenDigest.of("abc").hashCode()));
    }
}
