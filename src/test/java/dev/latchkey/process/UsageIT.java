package dev.latchkey.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.token.TokenDigest;
import dev.latchkey.token.TokenFormat;
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
            // What the database was told by hand arrives a moment later.
            int accepted = 0;
            while (service.get("/v3/me", token).status() == 200) {
                accepted++;
            }
            service.stop();
            assertThat(uses(database, "ALLOWED")).isEqualTo(11 + accepted);
            assertThat(uses(database, "REVOKED")).isEqualTo(1);
        }
    }

    @Test
    void tenThousandTokensThatAreUsedWithinAWindowMakeAFewStatements() {
        TestDatabase database = TestDatabase.create();
        try (LatchkeyProcess service = LatchkeyProcess.start(directory, database.environment()).ready()) {
            database.execute("CREATE TABLE flush (at timestamptz)");
            database.execute("CREATE FUNCTION note_flush() RETURNS trigger LANGUAGE plpgsql AS "
                    + "'BEGIN INSERT INTO flush VALUES (now()); RETURN NULL; END'");
            database.execute("CREATE TRIGGER note_flush AFTER INSERT ON token_usage_hourly FOR EACH STATEMENT "
                    + "EXECUTE FUNCTION note_flush()");
            TokenFormat format = new TokenFormat("lkp");
            SecureRandom random = new SecureRandom();
            List<String> tokens = Stream.generate(() -> format.generate(random)).limit(10_000).toList();
            String[] digests = tokens.stream().map(token -> HexFormat.of().formatHex(TokenDigest.of(token).bytes()))
                    .toArray(String[]::new);
            database.execute("INSERT INTO personal_access_token (id, account_id, owner_id, name, digest, hint, scopes, "
                    + "created_at, updated_at) SELECT gen_random_uuid(), u.account_id, u.id, 'one of many', decode(d, 'hex'), "
                    + "'lkp_', '{license:read}', now(), now() FROM unnest(?::text[]) d, app_user u", (Object) digests);
            long began = System.nanoTime();
            tokens.parallelStream().forEach(token -> assertThat(service.judge(token)).isEqualTo(200));
            long windows = (System.nanoTime() - began) / Duration.ofSeconds(10).toNanos() + 2;
            service.stop();
            assertThat(uses(database, "ALLOWED")).isEqualTo(10_000);
            Number statements = database.value("SELECT count(*) FROM flush");
            assertThat(statements.longValue()).isBetween(1L, windows);
        }
    }

    private static long uses(TestDatabase database, String outcome) {
        Number uses = database.value("SELECT coalesce(sum(uses), 0)::bigint FROM token_usage_hourly WHERE outcome = ?",
                outcome);
        return uses.longValue();
    }
}
