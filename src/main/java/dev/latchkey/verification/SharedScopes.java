package dev.latchkey.verification;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

/**
 * One set of scopes for all the credentials that have the same: there are few different ones, and 100,000 copies
 * would be most of the cache's memory. Bounded; a set that was forgotten is merely not shared with the next.
 */
public final class SharedScopes {

    private static final int MAX_SETS = 1_000;

    private final Cache<Set<String>, Set<String>> sets = Caffeine.newBuilder().maximumSize(MAX_SETS).executor(Runnable::run)
            .build();

    /** The one that equals these; in the order of their names. */
    public Set<String> of(Set<String> scopes) {
        Set<String> known = sets.getIfPresent(scopes);
        if (known == null) {
            known = Collections.unmodifiableSet(new LinkedHashSet<>(new TreeSet<>(scopes)));
            sets.put(known, known);
        }
        return known;
    }
}
