package dev.latchkey.gateway.policy;

import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** What a rule demands of a request. */
public sealed interface Demand {

    /** No token; whoever sends one is not asked about it. */
    record Nothing() implements Demand {
    }

    /** A valid token, whatever its scopes. */
    record AnyToken() implements Demand {
    }

    /**
     * A valid token with all of some scopes, and with one of others.
     *
     * @param all may be empty
     * @param anyOf empty: none of them is needed
     */
    record Scopes(List<String> all, List<String> anyOf) implements Demand {

        /** Whether these scopes will do. */
        public boolean isMetBy(Set<String> held) {
            for (String scope : all) {
                if (!held.contains(scope)) {
                    return false;
                }
            }
            if (anyOf.isEmpty()) {
                return true;
            }
            for (String scope : anyOf) {
                if (held.contains(scope)) {
                    return true;
                }
            }
            return false;
        }

        /** All scopes that play a part. */
        public SortedSet<String> mentioned() {
            SortedSet<String> mentioned = new TreeSet<>(all);
            mentioned.addAll(anyOf);
            return mentioned;
        }

        /** For a person: {@code license:read}, {@code a:read and b:read}, {@code a:read and one of b:read, c:read}. */
        @Override
        public String toString() {
            String together = String.join(" and ", all);
            if (anyOf.isEmpty()) {
                return together;
            }
            return (all.isEmpty() ? "" : together + " and ") + "one of " + String.join(", ", anyOf);
        }
    }
}
