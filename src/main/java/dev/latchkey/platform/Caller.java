package dev.latchkey.platform;

import java.time.Instant;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Who makes a request, however authenticated.
 *
 * @param scopes the effective scopes: what the credential grants and the user's role still allows
 */
public record Caller(UUID accountId, UUID userId, Set<String> scopes, Credential credential) {

    /** What the caller proved themselves with. */
    public sealed interface Credential {
        UUID id();
    }

    /** A person signed in to the portal. */
    public record Session(UUID id) implements Credential {
    }

    /**
     * A personal access token.
     *
     * @param valueDigest SHA-256 of the value that was presented, to tell whether it is still the current one
     * @param validUntil when the value that was presented ends; empty: never
     */
    public record Token(UUID id, byte[] valueDigest, Optional<Instant> validUntil) implements Credential {
    }

    public boolean holds(String scope) {
        return scopes.contains(scope);
    }

    /** The token that was used, if it was one. */
    public Optional<Token> token() {
        return credential instanceof Token token ? Optional.of(token) : Optional.empty();
    }

    /**
     * Nobody hands out more than they hold.
     *
     * @throws ScopeNotGrantable naming the scopes among these that the caller does not hold
     */
    public void requireToHold(Collection<String> wanted) {
        SortedSet<String> missing = new TreeSet<>(wanted);
        missing.removeAll(scopes);
        if (!missing.isEmpty()) {
            throw new ScopeNotGrantable("you do not hold " + String.join(", ", missing)
                    + ", so you cannot hand it out: leave it away, or ask an administrator for a role that has it");
        }
    }
}
