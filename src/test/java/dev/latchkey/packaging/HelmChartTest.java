package dev.latchkey.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;

import dev.latchkey.testing.ConfigurationKeys;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;

/** What Helm makes of deploy/helm with every combination of what can be switched, as Kubernetes reads it. */
class HelmChartTest {

    private static final Path CHART = Path.of("deploy/helm/latchkey");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, Class<?>> TYPES = Map.of("apps/v1/Deployment", Deployment.class, "v1/Service",
            Service.class,
            "v1/ServiceAccount", ServiceAccount.class, "v1/ConfigMap", ConfigMap.class, "policy/v1/PodDisruptionBudget",
            PodDisruptionBudget.class, "autoscaling/v2/HorizontalPodAutoscaler", HorizontalPodAutoscaler.class,
            "networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class, "networking.k8s.io/v1/Ingress", Ingress.class);
    /** Of operators, which have no typed model here. */
    private static final Set<String> CUSTOM = Set.of("monitoring.coreos.com/v1/ServiceMonitor",
            "gateway.networking.k8s.io/v1/HTTPRoute",
            "postgresql.cnpg.io/v1/Cluster");

    /** What can be switched, and what it takes. */
    private static final Map<String, Map<String, Object>> SWITCHES = switches();

    private static Map<String, Map<String, Object>> switches() {
        Map<String, Map<String, Object>> switches = new LinkedHashMap<>();
        switches.put("cnpg", Map.of("cloudNativePG.enabled", true));
        switches.put("policy", Map.of("policy", "rules: []"));
        switches.put("internal", Map.of("internal.enabled", true, "internal.tlsSecret", "internal-tls"));
        switches.put("autoscaling", Map.of("autoscaling.enabled", true));
        switches.put("monitor", Map.of("serviceMonitor.enabled", true));
        switches.put("ingress", Map.of("ingress.enabled", true, "ingress.className", "nginx", "ingress.tlsSecret", "tls"));
        switches.put("gateway", Map.of("gatewayApi.enabled", true, "gatewayApi.parentRef.name", "public"));
        switches.put("open", Map.of("networkPolicy.enabled", false, "podDisruptionBudget.enabled", false));
        return switches;
    }

    /** All subsets. */
    static List<Set<String>> combinations() {
        List<String> names = List.copyOf(SWITCHES.keySet());
        List<Set<String>> all = new ArrayList<>();
        for (int bits = 0; bits < 1 << names.size(); bits++) {
            Set<String> chosen = new HashSet<>();
            for (int i = 0; i < names.size(); i++) {
                if ((bits >> i & 1) == 1) {
                    chosen.add(names.get(i));
                }
            }
            all.add(chosen);
        }
        return all;
    }

    @TempDir
    static Path copy;

    /**
     * The library always renders for Kubernetes 1.20, and cannot be told otherwise: without the version that the chart demands.
     */
    @BeforeAll
    static void copyTheChart() throws IOException {
        try (Stream<Path> files = Files.walk(CHART)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = copy.resolve(CHART.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.writeString(target, Files.readString(file).replaceAll("(?m)^kubeVersion:.*\\R", ""));
            }
        }
    }

    private static TemplateCommand helm() {
        return new Helm(copy).template().withName("latchkey");
    }

    private static TemplateCommand withDatabase(TemplateCommand helm) {
        return helm.set("database.url", "postgresql://db.example:5432/latchkey").set("database.passwordSecret.name", "db");
    }

    private static List<JsonNode> render(TemplateCommand helm) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        List<JsonNode> documents = new ArrayList<>();
        new Yaml(new SafeConstructor(options)).loadAll(helm.call()).forEach(document -> {
            if (document != null) {
                documents.add(JSON.valueToTree(document));
            }
        });
        return documents;
    }

    private static String kind(JsonNode document) {
        return document.get("apiVersion").asText() + "/" + document.get("kind").asText();
    }

    /** As the type reads it: a field that it does not know would be lost. */
    private static <T> T typed(JsonNode document, Class<T> type) {
        T value = JSON.convertValue(document, type);
        JsonNode again = JSON.valueToTree(value);
        assertThat(missing(document, again, "")).as(kind(document) + " has fields that Kubernetes does not know").isEmpty();
        return value;
    }

    private static List<String> missing(JsonNode given, JsonNode read, String path) {
        List<String> missing = new ArrayList<>();
        if (given.isObject()) {
            given.fields().forEachRemaining(field -> {
                JsonNode there = read == null ? null : read.get(field.getKey());
                boolean isEmpty = field.getValue().isContainerNode() && field.getValue().isEmpty();
                if (there == null && !isEmpty) {
                    missing.add(path + "/" + field.getKey());
                } else {
                    missing.addAll(missing(field.getValue(), there, path + "/" + field.getKey()));
                }
            });
        } else if (given.isArray()) {
            for (int i = 0; i < given.size(); i++) {
                missing.addAll(missing(given.get(i), read == null ? null : read.get(i), path + "/" + i));
            }
        }
        return missing;
    }

    @ParameterizedTest
    @MethodSource("combinations")
    void everyCombinationIsWhatKubernetesTakes(Set<String> chosen) {
        TemplateCommand helm = helm();
        if (!chosen.contains("cnpg")) {
            withDatabase(helm);
        }
        chosen.forEach(name -> SWITCHES.get(name).forEach(helm::set));
        List<JsonNode> documents = render(helm);
        Set<String> names = new HashSet<>();
        for (JsonNode document : documents) {
            assertThat(TYPES.containsKey(kind(document)) || CUSTOM.contains(kind(document))).as(kind(document)).isTrue();
            assertThat(names.add(kind(document) + document.at("/metadata/name").asText())).as("each once").isTrue();
            if (TYPES.containsKey(kind(document))) {
                Object value = typed(document, TYPES.get(kind(document)));
                if (value instanceof Deployment deployment) {
                    checkPod(deployment.getSpec().getTemplate().getSpec());
                    assertThat(deployment.getSpec().getReplicas() == null).isEqualTo(chosen.contains("autoscaling"));
                }
            }
        }
        Predicate<String> has = kind -> documents.stream().anyMatch(document -> kind(document).equals(kind));
        assertThat(has.test("postgresql.cnpg.io/v1/Cluster")).isEqualTo(chosen.contains("cnpg"));
        assertThat(has.test("v1/ConfigMap")).isEqualTo(chosen.contains("policy"));
        assertThat(has.test("autoscaling/v2/HorizontalPodAutoscaler")).isEqualTo(chosen.contains("autoscaling"));
        assertThat(has.test("networking.k8s.io/v1/NetworkPolicy")).isEqualTo(!chosen.contains("open"));
        assertThat(has.test("gateway.networking.k8s.io/v1/HTTPRoute")).isEqualTo(chosen.contains("gateway"));
        checkPorts(documents);
    }

    /** The restricted profile of the Pod Security Standards; secrets by reference; what is configured exists. */
    private static void checkPod(PodSpec pod) {
        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        assertThat(pod.getTerminationGracePeriodSeconds()).isGreaterThanOrEqualTo(20);
        Container container = pod.getContainers().get(0);
        checkContainer(container);
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        Set<String> volumes = new HashSet<>(pod.getVolumes().stream().map(volume -> volume.getName()).toList());
        assertThat(container.getVolumeMounts()).allMatch(mount -> volumes.remove(mount.getName()));
        assertThat(volumes).as("mounted").isEmpty();
    }

    private static void checkContainer(Container container) {
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(container.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/q/health/ready");
        assertThat(container.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/q/health/live");
        assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
        assertThat(container.getResources().getLimits()).containsKey("memory");
        for (EnvVar variable : container.getEnv()) {
            assertThat(ConfigurationKeys.variables()).contains(variable.getName());
            if (Stream.of("SECRET", "PASSWORD", "CREDENTIAL").anyMatch(variable.getName()::endsWith)) {
                assertThat(variable.getValue()).as(variable.getName()).isNull();
                assertThat(variable.getValueFrom().getSecretKeyRef().getName()).as(variable.getName()).isNotEmpty();
            }
        }
    }

    /** Whatever leads to a port by its name finds it. */
    private static void checkPorts(List<JsonNode> documents) {
        Set<String> ports = new HashSet<>();
        documents.stream().filter(document -> kind(document).equals("apps/v1/Deployment"))
                .forEach(document -> document.at("/spec/template/spec/containers/0/ports")
                        .forEach(port -> ports.add(port.get("name").asText())));
        documents.stream().filter(document -> kind(document).equals("v1/Service"))
                .forEach(service -> service.at("/spec/ports")
                        .forEach(port -> assertThat(ports).contains(port.get("targetPort").asText())));
        documents.stream().filter(document -> kind(document).equals("networking.k8s.io/v1/NetworkPolicy")).forEach(
                policy -> policy.at("/spec/ingress")
                        .forEach(rule -> rule.get("ports").forEach(port -> assertThat(ports).contains(
                                port.get("port").asText()))));
    }

    @Test
    void whatIsMissingIsNamed() {
        assertThatThrownBy(() -> helm().call()).hasMessageContaining("database.url");
        assertThatThrownBy(() -> helm().set("database.url", "postgresql://db").call())
                .hasMessageContaining("database.passwordSecret.name");
        assertThatThrownBy(() -> withDatabase(helm()).set("gatewayApi.enabled", true).call()).hasMessageContaining(
                "gatewayApi.parentRef.name");
    }

    @Test
    void theSidecarComponentIsWhatKubernetesTakes() throws Exception {
        JsonNode patch = JSON.valueToTree(new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(
                Path.of("deploy/sidecar/sidecar.yaml"))));
        Container sidecar = typed(patch, Deployment.class).getSpec().getTemplate().getSpec().getInitContainers().get(0);
        assertThat(sidecar.getRestartPolicy()).as("a native sidecar").isEqualTo("Always");
        assertThat(sidecar.getSecurityContext().getRunAsNonRoot()).isTrue();
        checkContainer(sidecar);
        JsonNode component = JSON.valueToTree(new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(
                Path.of("deploy/sidecar/kustomization.yaml"))));
        assertThat(component.get("kind").asText()).isEqualTo("Component");
        assertThat(Path.of("deploy/sidecar", component.at("/patches/0/path").asText())).exists();
    }
}
