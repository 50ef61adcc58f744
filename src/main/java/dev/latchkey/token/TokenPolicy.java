package dev.latchkey.token;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;

import dev.latchkey.platform.AddressRange;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.RateLimit;
import dev.latchkey.platform.ScopeNotGrantable;
import dev.latchkey.platform.Times;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;

/**
 * What an account demands of the tokens that are issued in it, whoever issues them and by whichever road.
 *
 * @param maxLifetime null: no limit
 * @param expiryRequired whether each token has to have an end; a longest lifetime demands it by itself
 * @param ranges within which a token's own ranges must be, and from which a token without any may be used; empty: any address
 * @param deniedScopes that no token may have
 * @param tokensPerUser how many that can be used one person may have
 * @param maxRateLimit that no token's own may exceed; empty: no limit
 */
public record TokenPolicy(Duration maxLifetime, boolean expiryRequired, List<AddressRange> ranges,
        SortedSet<String> deniedScopes,
        int tokensPerUser, Optional<RateLimit> maxRateLimit) {

    /** Of the clock of whoever computed a time. */
    private static final Duration TOLERANCE = Duration.ofMinutes(1);

    /**
     * By the primary key. Held: or else a token could be issued by a policy that is tightened meanwhile, and be missed by
     * whoever
     * shortens those that break it. Whoever changes a policy holds the account first and tokens after it: so does whoever
     * issues.
     */
    private static final String POLICY = """
            SELECT max_token_lifetime_seconds, token_expiry_required, array_to_string(token_allowed_ips, ' '),
                   array_to_string(token_denied_scopes, ' '), tokens_per_user,
                   CASE WHEN rate_limit_is_maximum THEN rate_limit_requests END, rate_limit_window_seconds
            FROM account WHERE id = :account FOR SHARE
            """;
    /**
     * One at a time for each person, so that many at once do not pass the limit together. By the unique index (account_id, id).
     */
    private static final String ONE_AT_A_TIME = "SELECT id FROM app_user WHERE account_id = :account AND id = :owner FOR NO KEY UPDATE";
    /** By the index personal_access_token_owner. */
    private static final String COUNT = """
            SELECT count(*) FROM (
                SELECT 1 FROM personal_access_token WHERE account_id = :account AND owner_id = :owner AND revoked_at IS NULL
                    AND (expires_at IS NULL OR expires_at > :now) LIMIT :most) AS counted
            """;

    /** Of an account, which does not change before the transaction ends that the caller opens, before it holds any token. */
    static Uni<TokenPolicy> hold(UUID accountId) {
        return Panache.getSession().chain(session -> session.createNativeQuery(POLICY, Object[].class)
                .setParameter("account", accountId).getSingleResult()).map(TokenPolicy::read);
    }

    private static TokenPolicy read(Object[] row) {
        return new TokenPolicy(row[0] == null ? null : Duration.ofSeconds((Long) row[0]), (Boolean) row[1],
                words(row[2]).stream().map(text -> AddressRange.parse(text).orElseThrow()).toList(),
                new TreeSet<>(words(row[3])), (Integer) row[4], RateLimit.of((Integer) row[5], (Integer) row[6]));
    }

    private static List<String> words(Object text) {
        return text == null || ((String) text).isEmpty() ? List.of() : Arrays.asList(((String) text).split(" "));
    }

    /**
     * That a token may be issued.
     *
     * @throws ApiException 400 for its end or its ranges; 403 {@code SCOPE_NOT_GRANTABLE} for its scopes
     */
    void require(Grant grant, Instant now) {
        Instant end = grant.expiresAt();
        if (end != null && !end.isAfter(now)) {
            throw ApiException.invalid("expiresAt", "is in the past: give a time after " + now);
        }
        if (maxLifetime == null && expiryRequired && end == null) {
            throw ApiException.invalid("expiresAt", "tokens of this account have to end: give a time after " + now);
        }
        if (maxLifetime != null && (end == null || end.isAfter(now.plus(maxLifetime).plus(TOLERANCE)))) {
            throw ApiException.invalid("expiresAt", "tokens of this account live at most " + maxLifetime + ": give a time of "
                    + now.plus(maxLifetime) + " or earlier");
        }
        SortedSet<String> denied = new TreeSet<>(grant.scopes());
        denied.retainAll(deniedScopes);
        if (!denied.isEmpty()) {
            throw new ScopeNotGrantable("the account's token policy allows no token with " + String.join(", ", denied)
                    + ": leave it away");
        }
        requireUse(grant);
    }

    /** @throws ApiException 400 for a range, or a rate limit, that is not within the account's */
    void requireUse(Grant grant) {
        if (!ranges.isEmpty()
                && !grant.ranges().stream().allMatch(range -> ranges.stream().anyMatch(outer -> outer.contains(range)))) {
            throw ApiException.invalid("allowedIps", "the account's token policy allows use from "
                    + ranges.stream().map(AddressRange::toString).collect(Collectors.joining(", "))
                    + " alone: give ranges within");
        }
        Optional<RateLimit> wanted = grant.rateLimit();
        if (maxRateLimit.isPresent() && wanted.isPresent() && !wanted.get().isWithin(maxRateLimit.get())) {
            throw ApiException.invalid("rateLimit", "the account's token policy allows at most " + maxRateLimit.get()
                    + ": give a limit within");
        }
    }

    /**
     * That a person may have so many more.
     *
     * @throws ApiException 409 if it is too many
     */
    Uni<Void> requireRoom(UUID accountId, UUID ownerId, int more, Clock clock) {
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(ONE_AT_A_TIME, UUID.class).setParameter("account", accountId)
                        .setParameter("owner", ownerId).getResultList()
                        .chain(() -> session.createNativeQuery(COUNT, Long.class).setParameter("account", accountId)
                                .setParameter("owner", ownerId).setParameter("now", Times.now(clock))
                                .setParameter("most", tokensPerUser).getSingleResult()))
                .invoke(count -> {
                    if (count + more > tokensPerUser) {
                        throw new ApiException(409, "TOO_MANY_TOKENS", "a user of this account has at most " + tokensPerUser
                                + " tokens that can be used: revoke or delete some first");
                    }
                }).replaceWithVoid();
    }
}
