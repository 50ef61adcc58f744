package dev.latchkey.gateway.policy;

import java.util.List;
import java.util.Optional;

/**
 * Which requests may pass, and what they need: ordered rules of which the first that matches decides; where none does, the
 * request is denied.
 */
public final class RoutePolicy {

    /** What becomes of the {@code Authorization} header before the API behind sees the request. */
    public enum UpstreamAuthorization {
        /** It is taken out. */
        REMOVE,
        /** It is passed on: the API sees the token. */
        PASS,
        /** A signed JWT takes its place. */
        JWT
    }

    /**
     * What the API behind gets.
     *
     * @param audience of the JWT; empty where there is none
     */
    public record Upstream(UpstreamAuthorization authorization, String audience) {
    }

    private final List<RouteRule> rules;
    private final Upstream upstream;
    private final boolean passesOverrides;
    private final RuleAutomaton automaton;

    RoutePolicy(List<RouteRule> rules, Upstream upstream, boolean passesOverrides, RuleAutomaton automaton) {
        this.rules = List.copyOf(rules);
        this.upstream = upstream;
        this.passesOverrides = passesOverrides;
        this.automaton = automaton;
    }

    /**
     * The rule that decides. Costs a step for each segment of the path, however many rules there are.
     *
     * @param method HEAD is judged as GET
     */
    public Optional<RouteRule> match(String method, CanonicalPath path) {
        return Optional.ofNullable(automaton.match(method.equals("HEAD") ? "GET" : method, path));
    }

    public List<RouteRule> rules() {
        return rules;
    }

    public Upstream upstream() {
        return upstream;
    }

    /** Whether headers that make an API take a request for one of another method or path are let through. */
    public boolean passesOverrides() {
        return passesOverrides;
    }
}
