package dev.latchkey.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.latchkey.testing.DatabaseProxy;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.LatchkeyProcess.Answer;
import dev.latchkey.testing.RunningService;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.token.TokenFormat;
import io.vertx.core.json.JsonObject;

/** OAuth's endpoints without a database, and under a flood of invented tokens. */
class OAuthFaultsIT {

    private static final String AUDIENCE = "api";

    @TempDir
    Path directory;
    private final TestDatabase database = TestDatabase.create();

    @Test
    void withoutTheDatabaseTheKeysStayAndWhatCannotBeCheckedIsRefused() {
        try (DatabaseProxy proxy = new DatabaseProxy(database.port());
                LatchkeyProcess service = LatchkeyProcess.start(directory, environment(proxy.port())).ready()) {
            String session = service.signIn("default", RunningService.ADMIN_EMAIL, RunningService.ADMIN_PASSWORD);
            String token = service.createToken(session, "a token");
            String basic = LatchkeyProcess.introspectionClient(directory, environment(database.port()));
            assertThat(service.form("/oauth2/introspect", basic, "token=" + token).json().getBoolean("active")).isTrue();
            Set<String> keys = published(service);

            proxy.cut();
            await().atMost(Duration.ofSeconds(5))
                    .until(() -> service.form("/oauth2/introspect", "Bearer " + token, "token=" + token).status() == 503);
            for (Answer answer : List.of(service.form("/oauth2/introspect", "Bearer " + token, "token=" + token),
                    service.form("/oauth2/introspect", basic, "token=" + token),
                    service.form("/oauth2/revoke", null, "token=" + token),
                    service.form("/oauth2/token", null, exchangeForm(token)))) {
                assertThat(answer.status()).as(answer.body()).isEqualTo(503);
                assertThat(answer.headers()).containsKey("retry-after");
                assertThat(answer.json().fieldNames()).containsExactlyInAnyOrder("error", "error_description");
                assertThat(answer.json().getString("error")).isEqualTo("temporarily_unavailable");
            }
            assertThat(service.form("/oauth2/revoke", null, "token=nonsense").status()).as("needs no database").isEqualTo(200);
            await().atMost(Duration.ofSeconds(20)).until(() -> service.output().contains("signing keys cannot be read"));
            assertThat(published(service)).isEqualTo(keys);

            proxy.mend();
            await().atMost(Duration.ofSeconds(15)).until(
                    () -> service.form("/oauth2/introspect", basic, "token=" + token).json().getBoolean("active", false));
            assertThat(service.form("/oauth2/token", null, exchangeForm(token)).status()).isEqualTo(200);
            assertThat(service.output()).as("one line each").doesNotContain("\tat ");
        }
    }

    @Test
    void inventedTokensAreThrottledForWhoeverAsksAndForNobodyElse() {
        Map<String, String> environment = environment(database.port());
        environment.put("LATCHKEY_VERIFICATION_UNKNOWN_PER_MINUTE", "5");
        try (LatchkeyProcess service = LatchkeyProcess.start(directory, environment).ready()) {
            String token = service.createToken(
                    service.signIn("default", RunningService.ADMIN_EMAIL, RunningService.ADMIN_PASSWORD), "good");
            String basic = LatchkeyProcess.introspectionClient(directory, environment);
            for (int i = 0; i < 5; i++) {
                assertThat(introspectInvented(service, basic, "192.0.2.1").status()).isEqualTo(200);
            }
            Answer refused = introspectInvented(service, basic, "192.0.2.1");
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.headers()).containsKey("retry-after");
            assertThat(refused.json().getString("error")).isEqualTo("temporarily_unavailable");
            assertThat(introspectInvented(service, basic, "192.0.2.2").status()).as("another address").isEqualTo(200);

            for (int i = 0; i < 5; i++) {
                assertThat(service.form("/oauth2/revoke", null, "token=" + invented()).status())
                        .as("what is asked about elsewhere is counted apart").isEqualTo(200);
            }
            assertThat(service.form("/oauth2/revoke", null, "token=" + invented()).status()).isEqualTo(429);
            assertThat(service.form("/oauth2/token", null, exchangeForm(invented())).status()).isEqualTo(429);
            assertThat(service.form("/oauth2/revoke", null, "token=lkp_nonsense").status()).as("costs nothing").isEqualTo(200);
            assertThat(service.judge(invented())).isEqualTo(429);
            assertThat(service.form("/oauth2/introspect", basic, "token=" + token).status()).isEqualTo(200);
        }
    }

    @Test
    void wrongCredentialsAreThrottledAndAClientThatRunsIsNotAffected() {
        Map<String, String> environment = environment(database.port());
        environment.put("LATCHKEY_VERIFICATION_UNKNOWN_PER_MINUTE", "5");
        try (LatchkeyProcess service = LatchkeyProcess.start(directory, environment).ready()) {
            String running = LatchkeyProcess.introspectionClient(directory, environment);
            String late = LatchkeyProcess.introspectionClient(directory, environment);
            assertThat(service.form("/oauth2/introspect", running, "token=x").status()).isEqualTo(200);
            for (int i = 0; i < 5; i++) {
                assertThat(service.form("/oauth2/introspect", wrong(running), "token=x").status()).isEqualTo(401);
            }
            for (String refused : List.of(wrong(running), late)) {
                Answer answer = service.form("/oauth2/introspect", refused, "token=x");
                assertThat(answer.status()).isEqualTo(429);
                assertThat(answer.headers()).containsKey("retry-after");
                assertThat(answer.json().getString("error")).isEqualTo("temporarily_unavailable");
            }
            assertThat(service.form("/oauth2/introspect", running, "token=x").status()).isEqualTo(200);
            assertThat(service.form("/oauth2/revoke", null, "token=" + invented()).status()).as("counted apart").isEqualTo(200);
        }
    }

    /** The same client with another secret. */
    private static String wrong(String basic) {
        byte[] pair = Base64.getDecoder().decode(basic.substring("Basic ".length()));
        pair[pair.length - 1] ^= 1;
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    private static Answer introspectInvented(LatchkeyProcess service, String basic, String address) {
        return service.form("/oauth2/introspect", basic, "token=" + invented() + "&client_ip=" + address);
    }

    private static String invented() {
        return new TokenFormat("lkp").generate(RandomGenerator.getDefault());
    }

    private static String exchangeForm(String token) {
        return "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token=" + token
                + "&subject_token_type=urn:ietf:params:oauth:token-type:access_token&audience=" + AUDIENCE;
    }

    private static Set<String> published(LatchkeyProcess service) {
        Answer answer = service.get("/.well-known/jwks.json");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.json().getJsonArray("keys").stream()
                .map(key -> ((JsonObject) key).getString("kid"))
                .collect(Collectors.toSet());
    }

    private Map<String, String> environment(int port) {
        Map<String, String> environment = new HashMap<>(database.environment(port));
        environment.put("LATCHKEY_OAUTH_AUDIENCES", AUDIENCE);
        environment.put("LATCHKEY_DATABASE_TIMEOUT", "2s");
        return environment;
    }
}
