package dev.latchkey.analytics;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

import dev.latchkey.platform.Caller;
import dev.latchkey.platform.Times;
import dev.latchkey.scope.ScopeCatalogue;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;

/** What tokens an account has, and which are used most. Each part of a session that the caller opens. */
@ApplicationScoped
public class TokenStatistics {

    private static final Duration EXPIRING = Duration.ofDays(7);
    private static final Duration UNUSED = Duration.ofDays(90);

    /** By the index personal_access_token_created and the primary key of token_usage: reads the account's tokens once. */
    private static final String BY_STATUS = """
            SELECT count(*) FILTER (WHERE s.active),
                   count(*) FILTER (WHERE s.active AND s.expires_at <= :soon),
                   count(*) FILTER (WHERE s.revoked_at IS NULL AND s.expires_at <= :now),
                   count(*) FILTER (WHERE s.revoked_at IS NOT NULL),
                   count(*) FILTER (WHERE s.active AND s.created_at < :longAgo AND (s.last_used_at IS NULL OR s.last_used_at < :longAgo))
            FROM (
                SELECT t.expires_at, t.revoked_at, t.created_at, u.last_used_at,
                       t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > :now) AS active
                FROM personal_access_token t LEFT JOIN token_usage u ON u.token_id = t.id
                WHERE t.account_id = :account) AS s
            """;
    /** By the index personal_access_token_created: likewise. */
    private static final String BY_SCOPE = """
            SELECT s.scope, count(*) FROM personal_access_token t CROSS JOIN LATERAL unnest(t.scopes) AS s (scope)
            WHERE t.account_id = :account AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > :now)
            GROUP BY s.scope
            """;
    /**
     * By the index token_usage_daily_day, and the primary keys: a row for each token and day. A token is named to
     * whoever sees it: those of one owner by the index personal_access_token_owner.
     */
    private static final String TOP = """
            SELECT t.id, t.name, t.hint, o.email, s.uses, s.refused
            FROM (
                SELECT d.token_id, cast(sum(d.uses) AS bigint) AS uses, cast(sum(d.refused) AS bigint) AS refused
                FROM token_usage_daily d
                WHERE d.account_id = :account AND d.day >= :from AND d.day < :to AND (:everyones OR d.token_id IN (
                    SELECT id FROM personal_access_token WHERE account_id = :account AND owner_id = :user))
                GROUP BY d.token_id ORDER BY uses DESC, d.token_id LIMIT :most) AS s
            JOIN personal_access_token t ON t.account_id = :account AND t.id = s.token_id
            JOIN app_user o ON o.account_id = t.account_id AND o.id = t.owner_id
            ORDER BY s.uses DESC, t.id
            """;

    /** By the index token_usage_daily_day, and the unique index (account_id, id): a row for each token and day. */
    private static final String REQUESTS_BY_SCOPE = """
            SELECT s.scope, cast(sum(d.uses) AS bigint), cast(sum(d.refused) AS bigint)
            FROM token_usage_daily d
            JOIN personal_access_token t ON t.account_id = d.account_id AND t.id = d.token_id
            CROSS JOIN LATERAL unnest(t.scopes) AS s (scope)
            WHERE d.account_id = :account AND d.day >= :from AND d.day < :to
            GROUP BY s.scope ORDER BY 2 DESC, s.scope
            """;

    /** How many tokens there are of each kind. */
    @Schema(name = "TokenCounts")
    record Counts(@Schema(description = "Those that work") long active,
            @Schema(description = "Active, and end within 7 days") long expiring,
            @Schema(description = "Ended, and not revoked") long expired, long revoked,
            @Schema(description = "Active, and neither used nor created within 90 days") long unused) {
    }

    /** How many tokens can exercise a scope. */
    @Schema(name = "ScopeCount")
    record ScopeCount(@Schema(examples = "license:read") String scope,
            @Schema(description = "Active tokens that have it", examples = "12") long tokens) {
    }

    /** How often the tokens that have a scope were used. */
    @Schema(name = "ScopeRequests")
    record ScopeRequests(@Schema(examples = "license:read") String scope,
            @Schema(description = "The refused ones included", examples = "4242") long requests,
            @Schema(examples = "2") long refused) {
    }

    /** A token that is used much. */
    @Schema(name = "TopToken")
    record TopToken(UUID id, @Schema(examples = "release pipeline") String name, @Schema(examples = "lkp_aB3d…") String hint,
            @Schema(examples = "ada@example.com") String ownerEmail,
            @Schema(description = "The refused ones included", examples = "4242") long requests,
            @Schema(examples = "2") long refused) {
    }

    private final ScopeCatalogue catalogue;
    private final Clock clock;

    public TokenStatistics(ScopeCatalogue catalogue, Clock clock) {
        this.catalogue = catalogue;
        this.clock = clock;
    }

    Uni<Counts> byStatus(UUID accountId) {
        Instant now = Times.now(clock);
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(BY_STATUS, Object.class).setParameter("account", accountId)
                        .setParameter("now", now).setParameter("soon", now.plus(EXPIRING))
                        .setParameter("longAgo", now.minus(UNUSED)).getSingleResult())
                .map(result -> (Object[]) result)
                .map(row -> new Counts((Long) row[0], (Long) row[1], (Long) row[2], (Long) row[3], (Long) row[4]));
    }

    /** All scopes of the catalogue, and those that tokens still have although it has them no more; by name. */
    Uni<List<ScopeCount>> byScope(UUID accountId) {
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(BY_SCOPE, Object.class).setParameter("account", accountId)
                        .setParameter("now", Times.now(clock)).getResultList())
                .map(rows -> {
                    Map<String, Long> tokens = new TreeMap<>();
                    catalogue.names().forEach(name -> tokens.put(name, 0L));
                    rows.stream().map(row -> (Object[]) row).forEach(row -> tokens.put((String) row[0], (Long) row[1]));
                    return tokens.entrySet().stream().map(entry -> new ScopeCount(entry.getKey(), entry.getValue())).toList();
                });
    }

    /**
     * Those with most requests, of the tokens that the caller sees.
     *
     * @param days whole ones
     */
    Uni<List<TopToken>> top(Caller caller, Period days, int most) {
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(TOP, Object.class).setParameter("account", caller.accountId())
                        .setParameter("user", caller.userId())
                        .setParameter("everyones", caller.holds(ScopeCatalogue.USER_WRITE))
                        .setParameter("from", day(days.from())).setParameter("to", day(days.to()))
                        .setParameter("most", (long) most)
                        .getResultList())
                .map(rows -> rows.stream().map(row -> (Object[]) row).map(row -> new TopToken((UUID) row[0], (String) row[1],
                        (String) row[2], (String) row[3], (Long) row[4], (Long) row[5])).toList());
    }

    /**
     * Of the tokens that there are, most requests first.
     *
     * @param days whole ones
     */
    Uni<List<ScopeRequests>> requestsByScope(UUID accountId, Period days) {
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(REQUESTS_BY_SCOPE, Object[].class)
                        .setParameter("account", accountId)
                        .setParameter("from", day(days.from())).setParameter("to", day(days.to())).getResultList())
                .map(rows -> rows.stream().map(row -> new ScopeRequests((String) row[0], (Long) row[1], (Long) row[2]))
                        .toList());
    }

    private static LocalDate day(Instant time) {
        return LocalDate.ofInstant(time, ZoneOffset.UTC);
    }
}
