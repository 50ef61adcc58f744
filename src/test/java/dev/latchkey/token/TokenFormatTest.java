package dev.latchkey.token;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A token is text that can be told from any other text without asking anybody. */
class TokenFormatTest {

    private static final String ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    /** The checksums of these were computed with zlib. */
    private static final String ZEROS = "lkp_0000000000000000000000000000004BxcFT";
    private static final String IN_ORDER = "lkp_0123456789ABCDEFGHIJKLMNOPQRST1pLPNa";

    private final TokenFormat format = new TokenFormat("lkp");

    @Test
    void aTokenHas40CharactersThePrefixAndTheAlphabet() {
        RandomGenerator random = new SecureRandom();
        for (int i = 0; i < 1000; i++) {
            assertThat(format.generate(random)).hasSize(40).matches("lkp_[0-9A-Za-z]{36}");
        }
    }

    @Test
    void everyGeneratedTokenIsWellFormedAndNoTwoAreTheSame() {
        RandomGenerator random = new SecureRandom();
        Set<String> tokens = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            String token = format.generate(random);
            assertThat(format.isWellFormed(token)).as(token).isTrue();
            tokens.add(token);
        }
        assertThat(tokens).hasSize(1000);
    }

    @Test
    void theChecksumIsTheCrc32OfEverythingBeforeItInBase62() {
        assertThat(crc32("123456789")).as("the check value of CRC-32/ISO-HDLC").isEqualTo(0xcbf43926L);
        RandomGenerator random = new Random(1);
        for (int i = 0; i < 1000; i++) {
            String token = format.generate(random);
            assertThat(token).isEqualTo(withChecksum(token.substring(0, 34)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = { ZEROS, IN_ORDER })
    void tokensThatZlibAgreesWithAreWellFormed(String token) {
        assertThat(format.isWellFormed(token)).isTrue();
        assertThat(token).isEqualTo(withChecksum(token.substring(0, 34)));
    }

    @Test
    void aChecksumThatIsSmallIsPaddedWithZeros() {
        RandomGenerator random = new Random(2);
        String padded = null;
        for (int i = 0; i < 10_000 && padded == null; i++) {
            String token = format.generate(random);
            padded = crc32(token.substring(0, 34)) < 916_132_832L /* 62 to the 5th */ ? token : null;
        }
        assertThat(padded).isNotNull().hasSize(40);
        assertThat(padded.charAt(34)).isEqualTo('0');
        assertThat(format.isWellFormed(padded)).isTrue();
    }

    @Test
    void changingAnySingleCharacterMakesItNotWellFormed() {
        String token = format.generate(new Random(3));
        for (int i = 0; i < token.length(); i++) {
            for (char other : (ALPHABET + "_").toCharArray()) {
                if (other != token.charAt(i)) {
                    String changed = token.substring(0, i) + other + token.substring(i + 1);
                    assertThat(format.isWellFormed(changed)).as(changed).isFalse();
                }
            }
        }
    }

    @Test
    void swappingTwoNeighboursMakesItNotWellFormed() {
        for (int i = 4; i < 39; i++) {
            String swapped = IN_ORDER.substring(0, i) + IN_ORDER.charAt(i + 1) + IN_ORDER.charAt(i) + IN_ORDER.substring(i + 2);
            if (!swapped.equals(IN_ORDER)) {
                assertThat(format.isWellFormed(swapped)).as(swapped).isFalse();
            }
        }
    }

    @Test
    void anotherPrefixIsRefusedEvenWithItsOwnRightChecksum() {
        assertThat(format.isWellFormed(withChecksum("lkq_" + "0".repeat(30)))).isFalse();
        assertThat(format.isWellFormed(withChecksum("LKP_" + "0".repeat(30)))).isFalse();
        assertThat(format.isWellFormed(withChecksum("lkp-" + "0".repeat(30)))).isFalse();
        assertThat(format.isWellFormed(withChecksum("lkp0" + "0".repeat(30)))).isFalse();
    }

    @Test
    void anotherLengthIsRefusedEvenWithItsOwnRightChecksum() {
        for (int length : new int[] { 0, 1, 29, 31, 60 }) {
            assertThat(format.isWellFormed(withChecksum("lkp_" + "a".repeat(length)))).as("%d", length).isFalse();
        }
        assertThat(format.isWellFormed("")).isFalse();
        assertThat(format.isWellFormed("lkp_")).isFalse();
        assertThat(format.isWellFormed(ZEROS + "0")).isFalse();
        assertThat(format.isWellFormed(" " + ZEROS)).isFalse();
        assertThat(format.isWellFormed(ZEROS + "\n")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = { "-", "_", "/", ":", "@", "[", "`", "{", " ", "\u0000", "?", "é", "ſ", "０", "\uD800", "%" })
    void aCharacterOutsideTheAlphabetIsRefusedEvenWithTheRightChecksum(String foreign) {
        assertThat(format.isWellFormed(withChecksum("lkp_" + "0".repeat(29) + foreign))).isFalse();
        assertThat(format.isWellFormed(withChecksum("lkp_" + foreign + "0".repeat(29)))).isFalse();
        assertThat(format.isWellFormed(ZEROS.substring(0, 39) + foreign)).isFalse();
    }

    @Test
    void thePrefixIsConfigurable() {
        TokenFormat acme = new TokenFormat("acme2");
        String token = acme.generate(new Random(4));
        assertThat(acme.prefix()).isEqualTo("acme2_");
        assertThat(token).hasSize(42).startsWith("acme2_");
        assertThat(acme.isWellFormed(token)).isTrue();
        assertThat(acme.isWellFormed("acme2_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz3Bf475")).isTrue();
        assertThat(format.isWellFormed(token)).isFalse();
        assertThat(acme.isWellFormed(ZEROS)).isFalse();
    }

    @Test
    void whatBeginsWithThePrefixClaimsToBeAToken() {
        assertThat(format.hasPrefix("lkp_nonsense")).isTrue();
        assertThat(format.hasPrefix("lkp")).isFalse();
        assertThat(format.hasPrefix("LKP_nonsense")).isFalse();
        assertThat(format.hasPrefix("eyJhbGciOiJIUzI1NiJ9.e30.x")).isFalse();
    }

    @Test
    void everyCharacterIsEquallyLikely() {
        int tokens = 10_000;
        RandomGenerator random = new Random(20260101);
        long[] counts = new long[128];
        for (int i = 0; i < tokens; i++) {
            format.generate(random).substring(4, 34).chars().forEach(c -> counts[c]++);
        }
        double expected = tokens * 30 / 62.0;
        double chiSquare = ALPHABET.chars().mapToDouble(c -> Math.pow(counts[c] - expected, 2) / expected).sum();
        // 61 degrees of freedom: beyond 112 once in 10,000 times. Any modulo bias is beyond 1000.
        assertThat(chiSquare).isLessThan(112);
    }

    @Test
    void sixBitsThatAreNoCharacterAreDrawnAgain() {
        RandomGenerator mostlyUseless = new RandomGenerator() {
            private int drawn;

            @Override
            public long nextLong() {
                throw new UnsupportedOperationException();
            }

            @Override
            public void nextBytes(byte[] bytes) {
                for (int i = 0; i < bytes.length; i++) {
                    bytes[i] = (byte) new int[] { 62, 63, 0 }[drawn++ % 3];
                }
            }
        };
        assertThat(format.generate(mostlyUseless)).isEqualTo(ZEROS);
    }

    @Test
    void theHintShowsThePrefixAndFourCharacters() {
        assertThat(format.hint(IN_ORDER)).isEqualTo("lkp_0123…");
        assertThat(new TokenFormat("acme2").hint("acme2_zzzzzzzzzzzzzzzzzzzzzzzzzzzzzz3Bf475")).isEqualTo("acme2_zzzz…");
    }

    /** The checksum once more, bit by bit from its definition (IEEE 802.3: reflected polynomial EDB88320). */
    private static long crc32(String text) {
        int crc = -1;
        for (byte b : text.getBytes(StandardCharsets.US_ASCII)) {
            crc ^= b & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ 0xEDB88320;
            }
        }
        return ~crc & 0xffffffffL;
    }

    private static String withChecksum(String body) {
        long rest = crc32(body);
        StringBuilder digits = new StringBuilder();
        while (digits.length() < 6) {
            digits.insert(0, ALPHABET.charAt((int) (rest % 62)));
            rest /= 62;
        }
        return body + digits;
    }

    @Nested
    class Foreign {

        private final TokenFormat both = new TokenFormat("lkp",
                List.of(ForeignFormat.of("legacy", "old_", "hex", 40).orElseThrow()));

        @Test
        void isWellFormedIfItIsExactlyThat() {
            String token = "old_" + "0123456789abcdef".repeat(3).substring(0, 40);
            assertThat(both.isWellFormed(token)).isTrue();
            assertThat(both.hasPrefix(token)).isTrue();
            for (String bad : new String[] { token + "0", token.substring(0, 43), token.replace('a', 'g'),
                    token.replace('a', 'A'),
                    token.toUpperCase(), " " + token, token.replace('0', '\u0660'), "old_", "" }) {
                assertThat(both.isWellFormed(bad)).as(bad).isFalse();
                assertThat(both.hasPrefix(bad)).as(bad).isFalse();
            }
            assertThat(format.isWellFormed(token)).as("not declared").isFalse();
        }

        @Test
        void doesNotLoosenOurOwn() {
            assertThat(both.isWellFormed(ZEROS)).isTrue();
            assertThat(both.isWellFormed(ZEROS + "0")).isFalse();
            assertThat(both.hasPrefix("lkp_x")).isTrue();
        }

        @ParameterizedTest
        @CsvSource({ "'', hex, 40", "old_, hex, 31", "old_, hex, 256", "old_, abc, 40", "old_, aaaaaaaaaaaaaaaa, 40",
                "o d, hex, 40",
                "old_, 'abcdefghijklmnop ', 40", "ölt, hex, 40", "123456789012345678901234567890123, hex, 40" })
        void isRefusedIfItCouldBeGuessedOrMistaken(String prefix, String alphabet, int length) {
            assertThat(ForeignFormat.of("legacy", prefix, alphabet, length)).isEmpty();
        }

        @Test
        void knowsAlphabetsByTheirNamesAndByTheirCharacters() {
            assertThat(ForeignFormat.of("a", "x", "base62", 32).orElseThrow().isWellFormed("x" + "aZ09".repeat(8))).isTrue();
            assertThat(ForeignFormat.of("a", "x", "base62", 32).orElseThrow().isWellFormed("x" + "aZ0-".repeat(8))).isFalse();
            assertThat(ForeignFormat.of("a", "x", "base64url", 32).orElseThrow().isWellFormed("x" + "aZ0-".repeat(8))).isTrue();
            assertThat(ForeignFormat.of("a", "x", "ABCDEFGHIJKLMNOP", 32).orElseThrow().isWellFormed("x" + "ABOP".repeat(8)))
                    .isTrue();
        }
    }

    /** What docs/leaks.md gives to secret scanners. */
    @Test
    void theDocumentedRulesFindTokensAndNothingLonger() throws IOException {
        String documented = Files.readString(Path.of("docs/leaks.md"));
        Matcher gitleaks = Pattern.compile("regex = '''(.*)'''").matcher(documented);
        assertThat(gitleaks.find()).isTrue();
        Pattern rule = Pattern.compile(gitleaks.group(1));
        assertThat(documented).contains("Secret format | `lkp_[0-9A-Za-z]{36}`");
        for (int i = 0; i < 100; i++) {
            String token = format.generate(new SecureRandom());
            assertThat(token).matches("lkp_[0-9A-Za-z]{36}");
            Matcher found = rule.matcher("LATCHKEY_TOKEN=\"" + token + "\"");
            assertThat(found.find()).isTrue();
            assertThat(found.group(1)).isEqualTo(token);
            assertThat(rule.matcher(token + "0").find()).isFalse();
        }
    }
}
