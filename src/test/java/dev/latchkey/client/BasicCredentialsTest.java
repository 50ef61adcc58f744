package dev.latchkey.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client sends to prove who it is. */
class BasicCredentialsTest {

    private static String encoded(String pair) {
        return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void theSchemeIsCaseInsensitiveAndBothPartsAreFormEncoded() {
        assertThat(BasicCredentials.parse("bAsIc " + encoded("an%2Did:a+b%3A:c")))
                .contains(new BasicCredentials("an-id", "a b::c"));
        assertThat(BasicCredentials.parse("Basic " + encoded(":"))).contains(new BasicCredentials("", ""));
    }

    @ParameterizedTest
    @NullAndEmptySource
    @ValueSource(strings = { "Basic", "Basic ", "Bearer aTpi", "Basic aTpi=x", "Basic a b", "Basic aWQ=", "Basic JTo6",
            "Basic%20aTpi" })
    void everythingElseIsRefused(String header) {
        assertThat(BasicCredentials.parse(header)).isEmpty();
    }

    @Test
    void oneThatIsTooLongIsNotEvenDecoded() {
        assertThat(BasicCredentials.parse("Basic " + encoded("i:" + "s".repeat(1_000)))).isEmpty();
    }

    @Test
    void theSecretIsNotPrinted() {
        assertThat(new BasicCredentials("id", "hidden")).hasToString("BasicCredentials[id]");
    }
}
