package dev.latchkey.analytics;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.hibernate.reactive.mutiny.Mutiny;

import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * How many requests came with a token, or with all of an account's, over time. Each part of a session that the caller
 * opens.
 */
@ApplicationScoped
public class RequestCounts {

    /** By the primary key of account_usage_hourly: at most 9,600 hours with an outcome each or a few. */
    private static final String OF_ACCOUNT = """
            SELECT date_trunc(:interval, u.hour, 'UTC'), u.outcome, cast(sum(u.uses) AS bigint) FROM account_usage_hourly u
            WHERE u.account_id = :account AND u.hour >= :from AND u.hour < :to AND (:outcome = '' OR u.outcome = :outcome)
            GROUP BY 1, 2 ORDER BY 1, 2
            """;
    /** By the primary keys of both tables. */
    private static final String OF_TOKEN = """
            SELECT date_trunc(:interval, u.hour, 'UTC'), u.outcome, cast(sum(u.uses) AS bigint)
            FROM personal_access_token t JOIN token_usage_hourly u ON u.token_id = t.id
            WHERE t.id = :token AND t.account_id = :account AND u.hour >= :from AND u.hour < :to
              AND (:outcome = '' OR u.outcome = :outcome)
            GROUP BY 1, 2 ORDER BY 1, 2
            """;
    /** By the primary key. */
    private static final String ADDRESSES = """
            SELECT last_used_ip, last_used_at, cast(earlier_addresses AS text) FROM token_usage
            WHERE token_id = :token AND account_id = :account AND last_used_at IS NOT NULL
            """;

    /** How many requests had an outcome in an hour or a day. */
    @Schema(name = "RequestCount")
    record Point(@Schema(description = "The beginning of the hour or day", examples = "2027-01-31T12:00:00Z") Instant time,
            @Schema(description = "allowed, or the code of the error", examples = "allowed") String outcome,
            @Schema(examples = "42") long requests) {
    }

    /** From where a token was used. */
    @Schema(name = "TokenAddress")
    record Address(@Schema(examples = "203.0.113.7") String address, Instant lastUsedAt) {
    }

    /** @param outcome as the API calls it; empty: all */
    Uni<List<Point>> ofAccount(UUID accountId, Period period, Optional<String> outcome) {
        return points(OF_ACCOUNT, accountId, period, outcome, Optional.empty());
    }

    /** Nothing if it is no token of the account. */
    Uni<List<Point>> ofToken(UUID accountId, UUID tokenId, Period period, Optional<String> outcome) {
        return points(OF_TOKEN, accountId, period, outcome, Optional.of(tokenId));
    }

    private static Uni<List<Point>> points(String sql, UUID accountId, Period period, Optional<String> outcome,
            Optional<UUID> tokenId) {
        return Panache.getSession().chain(session -> {
            Mutiny.SelectionQuery<Object> query = session.createNativeQuery(sql, Object.class)
                    .setParameter("account", accountId).setParameter("interval", period.interval().word())
                    .setParameter("from", period.from()).setParameter("to", period.to())
                    .setParameter("outcome", outcome.map(Outcome::stored).orElse(""));
            tokenId.ifPresent(id -> query.setParameter("token", id));
            return query.getResultList();
        }).map(rows -> rows.stream().map(row -> (Object[]) row)
                .map(row -> new Point(instant(row[0]), Outcome.shown((String) row[1]), (Long) row[2])).toList());
    }

    /** From where the token was used: the newest ten addresses, newest first. */
    Uni<List<Address>> addresses(UUID accountId, UUID tokenId) {
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(ADDRESSES, Object.class).setParameter("token", tokenId)
                        .setParameter("account", accountId).getSingleResultOrNull())
                .map(row -> row == null ? List.of() : addresses((Object[]) row));
    }

    private static List<Address> addresses(Object[] row) {
        List<Address> addresses = new ArrayList<>();
        addresses.add(new Address((String) row[0], instant(row[1])));
        for (Object item : new JsonArray((String) row[2])) {
            JsonObject earlier = (JsonObject) item;
            addresses.add(new Address(earlier.getString("address"),
                    OffsetDateTime.parse(earlier.getString("lastUsedAt")).toInstant()));
        }
        return addresses;
    }

    /** A timestamptz of a native query. */
    private static Instant instant(Object value) {
        return ((OffsetDateTime) value).toInstant();
    }
}
