package dev.latchkey.usage;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.platform.InRole;
import dev.latchkey.platform.LatchkeyConfig.Role;
import dev.latchkey.verification.VerificationListener;
import io.quarkus.arc.InjectableInstance;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;

/** Writes when tokens were last used in one statement, and all that is counted in another. */
@ApplicationScoped
@InRole(Role.SERVER)
public class PostgresUsage implements UsageSink {

    private static final int MOST = 10_000;
    private static final long SECONDS_PER_HOUR = 3_600;

    /**
     * Locks the tokens against deletion, so that none of them can fail the whole batch. Ordered, so that two
     * servers that write the same tokens do not wait for each other in a circle.
     */
    private static final String LAST_USED = """
            WITH used AS (
                SELECT n.*, t.account_id FROM unnest($1::uuid[], $2::timestamptz[], $3::text[]) AS n (token_id, at, ip)
                JOIN personal_access_token t ON t.id = n.token_id AND ($4::uuid IS NULL OR t.account_id = $4)
                ORDER BY t.id FOR KEY SHARE OF t
            )
            INSERT INTO token_usage (token_id, account_id, last_used_at, last_used_ip) SELECT token_id, account_id, at, ip FROM used
            ON CONFLICT (token_id) DO UPDATE
            SET last_used_at = excluded.last_used_at, last_used_ip = excluded.last_used_ip,
                earlier_addresses = CASE WHEN token_usage.last_used_ip IS NULL OR token_usage.last_used_ip = excluded.last_used_ip
                    THEN token_usage.earlier_addresses
                    ELSE jsonb_build_array(jsonb_build_object('address', token_usage.last_used_ip, 'lastUsedAt',
                            token_usage.last_used_at)) || coalesce((
                        SELECT jsonb_agg(earlier.item ORDER BY earlier.place) FROM (
                            SELECT item, place FROM jsonb_array_elements(token_usage.earlier_addresses) WITH ORDINALITY AS e (item, place)
                            WHERE item ->> 'address' NOT IN (token_usage.last_used_ip, excluded.last_used_ip)
                            ORDER BY place LIMIT 8) AS earlier), '[]')
                    END
            WHERE token_usage.last_used_at IS NULL OR token_usage.last_used_at < excluded.last_used_at
            """;
    /**
     * Locks the accounts too, and before their tokens, as the deletion of an account does. Writes of the accounts first,
     * then of their tokens: the same order for all, likewise.
     */
    private static final String COUNTS = """
            WITH used AS (
                SELECT n.*, t.account_id, (n.hour AT TIME ZONE 'UTC')::date AS day
                FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::bigint[]) AS n (token_id, hour, outcome, uses)
                JOIN personal_access_token t ON t.id = n.token_id AND ($5::uuid IS NULL OR t.account_id = $5)
                JOIN account a ON a.id = t.account_id
                ORDER BY t.id, n.hour, n.outcome FOR KEY SHARE OF a, t
            ), by_hour AS (
                INSERT INTO token_usage_hourly (token_id, hour, outcome, uses) SELECT token_id, hour, outcome, uses FROM used
                ON CONFLICT (token_id, hour, outcome) DO UPDATE SET uses = token_usage_hourly.uses + excluded.uses
            ), by_day AS (
                INSERT INTO token_usage_daily (account_id, token_id, day, uses, refused)
                SELECT account_id, token_id, day, sum(uses), coalesce(sum(uses) FILTER (WHERE outcome <> 'ALLOWED'), 0) FROM used
                GROUP BY account_id, token_id, day ORDER BY account_id, token_id, day
                ON CONFLICT (account_id, token_id, day) DO UPDATE
                SET uses = token_usage_daily.uses + excluded.uses, refused = token_usage_daily.refused + excluded.refused
            )
            INSERT INTO account_usage_hourly (account_id, hour, outcome, uses)
            SELECT account_id, hour, outcome, sum(uses) FROM used
            GROUP BY account_id, hour, outcome ORDER BY account_id, hour, outcome
            ON CONFLICT (account_id, hour, outcome) DO UPDATE SET uses = account_usage_hourly.uses + excluded.uses
            """;

    private final InjectableInstance<Pool> pool;

    public PostgresUsage(InjectableInstance<Pool> pool) {
        this.pool = pool;
    }

    @Override
    public int most() {
        return MOST;
    }

    @Override
    public Uni<Void> write(List<TokenUse> batch) {
        return write(batch, Optional.empty());
    }

    /** Only what was counted of the tokens of that account; the rest is left out. */
    public Uni<Void> write(List<TokenUse> batch, UUID account) {
        return write(batch, Optional.of(account));
    }

    private Uni<Void> write(List<TokenUse> batch, Optional<UUID> account) {
        Map<UUID, TokenUse> last = new HashMap<>();
        batch.stream().filter(use -> use.outcome().equals(VerificationListener.ALLOWED))
                .forEach(use -> last.merge(use.tokenId(), use,
                        (one, other) -> one.lastMillis() < other.lastMillis() ? other : one));
        List<TokenUse> lastUsed = List.copyOf(last.values());
        Tuple uses = Tuple.tuple()
                .addArrayOfUUID(lastUsed.stream().map(TokenUse::tokenId).toArray(UUID[]::new))
                .addArrayOfOffsetDateTime(
                        lastUsed.stream().map(use -> utc(use.lastMillis())).toArray(OffsetDateTime[]::new))
                .addArrayOfString(lastUsed.stream().map(TokenUse::lastAddress).toArray(String[]::new))
                .addUUID(account.orElse(null));
        Tuple counts = Tuple.tuple()
                .addArrayOfUUID(batch.stream().map(TokenUse::tokenId).toArray(UUID[]::new))
                .addArrayOfOffsetDateTime(batch.stream().map(use -> utc(use.hour() * SECONDS_PER_HOUR * 1_000))
                        .toArray(OffsetDateTime[]::new))
                .addArrayOfString(batch.stream().map(TokenUse::outcome).toArray(String[]::new))
                .addArrayOfLong(batch.stream().map(TokenUse::uses).toArray(Long[]::new))
                .addUUID(account.orElse(null));
        return pool.get().withTransaction(connection -> connection.preparedQuery(LAST_USED).execute(uses)
                .chain(() -> connection.preparedQuery(COUNTS).execute(counts)))
                // No time-out around it, which would not end the transaction: it could be written, and counted again. Waiting for
                // a connection and each statement have their own.
                .replaceWithVoid();
    }

    private static OffsetDateTime utc(long millis) {
        return Instant.ofEpochMilli(millis).atOffset(ZoneOffset.UTC);
    }
}
