package dev.latchkey.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * What .github/workflows says, as far as it can be told without running it: it is read as the service of workflows reads it,
 * its shell as
 * bash does, and it names what there is. Keys: "Workflow syntax for GitHub Actions".
 */
@SuppressWarnings("unchecked")
class WorkflowsTest {

    private static final Path WORKFLOWS = Path.of(".github/workflows");
    private static final Set<String> KEYS = Set.of("name", "on", "permissions", "env", "concurrency", "jobs");
    private static final Set<String> JOB_KEYS = Set.of("name", "needs", "strategy", "runs-on", "timeout-minutes", "permissions",
            "steps");
    private static final Set<String> STEP_KEYS = Set.of("name", "uses", "with", "run", "if", "env");

    private static Map<String, Object> read(String name) throws IOException {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        try (InputStream file = Files.newInputStream(WORKFLOWS.resolve(name))) {
            Map<Object, Object> workflow = new Yaml(new SafeConstructor(options)).load(file);
            // YAML 1.1 takes "on" for true.
            workflow.put("on", workflow.remove(Boolean.TRUE));
            return (Map<String, Object>) (Map<?, ?>) workflow;
        }
    }

    private static void forEachStep(String name, BiConsumer<Map<String, Object>, Map<String, Object>> check)
            throws IOException {
        Map<String, Map<String, Object>> jobs = (Map<String, Map<String, Object>>) read(name).get("jobs");
        jobs.values().forEach(job -> ((List<Map<String, Object>>) job.get("steps")).forEach(step -> check.accept(job, step)));
    }

    @Test
    void allOfThemAreKnownHere() throws IOException {
        try (Stream<Path> files = Files.list(WORKFLOWS)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("ci.yml", "release.yml");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = { "ci.yml", "release.yml" })
    void jobsAreBoundedMayDoLittleAndWaitForJobsThatThereAre(String name) throws IOException {
        Map<String, Object> workflow = read(name);
        assertThat(KEYS).containsAll(workflow.keySet());
        assertThat(workflow.get("permissions")).as("unless a job says more").isEqualTo(Map.of("contents", "read"));
        Map<String, Map<String, Object>> jobs = (Map<String, Map<String, Object>>) workflow.get("jobs");
        jobs.forEach((id, job) -> {
            assertThat(JOB_KEYS).as(id).containsAll(job.keySet());
            assertThat((Integer) job.get("timeout-minutes")).as(id).isBetween(1, 120);
            assertThat(jobs.keySet()).as(id).containsAll((List<String>) job.getOrDefault("needs", List.of()));
            assertThat((List<?>) job.get("steps")).as(id).isNotEmpty();
        });
    }

    @ParameterizedTest
    @ValueSource(strings = { "ci.yml", "release.yml" })
    void aStepUsesAnActionOfOneVersionOrRunsWhatBashCanRead(String name) throws IOException {
        forEachStep(name, (job, step) -> {
            assertThat(STEP_KEYS).as(step.toString()).containsAll(step.keySet());
            assertThat(step.containsKey("uses")).as(step.toString()).isNotEqualTo(step.containsKey("run"));
            if (step.containsKey("uses")) {
                assertThat((String) step.get("uses")).matches("[a-z0-9-]+/[a-z0-9-]+@v\\d+(\\.\\d+)*");
            } else {
                assertThat(bashError((String) step.get("run"))).as(step.toString()).isEmpty();
            }
        });
    }

    /** Expressions are put in before bash reads it: they stand for a word. */
    private static String bashError(String script) {
        try {
            Process bash = new ProcessBuilder("bash", "-n", "-c", script.replaceAll("\\$\\{\\{[^}]*}}", "word"))
                    .redirectErrorStream(true).start();
            return new String(bash.getInputStream().readAllBytes());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = { "ci.yml", "release.yml" })
    void anExpressionNamesAContextThatThereIs(String name) throws IOException {
        Matcher expressions = Pattern.compile("\\$\\{\\{(.*?)}}").matcher(Files.readString(WORKFLOWS.resolve(name)));
        while (expressions.find()) {
            assertThat(expressions.group(1))
                    .matches(" (github\\.(repository|ref|ref_name|sha|actor|token)|env\\.IMAGE|secrets\\.GITHUB_TOKEN"
                            + "|matrix\\.(java|runner|architecture|kind)) ");
        }
        forEachStep(name, (job, step) -> {
            Matcher matrix = Pattern.compile("matrix\\.(\\w+)").matcher(step.toString());
            while (matrix.find()) {
                assertThat(String.valueOf(job.get("strategy"))).as(step.toString()).contains(matrix.group(1) + "=");
            }
        });
    }

    @Test
    void bothArchitecturesAreBuiltTestedSignedAndPublishedInBothKinds() throws IOException {
        Set<String> built = new TreeSet<>();
        StringBuilder all = new StringBuilder();
        forEachStep("release.yml", (job, step) -> {
            all.append(step).append('\n');
            if (String.valueOf(step.get("uses")).startsWith("docker/build-push-action")) {
                Map<String, Object> strategy = (Map<String, Object>) job.get("strategy");
                Map<String, List<Map<String, String>>> matrix = (Map<String, List<Map<String, String>>>) strategy.get("matrix");
                matrix.get("include").forEach(each -> {
                    built.add(each.get("kind") + " " + each.get("architecture"));
                    assertThat(each.get("runner").endsWith("-arm")).isEqualTo(each.get("architecture").equals("arm64"));
                    assertThat(Path.of("docker/Dockerfile." + each.get("kind"))).exists();
                });
            }
        });
        assertThat(built).containsExactly("jvm amd64", "jvm arm64", "native amd64", "native arm64");
        assertThat(all.toString()).contains("verify -Dnative", "-cyclonedx.json", "cosign sign ", "cosign sign-blob",
                "attest-build-provenance", "gh release create");
    }
}
