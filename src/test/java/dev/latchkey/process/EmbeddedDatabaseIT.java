package dev.latchkey.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.latchkey.testing.LatchkeyProcess;

/** With no database configured the service brings its own, keeps its data, and survives its own death. */
class EmbeddedDatabaseIT {

    private static final Map<String, String> ADMIN = Map.of("LATCHKEY_ADMIN_EMAIL", "ada@example.com",
            "LATCHKEY_ADMIN_PASSWORD",
            "a password for tests");

    @TempDir
    Path directory;

    @Test
    void theFirstStartPrintsTheAdministratorOnceAndTheDataOutliveARestart() throws IOException {
        assumeFalse(LatchkeyProcess.isNative(), "the native executable has no embedded database");
        String token;
        String email;
        String password;
        try (LatchkeyProcess first = LatchkeyProcess.start(directory, Map.of()).ready()) {
            Matcher box = Pattern.compile("\\*{64}\n.*e-mail: +(\\S+)\n +password: (\\S+)\n\n\\*{64}", Pattern.DOTALL)
                    .matcher(first.output());
            assertThat(box.find()).as(first.output()).isTrue();
            email = box.group(1);
            password = box.group(2);
            assertThat(email).isEqualTo("admin@localhost");
            token = first.createToken(first.signIn("default", email, password), "kept");
            assertThat(first.get("/v3/me", token).status()).isEqualTo(200);
            assertThat(first.output().lines().filter(line -> line.contains("Embedded PostgreSQL on 127.0.0.1"))).hasSize(1);
        }
        assertThat(Files.getPosixFilePermissions(directory.resolve("data"))).as("for the owner alone").hasSize(3);
        for (String file : List.of("secret", "postgres-password")) {
            assertThat(Files.getPosixFilePermissions(directory.resolve("data").resolve(file))).as(file).hasSize(2);
        }
        try (LatchkeyProcess second = LatchkeyProcess.start(directory, Map.of()).ready()) {
            assertThat(second.get("/v3/me", token).status()).isEqualTo(200);
            assertThat(second.signIn("default", email, password)).isNotEmpty();
            assertThat(second.output()).doesNotContain("password:");
        }
    }

    @Test
    void afterSigkillNothingCommittedIsLostAndTheOrphanedDatabaseIsStopped() throws IOException {
        assumeFalse(LatchkeyProcess.isNative(), "the native executable has no embedded database");
        String token;
        try (LatchkeyProcess killed = LatchkeyProcess.start(directory, ADMIN).ready()) {
            token = killed.createToken(killed.signIn("default", "ada@example.com", "a password for tests"), "last");
            killed.kill();
        }
        long orphan = postmaster();
        assertThat(ProcessHandle.of(orphan)).as("its PostgreSQL lives on").isPresent();
        try (LatchkeyProcess next = LatchkeyProcess.start(directory, ADMIN).ready()) {
            assertThat(next.get("/v3/me", token).status()).isEqualTo(200);
            assertThat(next.output()).contains("Stopping the PostgreSQL (process " + orphan + ")");
            assertThat(postmaster()).isNotEqualTo(orphan);
        }
        assertThat(Files.exists(directory.resolve("data/postgres/postmaster.pid"))).as("stopped with the service").isFalse();
    }

    @Test
    void aSecondProcessOnTheSameDirectorySaysWhoHoldsItAndCommandsWorkBesideIt() {
        assumeFalse(LatchkeyProcess.isNative(), "the native executable has no embedded database");
        try (LatchkeyProcess holder = LatchkeyProcess.start(directory, ADMIN).ready()) {
            LatchkeyProcess second = LatchkeyProcess.start(directory, ADMIN);
            assertThat(second.exitCode()).isEqualTo(1);
            assertThat(second.output()).contains("is in use by process " + holder.pid()).contains("LATCHKEY_DATA_DIRECTORY");

            LatchkeyProcess command = LatchkeyProcess.start(directory, Map.of(), "account", "create", "--alias", "acme",
                    "--company",
                    "Acme", "--email", "eve@acme.example", "--password", "another password");
            assertThat(command.exitCode()).as(command.output()).isZero();
            assertThat(holder.signIn("acme", "eve@acme.example", "another password")).isNotEmpty();
        }
    }

    @Test
    void theDataAreWrittenDurablyAndNobodyGetsInWithoutThePassword() throws IOException, SQLException {
        assumeFalse(LatchkeyProcess.isNative(), "the native executable has no embedded database");
        try (LatchkeyProcess service = LatchkeyProcess.start(directory, ADMIN).ready()) {
            String password = Files.readString(directory.resolve("data/postgres-password"));
            String url = "jdbc:postgresql://127.0.0.1:"
                    + Files.readAllLines(directory.resolve("data/postgres/postmaster.pid")).get(3)
                    + "/latchkey";
            try (Connection connection = DriverManager.getConnection(url, "latchkey", password);
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement
                            .executeQuery("SELECT current_setting('fsync'), current_setting('synchronous_commit'), "
                                    + "current_setting('full_page_writes'), usesuper FROM pg_user WHERE usename = current_user")) {
                rows.next();
                assertThat(List.of(rows.getString(1), rows.getString(2), rows.getString(3))).containsOnly("on");
                assertThat(rows.getBoolean(4)).as("superuser").isFalse();
            }
            for (String user : List.of("postgres", "latchkey")) {
                assertThat(org.assertj.core.api.Assertions
                        .catchThrowable(() -> DriverManager.getConnection(url, user, "wrong").close()))
                        .as(user).isInstanceOf(SQLException.class).hasMessageContaining("password authentication failed");
            }
        }
    }

    @Test
    void theNativeExecutableSaysThatItHasNoneAndHowToGoOn() {
        assumeTrue(LatchkeyProcess.isNative(), "only the native executable");
        LatchkeyProcess process = LatchkeyProcess.start(directory, ADMIN);
        assertThat(process.exitCode()).isEqualTo(1);
        assertThat(process.output()).contains("no embedded database").contains("LATCHKEY_DATABASE_URL");
    }

    private long postmaster() throws IOException {
        return Long.parseLong(Files.readAllLines(directory.resolve("data/postgres/postmaster.pid")).get(0));
    }
}
