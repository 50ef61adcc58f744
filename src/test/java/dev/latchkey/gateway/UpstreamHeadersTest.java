package dev.latchkey.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No spelling of a header passes for one of the gateway's, or changes what was judged. */
class UpstreamHeadersTest {

    @ParameterizedTest
    @ValueSource(strings = { "X-Latchkey-Subject", "x-latchkey-subject", "X_LATCHKEY_SUBJECT", "x-Latchkey_Scopes",
            "X-Latchkey-Other", "X.Latchkey.Subject", "x-latchkey~scopes" })
    void whatAnApiMayTakeForOursIsOurs(String name) {
        assertThat(UpstreamHeaders.isOurs(name)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = { "X-Latchkey-", "X-Latchkeys", "Latchkey-Subject", "X-Latch", "" })
    void whatItCannotIsNot(String name) {
        assertThat(UpstreamHeaders.isOurs(name)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = { "X-HTTP-Method-Override", "x_http_method_override", "X-Http-Method", "x-method-override",
            "X-Original-URL",
            "x-original_url", "X-Rewrite-URL" })
    void overridesAreFoundInAnySpelling(String name) {
        Map<String, String> headers = Map.of(name, "DELETE", "Accept", "*/*");
        assertThat(UpstreamHeaders.findMisleading(headers.entrySet(), "").overrides()).containsExactly(name);
        assertThat(UpstreamHeaders.findMisleading(headers.entrySet(), name).overrides()).isEmpty();
    }

    @Test
    void theExactNamesAreNoImitationsBecauseOursReplaceThem() {
        assertThat(UpstreamHeaders.findMisleading(Map.of("x-latchkey-subject", "me").entrySet(), "").imitations()).isEmpty();
        assertThat(UpstreamHeaders.findMisleading(Map.of("x-latchkey_subject", "me").entrySet(), "").imitations())
                .isEqualTo(List.of("x-latchkey_subject"));
    }
}
