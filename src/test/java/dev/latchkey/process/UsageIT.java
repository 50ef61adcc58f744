package dev.latchkey.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.TestDatabase;
import io.vertx.core.json.JsonObject;

/** When, from where and how often a token is used becomes known, and a graceful stop loses nothing of it. */
class UsageIT {

    @TempDir
    Path directory;

    @Test
    void usesAreCountedByOutcomeAndOutliveAGracefulStop() {
        TestDatabase database = TestDatabase.create();
        Map<String, String> environment = new HashMap<>(Map.of("LATCHKEY_SECRET", "0123456789abcdef0123456789abcdef",
                "LATCHKEY_ADMIN_EMAIL", "ada@example.com", "LATCHKEY_ADMIN_PASSWORD", "a password for tests"));
        database.configuration().forEach((key, value) -> environment.put(key.toUpperCase().replace('.', '_'), value));
        try (LatchkeyProcess service = LatchkeyProcess.start(directory, environment).ready()) {
            String session = service.signIn("default", "ada@example.com", "a password for tests");
            String token = service.createToken(session, "used");
            for (int i = 0; i < 7; i++) {
                service.get("/v3/me", token);
            }
            Awaitility.await().atMost(Duration.ofSeconds(15)).until(() -> uses(database, "ALLOWED") == 7);
            JsonObject self = service.get("/v3/personal-access-tokens/self", token).json();
            assertThat(self.getString("lastUsedAt")).endsWith("Z");
            assertThat(self.getString("lastUsedIp")).isEqualTo("127.0.0.1");
            for (int i = 0; i < 3; i++) {
                service.get("/v3/me", token);
            }
            database.execute("UPDATE personal_access_token SET revoked_at = now() WHERE name = 'used'");
            service.get("/v3/me", token);
            service.stop();
            assertThat(uses(database, "ALLOWED")).isEqualTo(11);
            assertThat(uses(database, "REVOKED")).isEqualTo(1);
        }
    }

    private static long uses(TestDatabase database, String outcome) {
        Number uses = database.value("SELECT coalesce(sum(uses), 0)::bigint FROM token_usage_hourly WHERE outcome = ?",
                outcome);
        return uses.longValue();
    }
}
