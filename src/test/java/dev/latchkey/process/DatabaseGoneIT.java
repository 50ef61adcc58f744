package dev.latchkey.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.latchkey.testing.DatabaseProxy;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.LatchkeyProcess.Answer;
import dev.latchkey.testing.TestDatabase;
import io.vertx.core.json.JsonObject;

/** The database goes while the service runs: 503 with Retry-After, and recovery by itself. */
class DatabaseGoneIT {

    @TempDir
    Path directory;

    @Test
    void whatNeedsTheDatabaseAnswers503AndRecoversByItself() {
        TestDatabase database = TestDatabase.create();
        try (DatabaseProxy proxy = new DatabaseProxy(database.port())) {
            String url = database.configuration().get("latchkey.database.url").replace(":" + database.port(),
                    ":" + proxy.port()) + "?sslmode=disable";
            Map<String, String> environment = Map.of("LATCHKEY_DATABASE_URL", url, "LATCHKEY_DATABASE_USER", "postgres",
                    "LATCHKEY_DATABASE_PASSWORD", "none", "LATCHKEY_SECRET", "0123456789abcdef0123456789abcdef",
                    "LATCHKEY_ADMIN_EMAIL", "ada@example.com", "LATCHKEY_ADMIN_PASSWORD", "a password for tests",
                    "LATCHKEY_DATABASE_TIMEOUT", "2s");
            try (LatchkeyProcess service = LatchkeyProcess.start(directory, environment).ready()) {
                String session = service.signIn("default", "ada@example.com", "a password for tests");
                String token = service.createToken(session, "a token");

                proxy.cut();
                for (Answer answer : List.of(service.get("/v3/me", token), service.get("/v3/personal-access-tokens", session),
                        service.post("/v3/accounts/login", null,
                                new JsonObject().put("email", "ada@example.com").put("password", "a password for tests")))) {
                    assertThat(answer.status()).as(answer.body()).isEqualTo(503);
                    assertThat(answer.headers()).containsKey("retry-after");
                    assertThat(answer.json().getString("code")).isEqualTo("UNAVAILABLE");
                }
                String wrongChecksum = token.substring(0, 39) + (token.endsWith("0") ? "1" : "0");
                for (String garbage : List.of("lkp_nonsense", wrongChecksum)) {
                    assertThat(service.get("/v3/me", garbage).status()).as("garbage needs no database").isEqualTo(401);
                }
                assertThat(service.get("/v3/scopes").status()).isEqualTo(200);
                assertThat(service.management("/q/health/ready")).isEqualTo(503);
                assertThat(service.management("/q/health/live")).isEqualTo(200);

                proxy.mend();
                Awaitility.await().atMost(Duration.ofSeconds(15)).until(() -> service.get("/v3/me", token).status() == 200);
                assertThat(service.get("/v3/personal-access-tokens", session).status()).isEqualTo(200);
                assertThat(service.management("/q/health/ready")).isEqualTo(200);
                assertThat(service.output()).as("one line each").doesNotContain("\tat ");
            }
        }
    }
}
