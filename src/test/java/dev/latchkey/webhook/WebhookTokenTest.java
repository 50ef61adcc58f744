package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.UUID;

import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.KeyParameter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.latchkey.platform.SecretKeys;

/** What signs is kept secret, and signs as receivers expect; the expected values come from another implementation of HMAC. */
class WebhookTokenTest {

    private static final UUID ID = UUID.fromString("01a21a7e-0cc3-7359-a145-ac47e1c9f2b9");
    private static final String BODY = "{\"event\":\"personal-access-token.created\",\"data\":{\"name\":\"☂\"}}";

    @Test
    void aPlainTokenSignsWithItsText() {
        String text = "a-token-of-16-or-more";
        assertThat(WebhookToken.check(text).sign(ID, 1_800_000_000L, BODY)).containsExactly(
                hmac(text.getBytes(StandardCharsets.UTF_8), BODY),
                "v1," + hmac(text.getBytes(StandardCharsets.UTF_8), ID + ".1800000000." + BODY));
    }

    @Test
    void aTokenOfStandardWebhooksSignsWithItsBytes() {
        byte[] key = Base64.getDecoder().decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        String text = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        assertThat(WebhookToken.check(text).sign(ID, 1_614_265_330L, BODY)).containsExactly(
                "v1," + hmac(key, ID + ".1614265330." + BODY) + " " + hmac(text.getBytes(StandardCharsets.UTF_8), BODY));
    }

    private static String hmac(byte[] key, String message) {
        HMac mac = new HMac(new SHA256Digest());
        mac.init(new KeyParameter(key));
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        mac.update(bytes, 0, bytes.length);
        byte[] out = new byte[32];
        mac.doFinal(out, 0);
        return Base64.getEncoder().encodeToString(out);
    }

    @Test
    void oneThatIsMadeIsAllowedAndAnotherEachTime() {
        WebhookToken made = WebhookToken.generate(new SecureRandom());
        assertThatCode(() -> WebhookToken.check(made.text())).doesNotThrowAnyException();
        assertThat(made.text()).matches("whsec_[A-Za-z0-9+/]{43}=").isNotEqualTo(
                WebhookToken.generate(new SecureRandom()).text());
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "fifteen-letters", "with space in the middle", "ünicode-is-not-allowed", "whsec_",
            "whsec_dG9vIHNob3J0IQ==", "whsec_!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!" })
    void othersAreRefused(String text) {
        assertThatThrownBy(() -> WebhookToken.check(text)).hasMessageStartingWith("token: ");
    }

    @Test
    void itIsStoredEncryptedForItsWebhookAlone() {
        SecretKeys secret = new SecretKeys("a secret for tests alone, of more than 32 characters");
        WebhookToken token = WebhookToken.check("a-token-of-16-or-more");
        byte[] encrypted = token.encrypt(secret, ID);
        assertThat(new String(encrypted, StandardCharsets.ISO_8859_1)).doesNotContain(token.text());
        assertThat(WebhookToken.decrypt(secret, ID, encrypted)).contains(token);
        assertThat(WebhookToken.decrypt(secret, UUID.randomUUID(), encrypted)).isEmpty();
        assertThat(WebhookToken.decrypt(new SecretKeys("another secret, also of more than 32 characters"), ID, encrypted))
                .isEmpty();
        assertThat(token).asString().doesNotContain(token.text());
    }
}
