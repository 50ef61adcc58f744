package dev.latchkey.gateway.policy;

import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

import dev.latchkey.gateway.policy.RoutePolicy.Upstream;
import dev.latchkey.gateway.policy.RoutePolicy.UpstreamAuthorization;
import dev.latchkey.scope.ScopeCatalogue;

/**
 * Reads a route policy from YAML. All that is wrong is reported at once, each with its line; nothing that is not known is
 * ignored, because a misspelt demand would be no demand.
 */
public final class PolicyReader {

    /** The largest file, in bytes. */
    public static final int MAX_BYTES = 1 << 20;
    private static final int MAX_RULES = 10_000;
    private static final int MAX_PROBLEMS = 20;
    private static final int MAX_NESTING = 20;
    private static final int MAX_PATTERN = 1_000;
    private static final Pattern METHOD = Pattern.compile("[A-Z]+(-[A-Z]+)*");

    private final String source;
    private final ScopeCatalogue catalogue;
    private final List<String> problems = new ArrayList<>();
    private boolean ignoresCase;

    private PolicyReader(String source, ScopeCatalogue catalogue) {
        this.source = source;
        this.catalogue = catalogue;
    }

    /**
     * Reads and compiles a policy.
     *
     * @param source what to call it in messages
     * @throws PolicyException naming all that is wrong
     */
    public static RoutePolicy read(String source, byte[] yaml, ScopeCatalogue catalogue) throws PolicyException {
        return new PolicyReader(source, catalogue).read(yaml);
    }

    private RoutePolicy read(byte[] yaml) throws PolicyException {
        Map<String, Node> top = mapping(parse(yaml), "the policy", Set.of("rules", "upstream", "overrides", "ignoreCase"));
        if (top.containsKey("ignoreCase")) {
            requireTrue(top.get("ignoreCase"), "ignoreCase");
            ignoresCase = true;
        }
        Upstream upstream = upstream(top.get("upstream"));
        boolean passesOverrides = "pass".equals(choice(top.get("overrides"), "overrides", "refuse", List.of("refuse", "pass")));
        List<RouteRule> rules = new ArrayList<>();
        if (top.get("rules") instanceof SequenceNode sequence) {
            if (sequence.getValue().size() > MAX_RULES) {
                problem(sequence, "has more than " + MAX_RULES + " rules");
            } else {
                sequence.getValue().forEach(node -> rule(node, rules));
            }
        } else {
            problem(top.get("rules"), "rules: is missing or not a list; without a rule everything is denied");
        }
        stopAtProblems();
        RuleAutomaton automaton = compile(rules);
        findUnreachable(rules, automaton);
        stopAtProblems();
        return new RoutePolicy(rules, upstream, passesOverrides, automaton);
    }

    private Node parse(byte[] yaml) throws PolicyException {
        if (yaml.length > MAX_BYTES) {
            throw failure("has " + yaml.length + " bytes; allowed: " + MAX_BYTES);
        }
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        options.setNestingDepthLimit(MAX_NESTING);
        options.setCodePointLimit(MAX_BYTES);
        try {
            String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(yaml)).toString();
            // An alias may stand for very much, and a policy has no need of it.
            for (Event event : new Yaml(new SafeConstructor(options)).parse(new StringReader(text))) {
                if (event.getEventId() == Event.ID.Alias) {
                    throw failure("line " + (event.getStartMark().getLine() + 1)
                            + ": YAML aliases (*name) are not allowed: write it out");
                }
            }
            Node root = new Yaml(new SafeConstructor(options)).compose(new StringReader(text));
            if (root == null) {
                throw failure("is empty: it needs a list of rules");
            }
            return root;
        } catch (CharacterCodingException e) {
            throw failure("is not UTF-8");
        } catch (MarkedYAMLException e) {
            String line = e.getProblemMark() == null ? "" : "line " + (e.getProblemMark().getLine() + 1) + ": ";
            throw failure(line + "not YAML: " + e.getProblem());
        } catch (YAMLException e) {
            throw failure("not YAML: " + e.getMessage());
        }
    }

    private PolicyException failure(String problem) {
        return new PolicyException(source, List.of(problem));
    }

    private void stopAtProblems() throws PolicyException {
        if (!problems.isEmpty()) {
            throw new PolicyException(source, problems);
        }
    }

    private void problem(Node node, String text) {
        if (problems.size() < MAX_PROBLEMS) {
            problems.add(node == null ? text : "line " + line(node) + ": " + text);
        } else if (problems.size() == MAX_PROBLEMS) {
            problems.add("and more");
        }
    }

    private static int line(Node node) {
        return node.getStartMark().getLine() + 1;
    }

    private Upstream upstream(Node node) {
        if (node == null) {
            return new Upstream(UpstreamAuthorization.REMOVE, "");
        }
        Map<String, Node> parts = mapping(node, "upstream", Set.of("authorization", "audience"));
        UpstreamAuthorization authorization = UpstreamAuthorization.valueOf(choice(parts.get("authorization"),
                "upstream.authorization", "remove", List.of("remove", "pass", "jwt")).toUpperCase(Locale.ROOT));
        String audience = parts.containsKey("audience") ? text(parts.get("audience"), "upstream.audience", 255) : "";
        if (authorization == UpstreamAuthorization.JWT && audience.isEmpty()) {
            problem(node, "upstream.audience: is missing; the JWT needs to say whom it is for");
        } else if (authorization != UpstreamAuthorization.JWT && parts.containsKey("audience")) {
            problem(parts.get("audience"), "upstream.audience: is for authorization: jwt only");
        }
        return new Upstream(authorization, audience);
    }

    private void rule(Node node, List<RouteRule> rules) {
        int before = problems.size();
        Map<String, Node> parts = mapping(node, "a rule", Set.of("name", "match", "require", "anyOf", "public", "any"));
        if (problems.size() > before) {
            return;
        }
        Map<String, Node> match = parts.containsKey("match")
                ? mapping(parts.get("match"), "match", Set.of("methods", "path"))
                : Map.of();
        if (match.isEmpty()) {
            problem(node, "match: is missing; a rule says which methods and path it is for");
            return;
        }
        Set<String> methods = methods(node, match.get("methods"));
        PathPattern path = path(node, match.get("path"));
        Demand demand = demand(node, parts);
        if (problems.size() == before) {
            String name = parts.containsKey("name") ? text(parts.get("name"), "name", 100)
                    : String.join(",", methods) + " " + path.text();
            rules.stream().filter(rule -> rule.name().equals(name)).findFirst().ifPresent(
                    rule -> problem(node, "the rule in line " + rule.line() + " is called '" + name + "' too: name this one"));
            rules.add(new RouteRule(line(node), name, methods, path, demand));
        }
    }

    private Set<String> methods(Node rule, Node node) {
        Set<String> methods = new TreeSet<>(texts(rule, node, "match.methods"));
        for (String method : methods) {
            if (method.equals("HEAD")) {
                problem(node, "match.methods: HEAD is judged as GET; write GET");
            } else if (!method.equals(RouteRule.ANY_METHOD) && !METHOD.matcher(method).matches()) {
                problem(node, "match.methods: '" + method + "' is not a method; allowed: upper-case names, or \"*\" for all");
            }
        }
        if (methods.size() > 1 && methods.contains(RouteRule.ANY_METHOD)) {
            problem(node, "match.methods: \"*\" is all methods; leave the others out");
        }
        return methods;
    }

    private PathPattern path(Node rule, Node node) {
        if (node == null) {
            problem(rule, "match.path: is missing");
            return null;
        }
        String text = text(node, "match.path", MAX_PATTERN);
        try {
            return PathPattern.parse(text, ignoresCase);
        } catch (IllegalArgumentException e) {
            problem(node, "match.path: " + e.getMessage());
            return null;
        }
    }

    private Demand demand(Node rule, Map<String, Node> parts) {
        boolean scopes = parts.containsKey("require") || parts.containsKey("anyOf");
        int kinds = (scopes ? 1 : 0) + (parts.containsKey("public") ? 1 : 0) + (parts.containsKey("any") ? 1 : 0);
        if (kinds != 1) {
            problem(rule, "a rule has either require (and anyOf), or public: true, or any: true; this one has "
                    + (kinds == 0 ? "none" : "several") + " of them");
            return null;
        }
        if (parts.containsKey("public")) {
            requireTrue(parts.get("public"), "public");
            return new Demand.Nothing();
        }
        if (parts.containsKey("any")) {
            requireTrue(parts.get("any"), "any");
            return new Demand.AnyToken();
        }
        return new Demand.Scopes(parts.containsKey("require") ? scopes(rule, parts.get("require"), "require") : List.of(),
                parts.containsKey("anyOf") ? scopes(rule, parts.get("anyOf"), "anyOf") : List.of());
    }

    private List<String> scopes(Node rule, Node node, String field) {
        List<String> scopes = texts(rule, node, field);
        catalogue.unknown(scopes)
                .forEach(name -> problem(node, field + ": there is no scope '" + name + "'; GET /v3/scopes lists them"));
        return scopes.stream().map(ScopeCatalogue::canonical).distinct().toList();
    }

    private void requireTrue(Node node, String field) {
        if (!(node instanceof ScalarNode scalar) || !scalar.getValue().equals("true")) {
            problem(node, field + ": can only be true; leave it out otherwise");
        }
    }

    /** The entries of a mapping; keys that are not known are reported. */
    private Map<String, Node> mapping(Node node, String what, Set<String> known) {
        Map<String, Node> entries = new LinkedHashMap<>();
        if (!(node instanceof MappingNode mapping)) {
            problem(node, what + " must be a mapping with " + String.join(", ", new TreeSet<>(known)));
            return entries;
        }
        for (NodeTuple entry : mapping.getValue()) {
            String key = entry.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "(not a text)";
            if (!known.contains(key)) {
                problem(entry.getKeyNode(),
                        what + " has no '" + key + "'; allowed: " + String.join(", ", new TreeSet<>(known)));
            } else if (entries.put(key, entry.getValueNode()) != null) {
                problem(entry.getKeyNode(), "'" + key + "' is there twice");
            }
        }
        return entries;
    }

    private String text(Node node, String field, int maxLength) {
        if (node instanceof ScalarNode scalar && !scalar.getValue().isBlank() && scalar.getValue().length() <= maxLength
                && scalar.getValue().chars().noneMatch(Character::isISOControl)) {
            return scalar.getValue();
        }
        problem(node, field + ": must be a text of 1 to " + maxLength + " characters");
        return "";
    }

    private String choice(Node node, String field, String otherwise, List<String> allowed) {
        if (node == null) {
            return otherwise;
        }
        if (node instanceof ScalarNode scalar && allowed.contains(scalar.getValue())) {
            return scalar.getValue();
        }
        problem(node, field + ": allowed: " + String.join(", ", allowed));
        return otherwise;
    }

    private List<String> texts(Node rule, Node node, String field) {
        if (!(node instanceof SequenceNode sequence) || sequence.getValue().isEmpty()) {
            problem(node == null ? rule : node, field + ": must be a list with at least one entry");
            return List.of();
        }
        return sequence.getValue().stream().map(entry -> text(entry, field, 255)).toList();
    }

    private RuleAutomaton compile(List<RouteRule> rules) throws PolicyException {
        try {
            return new RuleAutomaton(rules, ignoresCase);
        } catch (RuleAutomaton.TooManyStates e) {
            throw failure("has patterns that overlap in too many ways: use fewer * and ** before other segments");
        }
    }

    private void findUnreachable(List<RouteRule> rules, RuleAutomaton automaton) {
        Map<String, RouteRule> first = new HashMap<>();
        for (RouteRule rule : rules) {
            RouteRule same = first.putIfAbsent(rule.methods() + " " + rule.path().elements(), rule);
            if (!automaton.isReachable(rule)) {
                problems.add("line " + rule.line() + ": the rule '" + rule.name() + "' is never met: " + (same != null
                        ? "it is a duplicate of the one in line " + same.line()
                        : "rules before it match all of its requests; put it before them, or leave it out"));
            }
        }
    }
}
