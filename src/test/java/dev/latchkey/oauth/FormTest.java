package dev.latchkey.oauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Parameters are read as RFC 6749 says, and nothing is guessed. */
class FormTest {

    private static final String TYPE = "application/x-www-form-urlencoded";

    @Test
    void valuesAreDecoded() {
        Form form = form("a=x&b=%C3%BC+y%26z&c=1=2");
        assertThat(form.get("a")).contains("x");
        assertThat(form.get("b")).contains("ü y&z");
        assertThat(form.get("c")).contains("1=2");
        assertThat(form.get("d")).isEmpty();
        assertThat(form.require("a")).isEqualTo("x");
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "&", "a", "a=", "=x", "a=&a=", "&&a=&", "b=1" })
    void whatHasNoValueIsLeftOut(String body) {
        assertThat(form(body).get("a")).isEmpty();
        assertThatThrownBy(() -> form(body).require("a")).isInstanceOfSatisfying(OAuthError.class, error -> {
            assertThat(error.error()).isEqualTo("invalid_request");
            assertThat(error.status()).isEqualTo(400);
            assertThat(error).hasMessageContaining("a: is missing");
        });
    }

    @Test
    void whatComesTwiceIsRefusedUnlessItMay() {
        Form form = form("a=1&b=2&a=1");
        assertThatThrownBy(() -> form.get("a")).isInstanceOf(OAuthError.class).hasMessageContaining("a: came more than once");
        assertThatThrownBy(() -> form.require("a")).isInstanceOf(OAuthError.class);
        assertThatThrownBy(() -> form("a=1&%61=2").get("a")).as("in another spelling").isInstanceOf(OAuthError.class);
        assertThat(form.all("a")).containsExactly("1", "1");
        assertThat(form.get("b")).contains("2");
    }

    @ParameterizedTest
    @ValueSource(strings = { "a=%", "a=%z1", "a=%1", "%zz=1" })
    void whatIsNoFormIsRefused(String body) {
        assertThatThrownBy(() -> form(body)).isInstanceOf(OAuthError.class).hasMessageContaining("well-formed");
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = { "", "application/json", "text/plain", "application/x-www-form-urlencodedx", ";" })
    void anotherTypeIsRefused(String type) {
        assertThatThrownBy(() -> Form.parse(type, "a=1".getBytes(StandardCharsets.UTF_8))).isInstanceOf(OAuthError.class)
                .hasMessageContaining(TYPE);
    }

    @ParameterizedTest
    @ValueSource(strings = { TYPE, "Application/X-WWW-Form-URLEncoded", TYPE + ";charset=UTF-8", TYPE + " ; charset=utf-8" })
    void theTypeMayBeWrittenInAnyCaseAndHaveParameters(String type) {
        assertThat(Form.parse(type, "a=1".getBytes(StandardCharsets.UTF_8)).get("a")).contains("1");
        assertThat(Form.parse(type, null).get("a")).isEmpty();
    }

    private static Form form(String body) {
        return Form.parse(TYPE, body.getBytes(StandardCharsets.UTF_8));
    }
}
