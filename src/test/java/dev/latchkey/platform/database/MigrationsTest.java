package dev.latchkey.platform.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    /** Databases remember the checksum of each script that they ran: one that is changed later stops the next start. */
    @ParameterizedTest
    @CsvSource({ "V1__foundation.sql, e810367487263eea6824d3e5a96d456ad0aa3cdc1e071f070742a01c9e561c7a",
            "V2__change_feed.sql, dd4e62448901850e14ac6d62b8192f2b8dabc68efa07fd1cbc78d3733b09281c" })
    void aScriptThatWasPublishedIsNotChangedAnyMore(String script, String sha256) throws Exception {
        byte[] content = Files.readAllBytes(Path.of("src/main/resources", Migrations.DIRECTORY, script));
        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content))).isEqualTo(sha256);
    }
}
