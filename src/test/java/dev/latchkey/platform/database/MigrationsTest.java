package dev.latchkey.platform.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

/** No migration is forgotten, although they are named and not found. */
class MigrationsTest {

    @Test
    void everyScriptIsNamedAndEveryNamedScriptIsThere() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("src/main/resources", Migrations.DIRECTORY))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(Migrations.SCRIPTS);
        }
    }

    @Test
    void everyNamedScriptIsInThePackage() {
        assertThat(Migrations.SCRIPTS)
                .allSatisfy(name -> assertThat(Migrations.class.getClassLoader().getResource(Migrations.DIRECTORY + name))
                        .isNotNull());
    }

    @Test
    void versionsFollowEachOther() {
        List<String> expected = IntStream.rangeClosed(1, Migrations.SCRIPTS.size()).mapToObj(version -> "V" + version).toList();
        assertThat(Migrations.SCRIPTS).allMatch(name -> name.matches("V[1-9][0-9]*__[a-z0-9_]+\\.sql"))
                .extracting(name -> name.substring(0, name.indexOf("__"))).isEqualTo(expected);
    }
}
