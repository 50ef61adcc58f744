package dev.latchkey.gateway.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.latchkey.gateway.policy.RoutePolicy.UpstreamAuthorization;
import dev.latchkey.scope.ScopeCatalogue;

/** The first rule that matches decides, and where none does, nobody passes. */
class RoutePolicyTest {

    private static final ScopeCatalogue CATALOGUE = new ScopeCatalogue(Map.of());

    private static RoutePolicy policy(String yaml) {
        try {
            return PolicyReader.read("test.yaml", yaml.getBytes(StandardCharsets.UTF_8), CATALOGUE);
        } catch (PolicyException e) {
            throw new AssertionError(e);
        }
    }

    private static String rule(RoutePolicy policy, String method, String path) {
        return policy.match(method, (CanonicalPath) CanonicalPath.of(path)).map(RouteRule::name).orElse("none");
    }

    private static final String RULES = """
            rules:
              - { name: one, match: { methods: [GET], path: /v3/licenses/special }, require: [license:write] }
              - { name: read, match: { methods: [GET], path: "/v3/licenses/{id}" }, require: [license:read] }
              - { name: write, match: { methods: [POST, PATCH], path: /v3/licenses/** }, require: [license:write] }
              - { name: logs, match: { methods: ["*"], path: /v3/*/logs }, anyOf: [eventLog:read, account:read] }
              - { name: deep, match: { methods: [GET], path: /files/**/meta/* }, any: true }
              - { name: open, match: { methods: [GET, OPTIONS], path: / }, public: true }
            """;

    @ParameterizedTest
    @CsvSource({ "GET,/v3/licenses/special,one", "GET,/v3/licenses/1,read", "HEAD,/v3/licenses/1,read",
            "GET,/v3/licenses/1/,read",
            "GET,/v3/licenses,none", "GET,/v3/licenses/1/2,none", "POST,/v3/licenses,write", "PATCH,/v3/licenses/1/2,write",
            "POST,/v3/licenses/special,write", "DELETE,/v3/licenses/1,none", "BREW,/v3/x/logs,logs",
            "GET,/v3/licenses/logs,read",
            "DELETE,/v3/licenses/logs,logs", "GET,/files/meta/1,deep", "GET,/files/a/b/meta/1,deep",
            "GET,/files/a/meta/meta/meta,deep", "GET,/files/a/meta,none", "GET,/,open", "OPTIONS,/,open",
            "OPTIONS,/v3/licenses/1,none",
            "GET,/V3/licenses/1,none", "GET,/v3/licenses/%73pecial,one" })
    void theFirstRuleThatMatchesDecides(String method, String path, String expected) {
        assertThat(rule(policy(RULES), method, path)).isEqualTo(expected);
    }

    @Test
    void aRuleSaysWhatItDemands() {
        List<RouteRule> rules = policy(RULES).rules();
        assertThat(rules.get(0).line()).isEqualTo(2);
        assertThat(rules.get(0).demand()).isEqualTo(new Demand.Scopes(List.of("license:write"), List.of()));
        Demand.Scopes logs = (Demand.Scopes) rules.get(3).demand();
        assertThat(logs.isMetBy(Set.of("account:read"))).isTrue();
        assertThat(logs.isMetBy(Set.of("license:read"))).isFalse();
        assertThat(rules.get(4).demand()).isInstanceOf(Demand.AnyToken.class);
        assertThat(rules.get(5).demand()).isInstanceOf(Demand.Nothing.class);
    }

    @Test
    void allRequiredScopesMustBeHeldAndOneOfTheAlternatives() {
        Demand.Scopes demand = new Demand.Scopes(List.of("a:x", "b:x"), List.of("c:x", "d:x"));
        assertThat(demand.isMetBy(Set.of("a:x", "b:x", "d:x"))).isTrue();
        assertThat(demand.isMetBy(Set.of("a:x", "b:x"))).isFalse();
        assertThat(demand.isMetBy(Set.of("a:x", "c:x", "d:x"))).isFalse();
        assertThat(demand).hasToString("a:x and b:x and one of c:x, d:x");
    }

    @Test
    void theMisspeltScopeMeansTheRightOne() {
        assertThat(policy("rules: [{match: {methods: [GET], path: /}, require: ['licenseTemaplate:write']}]").rules().get(0)
                .demand())
                .isEqualTo(new Demand.Scopes(List.of("licenseTemplate:write"), List.of()));
    }

    @Test
    void whatTheUpstreamGetsIsRemovedUnlessSaidOtherwise() {
        assertThat(policy(RULES).upstream().authorization()).isEqualTo(UpstreamAuthorization.REMOVE);
        assertThat(policy("upstream: {authorization: jwt, audience: api}\noverrides: pass\n" + RULES)).satisfies(policy -> {
            assertThat(policy.upstream()).isEqualTo(new RoutePolicy.Upstream(UpstreamAuthorization.JWT, "api"));
            assertThat(policy.passesOverrides()).isTrue();
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            rules: []\\nrules: []| line 2: 'rules' is there twice
            rules: 1| rules: is missing or not a list
            {}| rules: is missing
            []| the policy must be a mapping
            rulez: []| has no 'rulez'
            rules: [1]| line 1: a rule must be a mapping
            rules:\\n  - {match: {methods: [GET], path: /a}, require: [no:such]}| line 2: require: there is no scope 'no:such'
            rules:\\n  - {match: {methods: [GET], path: /a}}| line 2: a rule has either require
            rules:\\n  - {match: {methods: [GET], path: /a}, public: true, any: true}| several
            rules:\\n  - {match: {methods: [GET], path: /a}, public: false}| public: can only be true
            rules:\\n  - {match: {methods: [GET], path: /a}, require: []}| require: must be a list with at least one entry
            rules:\\n  - {match: {methods: [get], path: /a}, any: true}| 'get' is not a method
            rules:\\n  - {match: {methods: [HEAD], path: /a}, any: true}| HEAD is judged as GET
            rules:\\n  - {match: {methods: [GET, '*'], path: /a}, any: true}| is all methods
            rules:\\n  - {match: {path: /a}, any: true}| match.methods: must be a list
            rules:\\n  - {match: {methods: [GET]}, any: true}| match.path: is missing
            rules:\\n  - {any: true}| match: is missing
            rules:\\n  - {match: {methods: [GET], path: a}, any: true}| must begin with a slash
            rules:\\n  - {match: {methods: [GET], path: /a/}, any: true}| must not end with a slash
            rules:\\n  - {match: {methods: [GET], path: /a*}, any: true}| stand for whole segments
            rules:\\n  - {match: {methods: [GET], path: '/{a'}, any: true}| stand for whole segments
            rules:\\n  - {match: {methods: [GET], path: /%61}, any: true}| write a
            rules:\\n  - {match: {methods: [GET], path: /a;b}, any: true}| semicolon
            rules:\\n  - {match: {methods: [GET], path: /a//b}, any: true}| no empty segments
            rules:\\n  - {match: {methods: [GET], path: /a}, any: true, colour: red}| has no 'colour'
            rules:\\n  - &a {match: {methods: [GET], path: /a}, any: true}\\n  - *a| line 3: YAML aliases
            upstream: {authorization: jwt}\\nrules: []| upstream.audience: is missing
            upstream: {audience: x}\\nrules: []| is for authorization: jwt only
            upstream: {authorization: maybe}\\nrules: []| allowed: remove, pass, jwt
            ignoreCase: false\\nrules: []| ignoreCase: can only be true
            overrides: yes\\nrules: []| allowed: refuse, pass
            rules: [| not YAML
            "rules: !!javax.script.ScriptEngineManager [1]"| tag
            """)
    void everythingThatIsWrongIsSaidWithItsLine(String yaml, String message) {
        assertThatThrownBy(() -> PolicyReader.read("test.yaml", yaml.replace("\\n", "\n").getBytes(StandardCharsets.UTF_8),
                CATALOGUE)).isInstanceOf(PolicyException.class).hasMessageContaining(message);
    }

    /** For an API that takes /ADMIN for /admin. */
    @Test
    void caseIsIgnoredIfThePolicySaysSo() {
        String rules = """
                rules:
                  - {name: admin, match: {methods: [GET], path: /Admin/caf%C3%89}, require: ["account:write"]}
                  - {name: rest, match: {methods: [GET], path: /**}, any: true}
                """;
        assertThat(rule(policy(rules), "GET", "/ADMIN/caf%C3%A9")).isEqualTo("rest");
        assertThat(rule(policy("ignoreCase: true\n" + rules), "GET", "/aDMIN/CAF%C3%A9")).isEqualTo("admin");
    }

    @Test
    void aRuleThatIsNeverMetIsAnError() {
        String tail = "  - {name: late, match: {methods: [GET], path: /a/b}, require: [user:read]}\n";
        assertThatThrownBy(() -> PolicyReader.read("t",
                ("rules:\n  - {name: early, match: {methods: ['*'], path: /a/**}, any: true}\n"
                        + tail).getBytes(StandardCharsets.UTF_8),
                CATALOGUE))
                .hasMessageContaining("line 3: the rule 'late' is never met: rules before it match all");
        assertThatThrownBy(() -> PolicyReader.read("t",
                ("rules:\n  - {name: early, match: {methods: [GET], path: /a/b}, any: true}\n"
                        + tail).getBytes(StandardCharsets.UTF_8),
                CATALOGUE))
                .hasMessageContaining("line 3: the rule 'late' is never met: it is a duplicate of the one in line 2");
        // Several rules together.
        assertThatThrownBy(() -> PolicyReader.read("t", ("""
                rules:
                  - {name: x, match: {methods: [GET], path: "/{a}/b"}, any: true}
                  - {name: y, match: {methods: [PUT], path: /a/**}, any: true}
                  - {name: late, match: {methods: [GET, PUT], path: /a/b}, any: true}
                """).getBytes(StandardCharsets.UTF_8), CATALOGUE)).hasMessageContaining("'late' is never met");
        assertThatThrownBy(() -> PolicyReader.read("t", ("rules:\n" + tail + tail).getBytes(StandardCharsets.UTF_8), CATALOGUE))
                .hasMessageContaining("the rule in line 2 is called 'late' too");
    }

    @ParameterizedTest
    @ValueSource(ints = { 1 << 20, 10 << 20 })
    void aFileThatIsTooLargeIsRefused(int bytes) {
        assertThatThrownBy(() -> PolicyReader.read("t", (" ".repeat(bytes) + "rules: []").getBytes(StandardCharsets.UTF_8),
                CATALOGUE)).isInstanceOf(PolicyException.class).hasMessageContaining("allowed: 1048576");
    }

    @Test
    void patternsThatOverlapInTooManyWaysAreRefused() {
        StringBuilder yaml = new StringBuilder("rules:\n");
        for (int i = 0; i < 40; i++) {
            yaml.append("  - {match: {methods: [GET], path: /**/s").append(i).append("/**/x/**/y").append(i)
                    .append("}, any: true}\n");
        }
        assertThatThrownBy(() -> PolicyReader.read("t", yaml.toString().getBytes(StandardCharsets.UTF_8), CATALOGUE))
                .isInstanceOf(PolicyException.class).hasMessageContaining("overlap in too many ways");
    }

    @Test
    void deepNestingIsRefused() {
        assertThatThrownBy(() -> PolicyReader.read("t", ("rules: " + "[".repeat(100_000)).getBytes(StandardCharsets.UTF_8),
                CATALOGUE)).isInstanceOf(PolicyException.class);
        assertThatThrownBy(() -> PolicyReader.read("t", new byte[] { 'a', (byte) 0xff }, CATALOGUE))
                .isInstanceOf(PolicyException.class).hasMessageContaining("not UTF-8");
    }

    /** The automaton answers what trying one rule after the other would. */
    @Test
    void matchingEqualsTryingOneRuleAfterTheOther() {
        Random random = new Random(7);
        String[] words = { "a", "b", "c", "*", "**", "{x}" };
        String[] methods = { "GET", "PUT", "'*'" };
        int compared = 0;
        for (int round = 0; round < 400; round++) {
            StringBuilder yaml = new StringBuilder("rules:\n");
            List<List<String>> patterns = new ArrayList<>();
            List<String> ruleMethods = new ArrayList<>();
            for (int i = 0; i < 1 + random.nextInt(6); i++) {
                List<String> pattern = new ArrayList<>();
                for (int n = random.nextInt(4); n >= 0; n--) {
                    pattern.add(words[random.nextInt(words.length)]);
                }
                String method = methods[random.nextInt(methods.length)];
                patterns.add(pattern);
                ruleMethods.add(method);
                yaml.append("  - {name: r").append(i).append(", match: {methods: [").append(method).append("], path: \"/")
                        .append(String.join("/", pattern)).append("\"}, any: true}\n");
            }
            RoutePolicy policy;
            try {
                policy = PolicyReader.read("t", yaml.toString().getBytes(StandardCharsets.UTF_8), CATALOGUE);
            } catch (PolicyException unreachable) {
                continue;
            }
            for (int i = 0; i < 200; i++) {
                List<String> segments = new ArrayList<>();
                for (int n = random.nextInt(5); n > 0; n--) {
                    segments.add(List.of("a", "b", "c", "d").get(random.nextInt(4)));
                }
                String method = List.of("GET", "PUT", "POST").get(random.nextInt(3));
                Optional<RouteRule> found = policy.match(method,
                        (CanonicalPath) CanonicalPath.of("/" + String.join("/", segments)));
                String expected = "none";
                for (int r = 0; r < patterns.size() && expected.equals("none"); r++) {
                    if ((ruleMethods.get(r).equals("'*'") || ruleMethods.get(r).equals(method))
                            && matches(patterns.get(r), 0, segments, 0)) {
                        expected = "r" + r;
                    }
                }
                assertThat(found.map(RouteRule::name).orElse("none")).as("%s %s in %s", method, segments, yaml)
                        .isEqualTo(expected);
                compared++;
            }
        }
        assertThat(compared).isGreaterThan(10_000);
    }

    private static boolean matches(List<String> pattern, int p, List<String> segments, int s) {
        if (p == pattern.size()) {
            return s == segments.size();
        }
        if (pattern.get(p).equals("**")) {
            return matches(pattern, p + 1, segments, s) || s < segments.size() && matches(pattern, p, segments, s + 1);
        }
        return s < segments.size()
                && (pattern.get(p).equals("*") || pattern.get(p).startsWith("{") || pattern.get(p).equals(segments.get(s)))
                && matches(pattern, p + 1, segments, s + 1);
    }

    @Test
    void theBuiltInPolicyKnowsEveryGuardedScopeAndNoMore() throws PolicyException {
        RoutePolicy policy = new PolicySource(PolicySource.CRYPTLEX_V3, CATALOGUE).read();
        for (String[] guarded : new String[][] { { "licenses", "license" }, { "license-templates", "licenseTemplate" },
                { "license-policies", "licenseTemplate" }, { "activations", "activation" }, { "products", "product" },
                { "releases", "release" }, { "release-files", "release" }, { "trial-activations", "trialActivation" },
                { "trial-policies", "trialPolicy" }, { "invoices", "invoice" }, { "payment-methods", "paymentMethod" } }) {
            for (String path : List.of("/v3/" + guarded[0], "/v3/" + guarded[0] + "/1", "/v3/" + guarded[0] + "/1/more")) {
                assertDemand(policy, "GET", path, guarded[1] + ":read");
                for (String method : List.of("POST", "PUT", "PATCH", "DELETE")) {
                    assertDemand(policy, method, path, guarded[1] + ":write");
                }
                assertThat(rule(policy, "OPTIONS", path)).isEqualTo("none");
            }
        }
        assertThat(rule(policy, "GET", "/v3/users")).isEqualTo("none");
        assertThat(rule(policy, "GET", "/v3")).isEqualTo("none");
    }

    private static void assertDemand(RoutePolicy policy, String method, String path, String scope) {
        Optional<RouteRule> rule = policy.match(method, (CanonicalPath) CanonicalPath.of(path));
        if (CATALOGUE.find(scope).isEmpty()) {
            assertThat(rule).as("%s %s", method, path).isEmpty();
        } else {
            assertThat(rule.orElseThrow().demand()).isEqualTo(new Demand.Scopes(List.of(scope), List.of()));
        }
    }
}
