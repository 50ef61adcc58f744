package dev.latchkey.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.TestDatabase;
import io.vertx.core.json.JsonObject;

/** How the program starts with a database of its operator's, refuses to start, and does its commands. */
class StartIT {

    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final String NEW_SECRET = "fedcba9876543210fedcba9876543210";
    private static final String EMAIL = "ada@example.com";
    private static final String PASSWORD = "a password for tests";

    @TempDir
    Path directory;
    private final TestDatabase database = TestDatabase.create();

    @Test
    void whatIsMissingIsNamedAllAtOnce() {
        LatchkeyProcess process = LatchkeyProcess.start(directory, environment());
        assertThat(process.exitCode()).isEqualTo(1);
        assertThat(process.output()).contains("LATCHKEY_SECRET").contains("LATCHKEY_ADMIN_EMAIL")
                .contains("LATCHKEY_ADMIN_PASSWORD")
                .doesNotContain("Exception");
        assertThat(database.<Long> value("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")).as("nothing was made")
                .isZero();
    }

    @Test
    void aWrongValueIsNamedWithKeyValueAndWhatIsAllowed() {
        for (Map.Entry<String, String> wrong : Map.of("LATCHKEY_TOKEN_PREFIX", "LKP!", "LATCHKEY_SESSION_IDLE_TIMEOUT", "1s",
                "LATCHKEY_ROLE", "sidekick", "LATCHKEY_DATABASE_POOL_SIZE", "many", "LATCHKEY_DATABASE_URL", "mysql://x/y")
                .entrySet()) {
            LatchkeyProcess process = LatchkeyProcess.start(directory, complete(wrong.getKey(), wrong.getValue()));
            assertThat(process.exitCode()).as(wrong.getKey()).isEqualTo(1);
            assertThat(process.output()).as(wrong.getKey())
                    .contains(wrong.getKey().toLowerCase().replaceFirst("_", ".").split("_")[0])
                    .doesNotContain("\tat ").doesNotContain("Exception").doesNotContain("dev.latchkey");
        }
    }

    @Test
    void aDatabaseThatCannotBeReachedIsToldInOneLine() {
        LatchkeyProcess process = LatchkeyProcess.start(directory,
                complete("LATCHKEY_DATABASE_URL", "postgresql://127.0.0.1:1/x",
                        "LATCHKEY_DATABASE_START_TIMEOUT", "1s"));
        assertThat(process.exitCode()).isEqualTo(1);
        assertThat(process.output()).contains("cannot be reached").contains("LATCHKEY_DATABASE_URL").doesNotContain("\tat ");
    }

    @Test
    void aPortThatIsTakenIsNamedWithItsKey() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            String port = Integer.toString(taken.getLocalPort());
            for (String key : List.of("QUARKUS_HTTP_PORT", "LATCHKEY_GATEWAY_PORT", "LATCHKEY_INTERNAL_PORT")) {
                Map<String, String> environment = complete(key, port, "LATCHKEY_POLICY", "cryptlex-v3");
                LatchkeyProcess process = LatchkeyProcess.start(directory, environment);
                assertThat(process.exitCode()).as(key).isEqualTo(1);
                assertThat(process.output()).as(key).contains(port)
                        .containsIgnoringCase(key.startsWith("QUARKUS") ? key : key.replace('_', '.')).doesNotContain("\tat ");
            }
        }
    }

    @Test
    void aDirectoryForTemporaryFilesThatCannotBeWrittenIsNamedWithTheRemedy() {
        Map<String, String> environment = complete("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=/nowhere");
        LatchkeyProcess process = LatchkeyProcess.isNative()
                ? LatchkeyProcess.start(directory, environment, "-Djava.io.tmpdir=/nowhere")
                : LatchkeyProcess.start(directory, environment);
        assertThat(process.exitCode()).isEqualTo(1);
        assertThat(process.output()).contains("/nowhere").contains("-Djava.io.tmpdir").doesNotContain("\tat ");
    }

    @Test
    void aSchemaOfANewerProgramIsLeftAlone() {
        try (LatchkeyProcess process = LatchkeyProcess.start(directory, complete()).ready()) {
            assertThat(process.stop()).as("a service that was asked to stop has not failed").isZero();
        }
        database.execute(
                "INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, checksum, installed_by,"
                        + " execution_time, success) SELECT 1000, '1000', 'of the future', 'SQL', 'V1000__of_the_future.sql', 1, 'x', 1, true");
        LatchkeyProcess process = LatchkeyProcess.start(directory, complete());
        assertThat(process.exitCode()).isEqualTo(1);
        assertThat(process.output()).contains("version 1000").contains("start the newer program").doesNotContain("\tat ");
    }

    @Test
    void twoReplicasStartAtOnceOnAnEmptyDatabase() {
        try (LatchkeyProcess one = LatchkeyProcess.start(directory, complete());
                LatchkeyProcess two = LatchkeyProcess.start(directory, complete())) {
            one.ready();
            two.ready();
            String session = one.signIn("default", EMAIL, PASSWORD);
            assertThat(two.get("/v3/me", session).status()).as("one key signs for both").isEqualTo(200);
            String token = two.createToken(session, "shared");
            assertThat(one.get("/v3/me", token).status()).isEqualTo(200);
        }
        assertThat(database.<Long> value("SELECT count(*) FROM account")).isEqualTo(1);
        assertThat(database.<Long> value("SELECT count(*) FROM signing_key")).as("one for each purpose").isEqualTo(3);
        assertThat(database.<Long> value("SELECT count(*) FROM role WHERE reserved")).isEqualTo(3);
    }

    @Test
    void theSecretIsChangedWithThePreviousOneAtHandAndNoOtherSecretStarts() {
        String session;
        try (LatchkeyProcess first = LatchkeyProcess.start(directory, complete()).ready()) {
            session = first.signIn("default", EMAIL, PASSWORD);
        }
        LatchkeyProcess wrong = LatchkeyProcess.start(directory, complete("LATCHKEY_SECRET", NEW_SECRET));
        assertThat(wrong.exitCode()).isEqualTo(1);
        assertThat(wrong.output()).contains("LATCHKEY_SECRET_PREVIOUS").doesNotContain("\tat ");
        try (LatchkeyProcess changed = LatchkeyProcess
                .start(directory, complete("LATCHKEY_SECRET", NEW_SECRET, "LATCHKEY_SECRET_PREVIOUS", SECRET)).ready()) {
            assertThat(changed.get("/v3/me", session).status()).isEqualTo(200);
        }
        assertThat(database.<Long> value("SELECT count(DISTINCT secret_id) FROM signing_key")).as("all keys").isEqualTo(1);
        try (LatchkeyProcess after = LatchkeyProcess.start(directory, complete("LATCHKEY_SECRET", NEW_SECRET)).ready()) {
            assertThat(after.get("/v3/me", session).status()).isEqualTo(200);
        }
    }

    @Test
    void aSidecarStartsWithNoDatabaseReachable() {
        try (LatchkeyProcess sidecar = LatchkeyProcess.start(directory, Map.of("LATCHKEY_ROLE", "sidecar",
                "LATCHKEY_SERVER_URL", "http://127.0.0.1:1", "LATCHKEY_SERVER_CREDENTIAL", UUID.randomUUID() + ":secret"))) {
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> sidecar.management("/q/health/live") == 200);
            assertThat(sidecar.management("/q/health/ready")).as("it knows no server that answers").isEqualTo(503);
            assertThat(sidecar.management("/q/health/live")).isEqualTo(200);
            assertThat(sidecar.get("/v3/scopes").status()).as("a sidecar has no API").isEqualTo(404);
            assertThat(sidecar.post("/v3/accounts/login", null, new JsonObject()).status()).isEqualTo(404);
            assertThat(sidecar.output()).doesNotContain("ERROR").doesNotContain("\"exception\":");
        }
    }

    @Test
    void aSidecarWithoutServersSaysWhatIsMissing() {
        LatchkeyProcess sidecar = LatchkeyProcess.start(directory, Map.of("LATCHKEY_ROLE", "sidecar"));
        assertThat(sidecar.exitCode()).isEqualTo(1);
        assertThat(sidecar.output()).contains("latchkey.server.url: is missing")
                .contains("latchkey.server.credential: is missing")
                .contains("latchkey client create --kind sidecar").doesNotContain("\tat ");
    }

    @Test
    void helpAndVersionNeedNothing() {
        LatchkeyProcess help = LatchkeyProcess.start(directory, Map.of(), "--help");
        assertThat(help.exitCode()).isZero();
        assertThat(help.output()).contains("account").contains("client").contains("keys");
        LatchkeyProcess version = LatchkeyProcess.start(directory, Map.of(), "--version");
        assertThat(version.exitCode()).isZero();
        assertThat(version.output()).matches("latchkey \\d+\\.\\d+\\.\\d+\\S* \\(commit ([0-9a-f]{40}|unknown)\\)\\s+");
        LatchkeyProcess unknown = LatchkeyProcess.start(directory, Map.of(), "frobnicate");
        assertThat(unknown.exitCode()).isEqualTo(2);
        assertThat(unknown.output()).contains("frobnicate").doesNotContain("\tat ");
    }

    @Test
    void commandsMakeAccountsAndClientsAndSayWhatIsWrong() {
        LatchkeyProcess account = command("account", "create", "--alias", "acme", "--company", "Acme", "--email", EMAIL,
                "--password",
                PASSWORD);
        assertThat(account.exitCode()).as(account.output()).isZero();
        LatchkeyProcess again = command("account", "create", "--alias", "acme", "--company", "Acme", "--email", EMAIL,
                "--password",
                PASSWORD);
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.output()).contains("acme").contains("already");
        LatchkeyProcess badMail = command("account", "create", "--alias", "other", "--company", "O", "--email", "nobody",
                "--password",
                PASSWORD);
        assertThat(badMail.exitCode()).isEqualTo(2);
        assertThat(badMail.output()).contains("--email");

        for (String kind : List.of("introspection", "sidecar")) {
            LatchkeyProcess client = command("client", "create", "--kind", kind, "--account", "acme");
            assertThat(client.exitCode()).as(client.output()).isZero();
            String secret = client.output().replaceAll("(?s).*secret: (\\S+).*", "$1");
            assertThat(secret).matches("[A-Za-z0-9_-]{43}");
            assertThat(database.<Long> value("SELECT count(*) FROM client WHERE kind = ? AND secret_digest = sha256(?::bytea)",
                    kind,
                    secret)).isEqualTo(1);
        }
        assertThat(command("client", "create", "--kind", "sidecar", "--account", "nobody").exitCode()).isEqualTo(1);
        assertThat(command("client", "create", "--kind", "butler").exitCode()).isEqualTo(2);
        assertThat(command("client").exitCode()).isEqualTo(2);
    }

    @Test
    void aCommandRotatesTheKeysOfBothPurposesOrOfOneAndNeverThatOfSessions() {
        LatchkeyProcess without = command("keys", "rotate");
        assertThat(without.exitCode()).isEqualTo(1);
        assertThat(without.output()).contains("LATCHKEY_SECRET").doesNotContain("\tat ");
        LatchkeyProcess.start(directory, complete()).ready().close();
        String session = currentKey("session");
        String upstream = currentKey("upstream");
        String exchange = currentKey("exchange");

        LatchkeyProcess both = command(complete(), "keys", "rotate");
        assertThat(both.exitCode()).as(both.output()).isZero();
        assertThat(both.output()).contains("old:     " + upstream, "new:     " + currentKey("upstream"),
                "old:     " + exchange, "new:     " + currentKey("exchange"));
        assertThat(currentKey("upstream")).isNotEqualTo(upstream);
        assertThat(currentKey("exchange")).isNotEqualTo(exchange);
        assertThat(currentKey("session")).isEqualTo(session);

        String kept = currentKey("upstream");
        assertThat(command(complete(), "keys", "rotate", "--purpose", "exchange").exitCode()).isZero();
        assertThat(currentKey("upstream")).isEqualTo(kept);
        assertThat(database.<Long> value("SELECT count(*) FROM signing_key WHERE retired_at IS NOT NULL")).isEqualTo(3);

        database.execute("UPDATE signing_key SET retired_at = now() - interval '26 hours' WHERE id = ?::uuid", upstream);
        LatchkeyProcess wrong = command(complete("LATCHKEY_SECRET", NEW_SECRET), "keys", "rotate");
        assertThat(wrong.exitCode()).isEqualTo(1);
        assertThat(wrong.output()).contains("LATCHKEY_SECRET").doesNotContain("\tat ");
        assertThat(currentKey("upstream")).as("nothing was changed").isEqualTo(kept);
        assertThat(command(complete(), "keys", "rotate", "--purpose", "upstream").exitCode()).isZero();
        assertThat(database.<Long> value("SELECT count(*) FROM signing_key WHERE id = ?::uuid", upstream))
                .as("long after nobody needs it").isZero();

        assertThat(command(complete(), "keys", "rotate", "--purpose", "session").exitCode()).isEqualTo(2);
        assertThat(command("keys").exitCode()).isEqualTo(2);
    }

    private String currentKey(String purpose) {
        return database.<Object> value("SELECT id FROM signing_key WHERE purpose = ? AND retired_at IS NULL", purpose)
                .toString();
    }

    private LatchkeyProcess command(String... arguments) {
        return command(environment(), arguments);
    }

    private LatchkeyProcess command(Map<String, String> environment, String... arguments) {
        LatchkeyProcess process = LatchkeyProcess.start(directory, environment, arguments);
        process.exitCode();
        return process;
    }

    private Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        database.configuration().forEach((key, value) -> environment.put(key.toUpperCase().replace('.', '_'), value));
        return environment;
    }

    private Map<String, String> complete(String... more) {
        Map<String, String> environment = environment();
        environment
                .putAll(Map.of("LATCHKEY_SECRET", SECRET, "LATCHKEY_ADMIN_EMAIL", EMAIL, "LATCHKEY_ADMIN_PASSWORD", PASSWORD));
        for (int i = 0; i < more.length; i += 2) {
            environment.put(more[i], more[i + 1]);
        }
        return environment;
    }
}
