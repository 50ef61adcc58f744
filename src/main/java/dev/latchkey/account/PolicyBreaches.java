package dev.latchkey.account;

import java.time.Clock;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.hibernate.reactive.mutiny.Mutiny;

import dev.latchkey.platform.Times;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;

/**
 * The tokens that an account's policy would not allow any more: shown, and shortened to what it allows. Each method is part of
 * a
 * transaction that the caller opens, and reads the account as it is then, changed or not.
 */
@ApplicationScoped
public class PolicyBreaches {

    /** How many are shown, and up to how many are counted. */
    private static final int SHOWN = 100;
    private static final int COUNTED = 10_000;

    /** Of tokens t that can be used, and their account a. By the indexes of personal_access_token on account_id. */
    private static final String LIVES_TOO_LONG = "(a.max_token_lifetime_seconds IS NOT NULL AND coalesce(t.expires_at, 'infinity') "
            + "> cast(:now AS timestamptz) + a.max_token_lifetime_seconds * interval '1 second' + interval '1 minute')";
    private static final String NEVER_ENDS = "(a.token_expiry_required AND t.expires_at IS NULL)";
    private static final String DENIED = "t.scopes && a.token_denied_scopes";
    private static final String OUTSIDE = "(a.token_allowed_ips IS NOT NULL AND t.allowed_ips IS NOT NULL AND EXISTS (SELECT 1 FROM "
            + "unnest(t.allowed_ips) AS own WHERE NOT EXISTS (SELECT 1 FROM unnest(a.token_allowed_ips) AS outer_range "
            + "WHERE cast(own AS cidr) <<= cast(outer_range AS cidr))))";
    private static final String USABLE = "FROM account a JOIN personal_access_token t ON t.account_id = a.id WHERE a.id = :account "
            + "AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > :now)";
    private static final String BREACH = " AND (" + String.join(" OR ", LIVES_TOO_LONG, NEVER_ENDS, DENIED, OUTSIDE) + ")";

    private static final String SHOW = "SELECT t.id, t.name, u.email, " + LIVES_TOO_LONG + " OR " + NEVER_ENDS + ", " + DENIED
            + ", "
            + OUTSIDE + ", t.expires_at " + USABLE.replace("WHERE", "JOIN app_user u ON u.id = t.owner_id WHERE") + BREACH
            + " ORDER BY t.created_at DESC, t.id LIMIT " + SHOWN;
    private static final String COUNT = "SELECT count(*) FROM (SELECT 1 " + USABLE + BREACH + " LIMIT " + COUNTED
            + ") AS counted";

    /** What a token's ranges and the account's have in common: of two that overlap, one lies in the other. */
    private static final String COMMON = "FROM unnest(t.allowed_ips) AS own, unnest(a.token_allowed_ips) AS outer_range "
            + "WHERE cast(own AS cidr) && cast(outer_range AS cidr)";
    /** First: a token of which nothing is left, no scope or no address, is revoked. Shortening widens nothing. */
    private static final String REVOKE = """
            UPDATE personal_access_token t SET revoked_at = :now, updated_at = :now FROM account a
            WHERE a.id = :account AND t.account_id = a.id AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > :now)
              AND (t.scopes <@ a.token_denied_scopes OR a.token_allowed_ips IS NOT NULL AND t.allowed_ips IS NOT NULL
                   AND NOT EXISTS (SELECT 1\s"""
            + COMMON + "))";
    private static final String SHORTEN = """
            UPDATE personal_access_token t
            SET scopes = ARRAY(SELECT scope FROM unnest(t.scopes) AS scope WHERE scope <> ALL (a.token_denied_scopes) ORDER BY scope),
                expires_at = CASE WHEN a.max_token_lifetime_seconds IS NOT NULL THEN
                        least(coalesce(t.expires_at, 'infinity'), cast(:now AS timestamptz) + a.max_token_lifetime_seconds * interval '1 second')
                    WHEN a.token_expiry_required THEN coalesce(t.expires_at, cast(:now AS timestamptz) + interval '1 year')
                    ELSE t.expires_at END,
                allowed_ips = CASE WHEN a.token_allowed_ips IS NULL OR t.allowed_ips IS NULL THEN t.allowed_ips
                    ELSE ARRAY(SELECT DISTINCT CASE WHEN cast(own AS cidr) <<= cast(outer_range AS cidr) THEN own ELSE outer_range END
                        """
            + COMMON
            + """
                            ) END,
                        updated_at = :now
                    FROM account a
                    WHERE a.id = :account AND t.account_id = a.id AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > :now)
                    """
            + BREACH;

    private final Clock clock;

    public PolicyBreaches(Clock clock) {
        this.clock = clock;
    }

    /** Tokens that break a policy. */
    @RegisterForReflection
    @Schema(name = "TokenPolicyPreview")
    record Preview(@Schema(description = "How many; counted up to 10000") long count,
            @Schema(description = "The newest of them, at most 100") List<Breach> tokens) {
    }

    /** One of them. */
    @RegisterForReflection
    @Schema(name = "TokenPolicyBreach")
    record Breach(UUID id, String name, String ownerEmail, Instant expiresAt,
            @Schema(description = "The fields that would have to change", examples = "[\"expiresAt\"]") List<String> fields) {
    }

    Uni<Preview> preview(UUID accountId) {
        return Panache.getSession()
                .chain(session -> bound(session.createNativeQuery(COUNT, Long.class), accountId).getSingleResult()
                        .chain(count -> bound(session.createNativeQuery(SHOW, Object[].class), accountId).getResultList()
                                .map(rows -> new Preview(count, rows.stream().map(PolicyBreaches::breach).toList()))));
    }

    /** Makes of each what the policy allows; answers how many changed. */
    Uni<Integer> shorten(UUID accountId) {
        return Panache.getSession().chain(session -> bound(session.createNativeQuery(REVOKE), accountId).executeUpdate()
                .chain(revoked -> bound(session.createNativeQuery(SHORTEN), accountId).executeUpdate()
                        .map(shortened -> revoked + shortened)));
    }

    private <Q extends Mutiny.AbstractQuery> Q bound(Q query, UUID accountId) {
        query.setParameter("account", accountId);
        query.setParameter("now", Times.now(clock));
        return query;
    }

    private static Breach breach(Object[] row) {
        List<String> fields = Arrays.asList((Boolean) row[3] ? "expiresAt" : "", (Boolean) row[4] ? "scopes" : "",
                (Boolean) row[5] ? "allowedIps" : "");
        return new Breach((UUID) row[0], (String) row[1], (String) row[2],
                row[6] == null ? null : ((OffsetDateTime) row[6]).toInstant(),
                fields.stream().filter(field -> !field.isEmpty()).toList());
    }
}
