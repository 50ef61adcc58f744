package dev.latchkey.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.RunningService;
import dev.latchkey.testing.TestDatabase;

/**
 * What docker/compose/compose.yaml relies on: secrets as files, a health check without a shell, a credential that is made once.
 */
class ContainerIT {

    @TempDir
    private Path directory;

    private static LatchkeyProcess health(Path directory, int port, String... arguments) {
        String[] command = new String[arguments.length + 1];
        command[0] = "health";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        return LatchkeyProcess.start(directory, Map.of("QUARKUS_MANAGEMENT_PORT", Integer.toString(port)), command);
    }

    @Test
    void aServiceWithSecretsInFilesIsHealthyAndGivesASidecarItsCredentialOnce() throws IOException {
        Path secrets = Files.createDirectory(directory.resolve("secrets"));
        Map<String, String> environment = new HashMap<>(TestDatabase.create().environment());
        // As an editor leaves them, with the end of the line.
        Files.writeString(secrets.resolve("latchkey.secret"), environment.remove("LATCHKEY_SECRET") + "\n");
        Files.writeString(secrets.resolve("latchkey.database.password"),
                environment.remove("LATCHKEY_DATABASE_PASSWORD") + "\n");
        Files.writeString(secrets.resolve("latchkey.admin.password"), environment.remove("LATCHKEY_ADMIN_PASSWORD") + "\n");
        environment.put("LATCHKEY_SECRETS_DIRECTORY", secrets.toString());
        int internalPort = LatchkeyProcess.freePorts(1)[0];
        environment.put("LATCHKEY_INTERNAL_PORT", Integer.toString(internalPort));
        try (LatchkeyProcess server = LatchkeyProcess.start(directory, environment).ready()) {
            server.signIn("default", RunningService.ADMIN_EMAIL, RunningService.ADMIN_PASSWORD);
            LatchkeyProcess healthy = health(directory, server.managementPort());
            assertThat(healthy.exitCode()).as(healthy.output()).isZero();
            assertThat(health(directory, server.managementPort(), "--live").exitCode()).isZero();

            Path credentials = Files.createDirectory(directory.resolve("credential"));
            Path file = credentials.resolve("latchkey.server.credential");
            String[] create = { "client", "create", "--kind", "sidecar", "--credential-file", file.toString() };
            LatchkeyProcess made = LatchkeyProcess.start(directory, environment, create);
            assertThat(made.exitCode()).as(made.output()).isZero();
            String credential = Files.readString(file);
            assertThat(credential).matches("[0-9a-f-]{36}:\\S{32,}");
            assertThat(made.output()).doesNotContain(credential.substring(37));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-r-----");
            LatchkeyProcess again = LatchkeyProcess.start(directory, environment, create);
            assertThat(again.exitCode()).isZero();
            assertThat(again.output()).contains("nothing to do");
            assertThat(file).hasContent(credential);

            Map<String, String> sidecar = Map.of("LATCHKEY_ROLE", "sidecar", "LATCHKEY_SERVER_URL",
                    "http://127.0.0.1:" + internalPort,
                    "LATCHKEY_SECRETS_DIRECTORY", credentials.toString());
            try (LatchkeyProcess beside = LatchkeyProcess.start(directory, sidecar).ready()) {
                assertThat(health(directory, beside.managementPort()).exitCode()).isZero();
            }
            server.stop();
            LatchkeyProcess gone = health(directory, server.managementPort());
            assertThat(gone.exitCode()).isEqualTo(1);
            assertThat(gone.output()).contains("does not answer").doesNotContain("\tat ");
        }
    }
}
