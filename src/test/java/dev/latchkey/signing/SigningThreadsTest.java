package dev.latchkey.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Test;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.LatchkeyConfig;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.json.JsonObject;

/** Signing never holds up who asks for it, and refuses when there is too much of it. */
class SigningThreadsTest {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final KeyPair PAIR = Es256.generate();

    @Test
    void eachPurposeHasItsOwnIssuerAndType() {
        SigningThreads signer = new SigningThreads(keys(new CountDownLatch(0)), config("server"));
        String exchanged = signer.sign(KeyPurpose.EXCHANGE, Map.of("sub", "me", "iat", 12L)).await().atMost(TIMEOUT);
        assertThat(part(exchanged, 0)).isEqualTo(new JsonObject().put("typ", "at+jwt").put("alg", "ES256").put("kid", "key-1"));
        assertThat(part(exchanged, 1))
                .isEqualTo(new JsonObject().put("iss", "https://tokens.example").put("sub", "me").put("iat", 12));
        String identity = signer.sign(KeyPurpose.UPSTREAM, Map.of("iss", "https://other.example")).await().atMost(TIMEOUT);
        assertThat(part(identity, 0).getString("typ")).isEqualTo("latchkey-identity+jwt");
        assertThat(part(identity, 1)).as("nobody chooses their issuer")
                .isEqualTo(new JsonObject().put("iss", "https://tokens.example/upstream"));
    }

    @Test
    void tooMuchAtOnceIsRefusedAtOnceAndTheRestIsSigned() {
        CountDownLatch open = new CountDownLatch(1);
        SigningThreads signer = new SigningThreads(keys(open), config("server"));
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        List<CompletableFuture<String>> signed = new ArrayList<>();
        for (int i = 0; i < threads + SigningThreads.MAX_WAITING; i++) {
            signed.add(signer.sign(KeyPurpose.UPSTREAM, Map.of()).subscribeAsCompletionStage());
        }
        assertThatThrownBy(() -> signer.sign(KeyPurpose.UPSTREAM, Map.of()).await().atMost(TIMEOUT))
                .isInstanceOfSatisfying(ApiException.class, refused -> {
                    assertThat(refused.status()).isEqualTo(503);
                    assertThat(refused.retryAfterSeconds()).hasValue(1);
                });
        assertThat(signed).noneMatch(CompletableFuture::isDone);
        open.countDown();
        signed.forEach(each -> assertThat(each).succeedsWithin(TIMEOUT));
    }

    @Test
    void aSidecarHasNoKeysAndRefuses() {
        SigningKeys none = new SigningKeys(null, null, config("sidecar"));
        none.load(null);
        none.reload().await().atMost(TIMEOUT);
        assertThat(none.jwks()).isEqualTo(new JsonObject("{\"keys\":[]}"));
        SigningThreads signer = new SigningThreads(none, config("sidecar"));
        assertThatThrownBy(() -> signer.sign(KeyPurpose.UPSTREAM, Map.of()).await().atMost(TIMEOUT))
                .isInstanceOfSatisfying(ApiException.class, refused -> assertThat(refused.status()).isEqualTo(503));
    }

    /** Keys that can be had once this is open. */
    private static SigningKeys keys(CountDownLatch open) {
        return new SigningKeys(null, null, config("server")) {
            @Override
            Optional<KeyRing.Key> signing(KeyPurpose purpose) {
                try {
                    open.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return Optional.of(new KeyRing.Key("key-1", purpose, (ECPublicKey) PAIR.getPublic(),
                        Optional.of(PAIR.getPrivate()), 0));
            }
        };
    }

    private static JsonObject part(String jwt, int index) {
        return new JsonObject(new String(Base64.getUrlDecoder().decode(jwt.split("\\.")[index]), StandardCharsets.UTF_8));
    }

    private static LatchkeyConfig config(String role) {
        return new SmallRyeConfigBuilder().withMapping(LatchkeyConfig.class).addDiscoveredConverters()
                .withSources(new PropertiesConfigSource(
                        Map.of("latchkey.role", role, "latchkey.public-url", "https://tokens.example"), "test", 100))
                .build().getConfigMapping(LatchkeyConfig.class);
    }
}
