package dev.latchkey.token;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import dev.latchkey.platform.RateLimit;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;

/**
 * Whose a token is, as far as it matters here.
 *
 * @param roleScopes what their role has now, and so their tokens at most
 * @param usualRateLimit of their account's tokens; empty: none
 * @param isRateLimitMaximum whether it applies to a token whose own is not within it
 */
record TokenOwner(String email, Set<String> roleScopes, Optional<RateLimit> usualRateLimit, boolean isRateLimitMaximum) {

    /** By the unique indexes (account_id, id) of both, and the account's primary key. */
    private static final String OWNERS = """
            SELECT u.id, u.email, array_to_string(r.scopes, ' '),
                   a.rate_limit_requests, a.rate_limit_window_seconds, a.rate_limit_is_maximum
            FROM app_user u JOIN role r ON r.account_id = u.account_id AND r.id = u.role_id
            JOIN account a ON a.id = u.account_id
            WHERE u.account_id = :account AND u.id IN (:ids)
            """;

    /** Those users of the account, by their ids. Part of a session that the caller opens. */
    static Uni<Map<UUID, TokenOwner>> of(UUID accountId, Collection<UUID> ids) {
        if (ids.isEmpty()) {
            return Uni.createFrom().item(Map.of());
        }
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(OWNERS, Object[].class).setParameter("account", accountId)
                        .setParameter("ids", List.copyOf(ids)).getResultList())
                .map(rows -> rows.stream().collect(Collectors.toMap(row -> (UUID) row[0], TokenOwner::read)));
    }

    private static TokenOwner read(Object[] row) {
        return new TokenOwner((String) row[1], Set.copyOf(Arrays.asList(((String) row[2]).split(" "))),
                RateLimit.of((Integer) row[3], (Integer) row[4]), (Boolean) row[5]);
    }

    /** How often a token of theirs may be used; null: as often as it likes. */
    RateLimit rateLimitOf(PersonalAccessToken token) {
        return RateLimit.effective(token.rateLimit(), usualRateLimit, isRateLimitMaximum).orElse(null);
    }
}
