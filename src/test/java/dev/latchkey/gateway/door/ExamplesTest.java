package dev.latchkey.gateway.door;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

import dev.latchkey.gateway.UpstreamHeaders;
import dev.latchkey.gateway.policy.PolicyException;
import dev.latchkey.gateway.policy.PolicyReader;
import dev.latchkey.scope.ScopeCatalogue;
import dev.latchkey.testing.ConfigurationKeys;

/** What docker/ and docs/gateway/ show to be copied: it parses, and names only what there is. */
class ExamplesTest {

    private static final Path DOCKER = Path.of("docker");
    private static final Path DOCS = Path.of("docs/gateway");
    private static final Pattern YAML_BLOCK = Pattern.compile("^```yaml\n(.*?)^```", Pattern.MULTILINE | Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#]*)(?:#([^)]*))?\\)");
    private static final ScopeCatalogue CATALOGUE = new ScopeCatalogue(Map.of());

    static List<Path> files() {
        return Stream.of(DOCKER, DOCS).flatMap(ExamplesTest::filesBelow).toList();
    }

    private static Stream<Path> filesBelow(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Object> parse(String yaml) {
        List<Object> documents = new ArrayList<>();
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        new Yaml(new SafeConstructor(options)).loadAll(yaml).forEach(documents::add);
        return documents;
    }

    private static Set<String> found(Path file, String regex) {
        return Pattern.compile(regex).matcher(read(file)).results().map(match -> match.group())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static void assertAccepted(Path file, String policy) {
        try {
            assertThat(PolicyReader.read(file.toString(), policy.getBytes(StandardCharsets.UTF_8), CATALOGUE).rules())
                    .isNotEmpty();
        } catch (PolicyException e) {
            throw new AssertionError(file + ": " + policy, e);
        }
    }

    @Test
    void yamlParsesAndPoliciesAreAccepted() {
        int policies = 0;
        for (Path file : files()) {
            List<String> sources = file.toString().endsWith(".md")
                    ? YAML_BLOCK.matcher(read(file)).results().map(match -> match.group(1)).toList()
                    : file.toString().endsWith(".yaml") ? List.of(read(file)) : List.of();
            for (String source : sources) {
                for (Object document : parse(source)) {
                    assertThat(document).as("%s: %s", file, source).isInstanceOf(Map.class);
                    Map<?, ?> map = (Map<?, ?>) document;
                    if (file.startsWith(DOCS) && map.containsKey("rules")) {
                        assertAccepted(file, source);
                        policies++;
                    } else if ("ConfigMap".equals(map.get("kind"))) {
                        assertAccepted(file, ((Map<?, ?>) map.get("data")).get("policy.yaml").toString());
                        policies++;
                    }
                }
            }
        }
        assertThat(policies).isGreaterThanOrEqualTo(3);
    }

    @ParameterizedTest
    @MethodSource("files")
    void doorsAreThere(Path file) {
        Set<String> doors = Stream.of(Dialect.values()).map(dialect -> dialect.path).collect(Collectors.toSet());
        doors.add(EnvoyHttpDoor.PREFIX);
        assertThat(doors).containsAll(found(file, "/auth/[a-z-]+"));
        assertThat(Set.of(EnvoyGrpcDoor.PATH.substring(1)))
                .containsAll(found(file, "envoy\\.service\\.auth\\.[A-Za-z0-9./]+[a-z]"));
    }

    @ParameterizedTest
    @MethodSource("files")
    void headersAreThose(Path file) {
        TreeSet<String> known = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        known.addAll(UpstreamHeaders.ALL);
        Stream.of(DoorAnswer.STATUS, DoorAnswer.CODE, DoorAnswer.ERROR).forEach(name -> known.add(name.toString()));
        assertThat(found(file, "(?i)x-latchkey-[a-z]+(-[a-z]+)*")).as(file.toString()).allMatch(known::contains);
    }

    @ParameterizedTest
    @MethodSource("files")
    void keysVariablesAndPortsAreThose(Path file) {
        Map<String, String> keys = ConfigurationKeys.all();
        // A group may be named too; a name in Kubernetes is none.
        assertThat(found(file, "(?<![a-z.-])latchkey\\.(?!latchkey\\.|svc\\.)[a-z-]+(\\.[a-z-]+)*")).as(file.toString())
                .allMatch(key -> keys.keySet().stream().anyMatch(known -> known.equals(key) || known.startsWith(key + ".")));
        assertThat(ConfigurationKeys.variables()).as(file.toString()).containsAll(found(file, "LATCHKEY_[A-Z0-9_]+"));
        assertThat(found(file, "latchkey(\\.latchkey\\.svc\\.cluster\\.local)?:[0-9]+|address: latchkey, port_value: [0-9]+"))
                .as(file.toString()).allMatch(address -> address.endsWith(keys.get("latchkey.gateway.port")));
    }

    /** One that is left out is one that a client can make up. */
    @Test
    void everyExampleReplacesAllIdentityHeadersAndTheToken() {
        for (String example : List.of("nginx/nginx.conf", "caddy/Caddyfile", "traefik/dynamic.yaml", "envoy/envoy-http.yaml",
                "kubernetes/ingress-nginx.yaml")) {
            // What is said in comments does nothing.
            String text = read(DOCKER.resolve(example)).replaceAll("(?m)^\\s*#.*$", "");
            assertThat(text).as(example).containsIgnoringCase("authorization");
            UpstreamHeaders.ALL.forEach(name -> assertThat(text).as(example).containsIgnoringCase(name));
        }
    }

    /** Envoy's HTTP service sends only what it is told to: what is left out is not refused. */
    @Test
    void envoyShowsAllThatIsRefused() {
        String text = read(DOCKER.resolve("envoy/envoy-http.yaml"));
        UpstreamHeaders.OVERRIDES.forEach(
                name -> assertThat(text).contains("{ exact: " + name.toLowerCase(Locale.ROOT) + ", ignore_case: true }"));
        assertThat(text).contains("{ prefix: x-latchkey-, ignore_case: true }");
    }

    @Test
    void nothingFailsOpen() {
        assertThat(filesBelow(DOCKER).map(ExamplesTest::read)).noneMatch(text -> text.contains("failure_mode_allow: true")
                || text.contains("failOpen: true") || text.contains("trustForwardHeader: true"));
    }

    @ParameterizedTest
    @MethodSource("files")
    void linksLeadSomewhere(Path file) {
        if (file.toString().endsWith(".md")) {
            LINK.matcher(read(file)).results().forEach(link -> {
                Path target = link.group(1).isEmpty() ? file : file.getParent().resolve(link.group(1)).normalize();
                assertThat(target).as("%s: %s", file, link.group()).exists();
                if (link.group(2) != null) {
                    assertThat(anchors(target)).as("%s: %s", file, link.group()).contains(link.group(2));
                }
            });
        }
    }

    private static List<String> anchors(Path file) {
        return read(file).lines().filter(line -> line.startsWith("#"))
                .map(line -> line.replaceAll("^#+ ", "").toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9 -]", "").replace(' ',
                        '-'))
                .toList();
    }
}
