package dev.latchkey.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever an API behind may take for a name is taken for it here. */
class HeaderNamesTest {

    private static final HeaderNames NAMES = new HeaderNames(List.of("X-Real-IP", "TE", "X-Http2", "Keep-Alive"));

    @ParameterizedTest
    @ValueSource(strings = { "X-Real-IP", "x-real-ip", "X_REAL_IP", "x.real~ip", "te", "Te", "X-HTTP2", "\u212aeep-alive" })
    void spellingsOfANameAreThatName(String name) {
        assertThat(NAMES.contains(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "T", "TEE", "X-Real-IP2", "XX-Real-IP", "X-Http3", "Keep-Alives",
            "a-name-that-is-longer-than-all" })
    void otherNamesAreNot(String name) {
        assertThat(NAMES.contains(name)).isFalse();
    }

    @Test
    void everySpellingIsFound() {
        Random random = new Random(5);
        String signs = "-_.~!#$%&'*+^`|";
        for (int n = 0; n < 10_000; n++) {
            StringBuilder spelt = new StringBuilder();
            for (char c : "x-real-ip".toCharArray()) {
                spelt.append(c == '-' ? signs.charAt(random.nextInt(signs.length()))
                        : random.nextBoolean() ? c : Character.toUpperCase(c));
            }
            assertThat(NAMES.contains(spelt.toString())).as(spelt.toString()).isTrue();
        }
    }
}
