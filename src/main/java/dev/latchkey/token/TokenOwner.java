package dev.latchkey.token;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;

/**
 * Whose a token is, as far as it matters here.
 *
 * @param roleScopes what their role has now, and so their tokens at most
 */
record TokenOwner(String email, Set<String> roleScopes) {

    /** By the unique indexes (account_id, id) of both. */
    private static final String OWNERS = """
            SELECT u.id, u.email, array_to_string(r.scopes, ' ')
            FROM app_user u JOIN role r ON r.account_id = u.account_id AND r.id = u.role_id
            WHERE u.account_id = :account AND u.id IN (:ids)
            """;

    /** Those users of the account, by their ids. Part of a session that the caller opens. */
    static Uni<Map<UUID, TokenOwner>> of(UUID accountId, Collection<UUID> ids) {
        if (ids.isEmpty()) {
            return Uni.createFrom().item(Map.of());
        }
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(OWNERS, Object.class).setParameter("account", accountId)
                        .setParameter("ids", List.copyOf(ids)).getResultList())
                .map(rows -> rows.stream().map(row -> (Object[]) row).collect(Collectors.toMap(row -> (UUID) row[0],
                        row -> new TokenOwner((String) row[1], Set.copyOf(Arrays.asList(((String) row[2]).split(" ")))))));
    }
}
