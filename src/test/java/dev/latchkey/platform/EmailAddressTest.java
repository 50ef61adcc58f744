package dev.latchkey.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An e-mail address is what a browser's form accepts as one. */
class EmailAddressTest {

    private static final String LABEL = "d".repeat(63);

    @ParameterizedTest
    @ValueSource(strings = { "a@b", "admin@localhost", "ada@example.com", "Ada.Lovelace+tokens@mail.example.co.uk",
            "!#$%&'*+/=?^_`{|}~-.@example.com", "..@example.com", "a@1.2", "a@x-y.example", "a@xn--bcher-kva.example" })
    void isAccepted(String address) {
        assertThat(EmailAddress.isValid(address)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "@", "a@", "@b", "ab", "a@b@c", "a b@c", "a@b c", " a@b", "a@b ", "a@b\n", "a@-b", "a@b-",
            "a@.b",
            "a@b.", "a@b..c", "a@b_c", "ä@b", "a@bücher.example", "a@[127.0.0.1]", "\"a b\"@c", "a,b@c", "a(b)@c", "<a@b>",
            "a@b\u0000", "a\r\n@b" })
    void isRefused(String address) {
        assertThat(EmailAddress.isValid(address)).isFalse();
    }

    @Test
    void hasAtMost64CharactersBeforeTheAtAnd63InEachPartAfterIt() {
        assertThat(EmailAddress.isValid("a".repeat(64) + "@b")).isTrue();
        assertThat(EmailAddress.isValid("a".repeat(65) + "@b")).isFalse();
        assertThat(EmailAddress.isValid("a@" + LABEL)).isTrue();
        assertThat(EmailAddress.isValid("a@" + LABEL + "d")).isFalse();
    }

    @Test
    void hasAtMost254CharactersInAll() {
        String domain = LABEL + "." + LABEL + "." + LABEL;
        assertThat(EmailAddress.isValid("a".repeat(62) + "@" + domain)).isTrue();
        assertThat(EmailAddress.isValid("a".repeat(63) + "@" + domain)).isFalse();
    }

    @Test
    void aVeryLongTextIsRefusedAtOnce() {
        assertThat(EmailAddress.isValid("a@" + "a.".repeat(500_000))).isFalse();
    }

    @Test
    void isComparedWithoutCaseAndSurroundingSpace() {
        assertThat(EmailAddress.normalise(" Ada@Example.COM\t")).isEqualTo("ada@example.com");
    }

    @Test
    void isComparedTheSameInEveryLanguage() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("tr"));
        try {
            assertThat(EmailAddress.normalise("INFO@EXAMPLE.COM")).isEqualTo("info@example.com");
        } finally {
            Locale.setDefault(before);
        }
    }
}
