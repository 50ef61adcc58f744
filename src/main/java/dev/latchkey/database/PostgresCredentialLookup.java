package dev.latchkey.database;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.database.LookupConnections.Statement;
import dev.latchkey.platform.AddressRange;
import dev.latchkey.platform.InRole;
import dev.latchkey.platform.LatchkeyConfig.Role;
import dev.latchkey.platform.RateLimit;
import dev.latchkey.token.TokenDigest;
import dev.latchkey.verification.CredentialLookup;
import dev.latchkey.verification.SessionRecord;
import dev.latchkey.verification.SharedScopes;
import dev.latchkey.verification.TokenRecord;
import dev.latchkey.verification.VerifiedToken;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;

/** One prepared statement on the reactive client: about twice the rate of the same through an entity. */
@ApplicationScoped
@InRole(Role.SERVER)
public class PostgresCredentialLookup implements CredentialLookup {

    /**
     * For each digest the current value of a token by the index personal_access_token_digest, or its rotated-out value by
     * personal_access_token_replaced_digest: two probes, of which at most one finds a row. The rest by the primary keys.
     */
    private static final String TOKEN = """
            SELECT d.number, t.id, t.owner_id, u.role_id, t.account_id, t.scopes, r.scopes, t.valid_until,
                   t.revoked_at IS NOT NULL, u.disabled_at IS NOT NULL OR a.disabled_at IS NOT NULL,
                   coalesce(t.allowed_ips, a.token_allowed_ips), t.rate_limit_requests, t.rate_limit_window_seconds,
                   a.rate_limit_requests, a.rate_limit_window_seconds, a.rate_limit_is_maximum
            FROM unnest($1::bytea[]) WITH ORDINALITY AS d (digest, number)
            CROSS JOIN LATERAL (
                SELECT p.*, p.expires_at AS valid_until FROM personal_access_token p WHERE p.digest = d.digest
                UNION ALL
                SELECT p.*, least(p.replaced_until, p.expires_at) FROM personal_access_token p WHERE p.replaced_digest = d.digest
                LIMIT 1
            ) AS t
            JOIN app_user u ON u.id = t.owner_id
            JOIN role r ON r.id = u.role_id
            JOIN account a ON a.id = t.account_id
            """;

    /** By the primary keys. */
    private static final String SESSION = """
            SELECT d.number, s.id, s.user_id, u.role_id, s.account_id, r.scopes, s.expires_at,
                   s.ended_at IS NOT NULL, u.disabled_at IS NOT NULL OR a.disabled_at IS NOT NULL
            FROM unnest($1::uuid[]) WITH ORDINALITY AS d (id, number)
            JOIN session s ON s.id = d.id
            JOIN app_user u ON u.id = s.user_id
            JOIN role r ON r.id = u.role_id
            JOIN account a ON a.id = s.account_id
            """;

    private static final Statement<TokenDigest> TOKENS = new Statement<>(TOKEN, digests -> Tuple.tuple()
            .addArrayOfBuffer(digests.stream().map(digest -> Buffer.buffer(digest.bytes())).toArray(Buffer[]::new)));
    private static final Statement<UUID> SESSIONS = new Statement<>(SESSION,
            ids -> Tuple.tuple().addArrayOfUUID(ids.toArray(UUID[]::new)));

    private final LookupConnections connections;
    private final SharedScopes shared = new SharedScopes();

    public PostgresCredentialLookup(LookupConnections connections) {
        this.connections = connections;
    }

    @Override
    public Uni<Optional<TokenRecord>> token(TokenDigest digest, Standing standing) {
        return connections.ask(TOKENS, digest, standing).map(row -> row.map(it -> token(digest, it)));
    }

    @Override
    public Uni<Optional<SessionRecord>> session(UUID id, Standing standing) {
        return connections.ask(SESSIONS, id, standing).map(row -> row.map(this::session));
    }

    private TokenRecord token(TokenDigest digest, Row row) {
        Set<String> effective = new HashSet<>(Arrays.asList(row.getArrayOfStrings(5)));
        effective.retainAll(Arrays.asList(row.getArrayOfStrings(6)));
        VerifiedToken granted = new VerifiedToken(digest, row.getUUID(1), row.getUUID(2), row.getUUID(4),
                shared.of(effective), instant(row, 7), ranges(row.getArrayOfStrings(10)));
        return new TokenRecord(granted, row.getUUID(3), row.getBoolean(8), row.getBoolean(9),
                RateLimit.effective(RateLimit.of(row.getInteger(11), row.getInteger(12)),
                        RateLimit.of(row.getInteger(13), row.getInteger(14)), row.getBoolean(15)));
    }

    private SessionRecord session(Row row) {
        return new SessionRecord(row.getUUID(1), row.getUUID(2), row.getUUID(3), row.getUUID(4),
                shared.of(Set.copyOf(Arrays.asList(row.getArrayOfStrings(5)))), instant(row, 6).orElseThrow(),
                row.getBoolean(7), row.getBoolean(8));
    }

    private static Optional<Instant> instant(Row row, int column) {
        return Optional.ofNullable(row.getOffsetDateTime(column)).map(OffsetDateTime::toInstant);
    }

    /** A range that cannot be read allows nobody: the lookup fails rather than drop it. */
    private static List<AddressRange> ranges(String[] texts) {
        return texts == null ? List.of() : Arrays.stream(texts).map(text -> AddressRange.parse(text).orElseThrow()).toList();
    }
}
