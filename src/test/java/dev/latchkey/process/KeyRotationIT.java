package dev.latchkey.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import org.jose4j.jwt.consumer.InvalidJwtException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.LatchkeyProcess.Answer;
import dev.latchkey.testing.RunningService;
import dev.latchkey.testing.SignedToken;
import dev.latchkey.testing.TestDatabase;
import io.vertx.core.json.JsonObject;

/** Servers that run go over to a new key without anybody having to do anything, and whatever they signed verifies. */
class KeyRotationIT {

    private static final String AUDIENCE = "api";
    private static final String ISSUER = "http://localhost:8080";
    private static final String KEYS = "/.well-known/jwks.json";

    @TempDir
    Path directory;
    private final TestDatabase database = TestDatabase.create();

    @Test
    void everyServerPublishesANewKeyBeforeAnySignsWithItAndTheOldOneAfterwards() throws InvalidJwtException {
        try (LatchkeyProcess one = LatchkeyProcess.start(directory, environment(database.port())).ready();
                LatchkeyProcess two = LatchkeyProcess.start(directory, environment(database.port())).ready()) {
            String token = one.createToken(
                    one.signIn("default", RunningService.ADMIN_EMAIL, RunningService.ADMIN_PASSWORD), "exchanged");
            String before = exchange(one, token);
            String oldKey = SignedToken.keyId(before);
            assertThat(published(one)).isEqualTo(published(two)).hasSize(2).contains(oldKey);

            LatchkeyProcess rotation = LatchkeyProcess.start(directory, environment(database.port()), "keys", "rotate");
            assertThat(rotation.exitCode()).as(rotation.output()).isZero();
            long rotated = System.nanoTime();
            String newKey = database.<Object> value(
                    "SELECT id FROM signing_key WHERE purpose = 'exchange' AND retired_at IS NULL").toString();
            assertThat(rotation.output()).contains(newKey).contains(oldKey);

            Duration[] firstSigned = new Duration[1];
            await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(100)).until(() -> {
                boolean bothSign = true;
                for (LatchkeyProcess signer : List.of(one, two)) {
                    String jwt = exchange(signer, token);
                    for (LatchkeyProcess publisher : List.of(one, two)) {
                        SignedToken.verify(jwt, publisher.get(KEYS).body(), "at+jwt", ISSUER, AUDIENCE);
                    }
                    boolean signs = SignedToken.keyId(jwt).equals(newKey);
                    if (signs && firstSigned[0] == null) {
                        firstSigned[0] = Duration.ofNanos(System.nanoTime() - rotated);
                    }
                    bothSign &= signs;
                }
                return bothSign;
            });
            // The command's process ends a moment after its commit.
            assertThat(firstSigned[0]).isBetween(Duration.ofSeconds(15), Duration.ofSeconds(32));
            for (LatchkeyProcess server : List.of(one, two)) {
                assertThat(published(server)).as("two purposes, the new and the old of each").hasSize(4).contains(oldKey,
                        newKey);
                SignedToken.verify(before, server.get(KEYS).body(), "at+jwt", ISSUER, AUDIENCE);
            }

            database.execute("UPDATE signing_key SET retired_at = now() - interval '25 hours' WHERE retired_at IS NOT NULL");
            await().atMost(Duration.ofSeconds(15))
                    .until(() -> published(one).size() == 2 && !published(one).contains(oldKey));
            assertThatThrownBy(() -> SignedToken.verify(before, one.get(KEYS).body(), "at+jwt", ISSUER, AUDIENCE))
                    .isInstanceOf(InvalidJwtException.class);
        }
    }

    private static String exchange(LatchkeyProcess service, String token) {
        Answer answer = service.form("/oauth2/token", null, exchangeForm(token));
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json().getString("access_token");
    }

    private static String exchangeForm(String token) {
        return "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token=" + token
                + "&subject_token_type=urn:ietf:params:oauth:token-type:access_token&audience=" + AUDIENCE;
    }

    private static Set<String> published(LatchkeyProcess service) {
        Answer answer = service.get(KEYS);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json().getJsonArray("keys").stream().map(key -> ((JsonObject) key).getString("kid"))
                .collect(Collectors.toSet());
    }

    private Map<String, String> environment(int port) {
        Map<String, String> environment = new HashMap<>(database.environment(port));
        environment.put("LATCHKEY_OAUTH_AUDIENCES", AUDIENCE);
        environment.put("LATCHKEY_DATABASE_TIMEOUT", "2s");
        return environment;
    }
}
