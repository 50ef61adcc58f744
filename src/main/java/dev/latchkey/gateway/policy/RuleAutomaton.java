package dev.latchkey.gateway.policy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * All patterns of a policy as one deterministic automaton over segments, made by the subset construction (Rabin and Scott,
 * 1959): a state is the set of places in all rules where a path may stand. Matching is one look into a map for each segment.
 * <p>
 * Patterns that cross each other in many ways could make very many states; beyond {@link #MAX_STATES} the policy is refused.
 */
final class RuleAutomaton {

    static final int MAX_STATES = 50_000;

    /** Where paths that begin alike stand. */
    private static final class State {

        /** By the next segment; other segments lead to {@link #other}. */
        private final Map<String, State> next = new HashMap<>();
        /** Null: nothing that begins so is matched. */
        private State other;
        /** The rules for a path that ends here, by method; other methods have {@link #anyMethod}. */
        private final Map<String, RouteRule> byMethod = new HashMap<>();
        private RouteRule anyMethod;
    }

    /** Thrown for a policy that would need too many states. */
    static final class TooManyStates extends RuntimeException {

        private TooManyStates() {
            super(null, null, false, false);
        }
    }

    private final State start;
    private final boolean ignoresCase;
    private final Set<RouteRule> reachable = Collections.newSetFromMap(new IdentityHashMap<>());

    /** @throws TooManyStates if there are more than {@link #MAX_STATES} */
    RuleAutomaton(List<RouteRule> rules, boolean ignoresCase) {
        this.ignoresCase = ignoresCase;
        this.start = new Construction(rules).run();
    }

    /** The first rule that matches; null if none does. */
    RouteRule match(String method, CanonicalPath path) {
        State state = start;
        CanonicalPath.Segments segments = path.segments();
        for (String segment = segments.next(); segment != null; segment = segments.next()) {
            State next = state.next.get(ignoresCase ? segment.toLowerCase(Locale.ROOT) : segment);
            state = next != null ? next : state.other;
            if (state == null) {
                return null;
            }
        }
        RouteRule rule = state.byMethod.get(method);
        return rule != null ? rule : state.anyMethod;
    }

    /** Whether some request meets this rule before all others. */
    boolean isReachable(RouteRule rule) {
        return reachable.contains(rule);
    }

    /** A place is the number of a rule and how many elements of its pattern are behind it, in one number. */
    private final class Construction {

        private static final int ELEMENTS = 10_000;

        private record Places(int[] sorted) {

            @Override
            public boolean equals(Object other) {
                return other instanceof Places that && Arrays.equals(sorted, that.sorted);
            }

            @Override
            public int hashCode() {
                return Arrays.hashCode(sorted);
            }
        }

        private final List<RouteRule> rules;
        private final Map<Places, State> states = new HashMap<>();
        private final Deque<Places> unfinished = new ArrayDeque<>();

        Construction(List<RouteRule> rules) {
            this.rules = rules;
        }

        State run() {
            TreeSet<Integer> beginnings = new TreeSet<>();
            for (int rule = 0; rule < rules.size(); rule++) {
                enter(rule, 0, beginnings);
            }
            State first = state(beginnings);
            while (!unfinished.isEmpty()) {
                finish(unfinished.remove());
            }
            return first;
        }

        private State state(TreeSet<Integer> places) {
            Places key = new Places(places.stream().mapToInt(Integer::intValue).toArray());
            State known = states.get(key);
            if (known != null) {
                return known;
            }
            if (states.size() == MAX_STATES) {
                throw new TooManyStates();
            }
            State made = new State();
            states.put(key, made);
            unfinished.add(key);
            return made;
        }

        /** Enters a place, and what can be reached from it without a segment, because {@code **} may stand for none. */
        private void enter(int rule, int element, TreeSet<Integer> places) {
            places.add(rule * ELEMENTS + element);
            List<PathPattern.Element> elements = rules.get(rule).path().elements();
            if (element < elements.size() && elements.get(element) == PathPattern.Wildcard.MANY) {
                enter(rule, element + 1, places);
            }
        }

        private void finish(Places places) {
            State state = states.get(places);
            TreeSet<Integer> after = new TreeSet<>();
            Map<String, TreeSet<Integer>> afterLiteral = new LinkedHashMap<>();
            List<RouteRule> ending = new ArrayList<>();
            for (int place : places.sorted) {
                int rule = place / ELEMENTS;
                int element = place % ELEMENTS;
                List<PathPattern.Element> elements = rules.get(rule).path().elements();
                if (element == elements.size()) {
                    ending.add(rules.get(rule));
                } else if (elements.get(element) == PathPattern.Wildcard.MANY) {
                    enter(rule, element, after);
                } else if (elements.get(element) instanceof PathPattern.Literal literal) {
                    enter(rule, element + 1, afterLiteral.computeIfAbsent(literal.segment(), ignored -> new TreeSet<>()));
                } else {
                    enter(rule, element + 1, after);
                }
            }
            decide(state, ending);
            state.other = after.isEmpty() ? null : state(after);
            afterLiteral.forEach((segment, places2) -> {
                places2.addAll(after);
                state.next.put(segment, state(places2));
            });
        }

        /** Of the rules that match, in their order, the first for each method. */
        private void decide(State state, List<RouteRule> ending) {
            for (RouteRule rule : ending) {
                if (state.anyMethod != null) {
                    return;
                }
                if (rule.isForAnyMethod()) {
                    state.anyMethod = rule;
                    reachable.add(rule);
                    continue;
                }
                for (String method : rule.methods()) {
                    if (state.byMethod.putIfAbsent(method, rule) == null) {
                        reachable.add(rule);
                    }
                }
            }
        }
    }
}
