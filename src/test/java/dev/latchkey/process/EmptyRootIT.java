package dev.latchkey.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.RunningService;
import dev.latchkey.testing.TestDatabase;

/**
 * The executable as docker/Dockerfile.native leaves it: a root directory with the libraries it is linked with and what every
 * container
 * engine puts into one, read-only, as nobody. Needs root, as an engine does.
 */
@EnabledIfSystemProperty(named = "latchkey.native", matches = "true", disabledReason = "of the executable")
class EmptyRootIT {

    @TempDir
    private Path directory;

    private Path makeRoot() throws IOException {
        Path root = Files.createDirectory(directory.resolve("root"));
        Path executable = Path.of(System.getProperty("native.image.path"));
        Files.copy(executable, root.resolve("latchkey"), StandardCopyOption.COPY_ATTRIBUTES);
        Process ldd = new ProcessBuilder("ldd", executable.toString()).start();
        Matcher libraries = Pattern.compile("(/\\S+) \\(0x").matcher(new String(ldd.getInputStream().readAllBytes()));
        List<String> names = new ArrayList<>();
        while (libraries.find()) {
            Path library = Path.of(libraries.group(1));
            Path copy = root.resolve(library.toString().substring(1));
            Files.createDirectories(copy.getParent());
            Files.copy(library, copy);
            names.add(library.getFileName().toString());
        }
        assertThat(names).as("libc, its loader and zlib").isNotEmpty()
                .allMatch(name -> name.matches("ld-linux.*|libc\\.so.*|libz\\.so.*"));
        for (String ofTheEngine : List.of("proc", "dev")) {
            Files.createDirectory(root.resolve(ofTheEngine));
        }
        return root;
    }

    @Test
    void theExecutableNeedsNothingAroundItAndWritesNothing() throws IOException {
        Path root = makeRoot();
        List<String> program = List.of("unshare", "--mount", "sh", "-ec", """
                mount --bind "$0" "$0"
                mount -t proc proc "$0/proc"
                mount --rbind /dev "$0/dev"
                mount -o remount,bind,ro "$0"
                exec chroot --userspec=65534:65534 "$0" /latchkey -Djava.io.tmpdir=/dev/shm "$@"
                """, root.toString());
        Map<String, String> environment = TestDatabase.create().environment();
        try (LatchkeyProcess service = LatchkeyProcess.start(program, directory, environment).ready()) {
            String session = service.signIn("default", RunningService.ADMIN_EMAIL, RunningService.ADMIN_PASSWORD);
            String token = service.createToken(session, "from an empty root");
            assertThat(service.get("/v3/me", token).status()).isEqualTo(200);
            assertThat(service.get("/").status()).as("the portal is in it").isEqualTo(200);
            assertThat(Files.readString(Path.of("/proc", Long.toString(service.pid()), "status")))
                    .contains("Uid:\t65534\t65534");
            LatchkeyProcess health = LatchkeyProcess.start(program, directory,
                    Map.of("QUARKUS_MANAGEMENT_PORT", Integer.toString(service.managementPort())), "health");
            assertThat(health.exitCode()).as(health.output()).isZero();
            assertThat(service.stop()).isZero();
        }
    }
}
