package dev.latchkey.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** What docker/ says of images and of Compose, as far as it can be told without an engine. */
class ContainersTest {

    private static final Path DOCKER = Path.of("docker");

    /** An instruction of a Dockerfile. */
    private record Instruction(String word, String arguments) {
    }

    private static List<Instruction> read(String name) {
        String text = text(DOCKER.resolve(name)).replaceAll("(?m)^#.*\n", "").replace("\\\n", " ");
        return text.lines().filter(line -> !line.isBlank()).map(line -> line.strip().split(" +", 2))
                .map(parts -> new Instruction(parts[0], parts[1])).toList();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Instruction> lastStage(List<Instruction> all) {
        int from = 0;
        for (int i = 0; i < all.size(); i++) {
            from = all.get(i).word.equals("FROM") ? i : from;
        }
        return all.subList(from, all.size());
    }

    private static List<String> of(List<Instruction> instructions, String word) {
        return instructions.stream().filter(each -> each.word.equals(word)).map(Instruction::arguments).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = { "Dockerfile.native", "Dockerfile.jvm" })
    void anImageIsSmallPinnedAndRunsAsNobody(String name) {
        List<Instruction> all = read(name);
        Map<String, String> bases = new HashMap<>();
        of(all, "ARG").forEach(argument -> bases.put("${" + argument.split("=", 2)[0] + "}", argument.split("=", 2)[1]));
        Set<String> stages = new HashSet<>();
        for (String from : of(all, "FROM")) {
            String base = from.split(" ")[0];
            assertThat(bases).as(from).containsKey(base);
            assertThat(bases.get(base)).as("of one version").matches("[a-z0-9./-]+:[a-z0-9.-]*[0-9][a-z0-9.-]*")
                    .doesNotContain("latest");
            if (from.contains(" AS ")) {
                stages.add(from.substring(from.indexOf(" AS ") + 4));
            }
        }
        assertThat(all).extracting(Instruction::word).doesNotContain("ADD", "MAINTAINER", "VOLUME", "SHELL");
        List<Instruction> last = lastStage(all);
        assertThat(of(last, "RUN")).as("nothing is run in what is shipped: it needs no shell").isEmpty();
        assertThat(of(last, "USER")).hasSize(1).allMatch(user -> user.matches("[1-9][0-9]*:0"));
        assertThat(of(last, "ENTRYPOINT")).hasSize(1).allMatch(entry -> entry.startsWith("[\"") && entry.endsWith("\"]"));
        assertThat(of(last, "ENTRYPOINT")).as("the root directory is read-only")
                .allMatch(entry -> entry.contains("\"-Djava.io.tmpdir=/dev/shm\""));
        assertThat(of(last, "HEALTHCHECK")).hasSize(1).allMatch(check -> check.contains("CMD [\"") && check.contains("health"));
        assertThat(of(last, "STOPSIGNAL")).containsExactly("SIGTERM");
        assertThat(String.join(" ", of(last, "LABEL"))).contains("org.opencontainers.image.title=",
                "org.opencontainers.image.description=", "org.opencontainers.image.licenses=");
        assertThat(of(all, "ENV").toString() + of(all, "ARG")).doesNotContainIgnoringCase("password")
                .doesNotContainIgnoringCase("secret");
        for (String copy : of(all, "COPY")) {
            Matcher other = Pattern.compile("--from=(\\S+)").matcher(copy);
            if (other.find()) {
                assertThat(stages).as(copy).contains(other.group(1));
            } else {
                String[] words = copy.replaceAll("--\\S+ +", "").split(" +");
                for (String source : Arrays.copyOf(words, words.length - 1)) {
                    assertThat(Path.of(source)).as(copy).exists();
                    assertThat(isInContext(source)).as("%s is in the context", source).isTrue();
                }
            }
        }
    }

    /** As .dockerignore says: the last line that matches a path or a directory above it decides. */
    private static boolean isInContext(String path) {
        boolean isIn = true;
        for (String line : text(Path.of(".dockerignore")).lines().filter(it -> !it.isBlank() && !it.startsWith("#")).toList()) {
            boolean takesIn = line.startsWith("!");
            String pattern = (takesIn ? line.substring(1) : line).replaceAll("/$", "");
            PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
            for (Path part = Path.of(path).normalize(); part != null; part = part.getParent()) {
                isIn = matcher.matches(part) ? takesIn : isIn;
            }
        }
        return isIn;
    }

    @Test
    void theContextHasWhatIsBuiltFromAndNothingElse() {
        assertThat(List.of("pom.xml", "src/main/java", "docker/train")).allMatch(ContainersTest::isInContext);
        assertThat(List.of(".git", "target", "target/quarkus-app", "src/test", "data", "docker/compose/secret", "node_modules"))
                .noneMatch(ContainersTest::isInContext);
    }

    @Test
    @SuppressWarnings("unchecked")
    void composeStartsEverythingInOrderAndHardened() {
        Path file = DOCKER.resolve("compose/compose.yaml");
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        options.setMaxAliasesForCollections(50);
        Map<String, Object> compose = new Yaml(new SafeConstructor(options)).load(text(file));
        Map<String, Map<String, Object>> services = (Map<String, Map<String, Object>>) compose.get("services");
        Map<String, Map<String, String>> secrets = (Map<String, Map<String, String>>) compose.get("secrets");
        Map<String, Object> volumes = (Map<String, Object>) compose.get("volumes");
        assertThat(services).containsOnlyKeys("database", "latchkey", "sidecar-credential", "sidecar", "nginx", "api");
        services.forEach((name, service) -> {
            assertThat((List<String>) service.get("security_opt")).as(name).contains("no-new-privileges:true");
            if (!name.equals("database")) {
                assertThat(service.get("read_only")).as(name).isEqualTo(true);
                assertThat(service.get("cap_drop")).as(name).isEqualTo(List.of("ALL"));
            }
            assertThat(service.get("image").toString()).as(name).matches("latchkey|[a-z/-]+:[0-9][a-z0-9.-]*");
            Map<String, Map<String, String>> before = (Map<String, Map<String, String>>) service.getOrDefault("depends_on",
                    Map.of());
            before.forEach((other, how) -> {
                assertThat(services).as(name).containsKey(other);
                boolean ends = "service_completed_successfully".equals(how.get("condition"));
                assertThat(ends || services.get(other).containsKey("healthcheck")).as("%s waits for %s", name, other).isTrue();
            });
            for (Object secret : (List<Object>) service.getOrDefault("secrets", List.of())) {
                assertThat(secrets).as(name)
                        .containsKey(secret instanceof Map<?, ?> map ? map.get("source").toString() : secret.toString());
            }
            for (String volume : (List<String>) service.getOrDefault("volumes", List.of())) {
                String source = volume.substring(0, volume.indexOf(':'));
                if (source.startsWith(".")) {
                    assertThat(file.getParent().resolve(source)).as(name).exists();
                } else {
                    assertThat(volumes).as(name).containsKey(source);
                }
            }
            for (String port : (List<String>) service.getOrDefault("ports", List.of())) {
                assertThat(port).as("on this machine alone").startsWith("127.0.0.1:");
            }
            assertThat(String.valueOf(service.get("environment"))).as("secrets are files")
                    .doesNotContainPattern("(?i)(password|secret|credential)=");
        });
        assertThat(new ArrayList<>(secrets.values())).allMatch(secret -> secret.get("file").startsWith("secret/"));
        assertThat(text(DOCKER.resolve("compose/secrets")))
                .contains(secrets.keySet().stream().map(name -> "make " + name).toList());
        assertThat(text(DOCKER.resolve("compose/.gitignore"))).contains("secret/");
    }
}
