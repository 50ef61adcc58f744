package dev.latchkey.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import io.smallrye.config.WithDefault;

/** docs/configuration.md names every key with its variable and default, and no key that does not exist. */
class ConfigurationReferenceTest {

    private record Key(String name, String defaultValue) {
        String variable() {
            return name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
        }
    }

    private final String reference = read(Path.of("docs/configuration.md"));

    @Test
    void everyKeyHasItsRow() {
        assertThat(keys("latchkey", LatchkeyConfig.class)).hasSizeGreaterThan(20).allSatisfy(key -> {
            String row = reference.lines().filter(line -> line.startsWith("| `" + key.name + "`")).findFirst().orElse("");
            assertThat(row).as(key.name).contains("`" + key.variable() + "`");
            if (key.defaultValue != null) {
                assertThat(row).as(key.name).contains("`" + key.defaultValue + "`");
            }
        });
    }

    @Test
    void noRowNamesAKeyThatDoesNotExist() {
        TreeSet<String> known = new TreeSet<>(keys("latchkey", LatchkeyConfig.class).stream().map(Key::name).toList());
        known.add("latchkey.scopes.\"deployment:write\".description");
        known.addAll(keys("latchkey.token.foreign.legacy", LatchkeyConfig.Foreign.class).stream().map(Key::name).toList());
        List<String> rows = Pattern.compile("^\\| `(latchkey\\.[^`]+)`", Pattern.MULTILINE).matcher(reference).results()
                .map((MatchResult row) -> row.group(1)).toList();
        assertThat(known).containsAll(rows);
    }

    private static List<Key> keys(String prefix, Class<?> mapping) {
        List<Key> keys = new ArrayList<>();
        for (Method method : mapping.getDeclaredMethods()) {
            String name = prefix + "." + method.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            if (method.getReturnType().isInterface() && method.getReturnType().getEnclosingClass() == LatchkeyConfig.class) {
                keys.addAll(keys(name, method.getReturnType()));
            } else if (method.getReturnType() != Map.class) {
                WithDefault defaultValue = method.getAnnotation(WithDefault.class);
                keys.add(new Key(name, defaultValue == null ? null : defaultValue.value()));
            }
        }
        return keys;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
