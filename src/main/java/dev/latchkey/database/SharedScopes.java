package dev.latchkey.database;

import java.util.Set;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

/**
 * One set of scopes for all the credentials that have the same: there are few different ones, and 100,000 copies
 * would be most of the cache's memory. Bounded; a set that was forgotten is merely not shared with the next.
 */
final class SharedScopes {

    private static final int MAX_SETS = 1_000;

    private final Cache<Set<String>, Set<String>> sets = Caffeine.newBuilder().maximumSize(MAX_SETS).executor(Runnable::run)
            .build();

    Set<String> of(Set<String> scopes) {
        Set<String> known = sets.getIfPresent(scopes);
        if (known == null) {
            known = Set.copyOf(scopes);
            sets.put(known, known);
        }
        return known;
    }
}
