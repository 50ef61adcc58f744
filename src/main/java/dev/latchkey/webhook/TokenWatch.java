package dev.latchkey.webhook;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import jakarta.enterprise.context.ApplicationScoped;

import org.hibernate.reactive.mutiny.Mutiny;

import com.fasterxml.jackson.annotation.JsonUnwrapped;

import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.database.Transactions;
import dev.latchkey.token.TokenDirectory;
import dev.latchkey.token.TokenView;
import dev.latchkey.webhook.Outbox.Happened;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.mutiny.Uni;

/**
 * Tells what nobody does but time and use: that tokens expire soon, have expired, were used from a new address. Each once,
 * whatever
 * dies in between: how far it got is written in the transaction that tells it. One server at a time: it holds what it is at.
 */
@ApplicationScoped
public class TokenWatch {

    /** Tokens in one transaction, */
    private static final int BATCH = 500;
    /** and transactions in one run. */
    private static final int MOST_BATCHES = 20;
    private static final int EXPIRED = 0;
    /** Beyond the longest transaction: who changed an expiry before it came has committed then. */
    private static final Duration MARGIN = Duration.ofSeconds(1);

    /** What expired, or came so near, before this was watched for is nobody's news. */
    private static final String BEGIN = """
            INSERT INTO token_expiry_watch (days_before, reached_at, reached_token)
            VALUES (:days, now() + make_interval(days => :days), '00000000-0000-0000-0000-000000000000') ON CONFLICT DO NOTHING
            """;
    /** Of several servers one. */
    private static final String REACHED = """
            SELECT reached_at, reached_token, now() - cast(cast(:lag AS text) AS interval) + make_interval(days => :days)
            FROM token_expiry_watch WHERE days_before = :days FOR UPDATE SKIP LOCKED
            """;
    /** By the index personal_access_token_expiry. */
    private static final String NEXT = """
            SELECT id, account_id, expires_at, revoked_at IS NULL AND (:days = 0 OR expires_at > now())
                   AND (SELECT disabled_at IS NULL FROM account a WHERE a.id = t.account_id)
            FROM personal_access_token t
            WHERE (expires_at, id) > (:reached, :token) AND expires_at <= :until
            ORDER BY expires_at, id LIMIT :batch
            """;
    private static final String MOVE = """
            UPDATE token_expiry_watch SET reached_at = :reached, reached_token = :token WHERE days_before = :days
            """;
    /** Oldest first, by the primary key. Takes them away: each is told once. */
    private static final String SIGHTINGS = """
            DELETE FROM token_sighting WHERE id IN (
                SELECT id FROM token_sighting ORDER BY id LIMIT :batch FOR UPDATE SKIP LOCKED)
            RETURNING id, account_id, token_id, address, known_addresses
            """;

    /**
     * What is told of a token that expires soon.
     *
     * @param daysLeft one of the configured numbers
     */
    @RegisterForReflection
    public record ExpiringSoon(@JsonUnwrapped TokenView token, int daysLeft) {
    }

    /**
     * What is told of a token that was used from a new address.
     *
     * @param address from where
     * @param knownAddresses how many of the last ten addresses were known before; 0: this is its first use
     */
    @RegisterForReflection
    public record Sighting(@JsonUnwrapped TokenView token, String address, int knownAddresses) {
    }

    private record Due(UUID id, UUID accountId, OffsetDateTime expiresAt, boolean matters) {
    }

    private record Seen(long id, UUID accountId, UUID tokenId, String address, int knownAddresses) {
    }

    private final Transactions transactions;
    private final Outbox outbox;
    private final TokenDirectory tokens;
    private final Set<Integer> days;
    private final String lag;
    private final boolean hasDatabase;

    public TokenWatch(Transactions transactions, Outbox outbox, TokenDirectory tokens, LatchkeyConfig config) {
        this.transactions = transactions;
        this.outbox = outbox;
        this.tokens = tokens;
        this.days = new LinkedHashSet<>(config.webhook().expiringSoonDays());
        this.days.add(EXPIRED);
        this.lag = config.database().timeout().plus(MARGIN).toMillis() + " milliseconds";
        this.hasDatabase = config.role() == LatchkeyConfig.Role.SERVER;
    }

    @Scheduled(every = "5s", delayed = "5s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    Uni<Void> watch() {
        Uni<Void> all = Uni.createFrom().voidItem();
        if (hasDatabase) {
            for (int before : days) {
                all = all.chain(() -> repeat(() -> expiries(before), MOST_BATCHES));
            }
            all = all.chain(() -> repeat(this::sightings, MOST_BATCHES));
        }
        return all;
    }

    /** As long as there is a full batch. */
    private static Uni<Void> repeat(Supplier<Uni<Integer>> batch, int most) {
        return most == 0 ? Uni.createFrom().voidItem()
                : batch.get().chain(done -> done < BATCH ? Uni.createFrom().voidItem() : repeat(batch, most - 1));
    }

    // --- Expiry ---

    private Uni<Integer> expiries(int before) {
        return transactions.write(() -> Panache.getSession().chain(session -> session.createNativeQuery(BEGIN)
                .setParameter("days", before).executeUpdate()
                .chain(() -> session.createNativeQuery(REACHED, Object.class).setParameter("days", before)
                        .setParameter("lag", lag).getResultList())
                .chain(rows -> rows.isEmpty() ? Uni.createFrom().item(0) : expiries(session, before, (Object[]) rows.get(0)))));
    }

    private Uni<Integer> expiries(Mutiny.Session session, int before, Object[] reached) {
        return session.createNativeQuery(NEXT, Object.class).setParameter("days", before).setParameter("reached", reached[0])
                .setParameter("token", reached[1]).setParameter("until", reached[2]).setParameter("batch", BATCH)
                .getResultList()
                .map(rows -> rows.stream().map(row -> (Object[]) row)
                        .map(row -> new Due((UUID) row[0], (UUID) row[1], (OffsetDateTime) row[2], (Boolean) row[3])).toList())
                .call(found -> tell(before, found.stream().filter(Due::matters).toList()))
                .call(found -> found.isEmpty() ? Uni.createFrom().voidItem()
                        : move(session, before, found.get(found.size() - 1)))
                .map(List::size);
    }

    private static Uni<Integer> move(Mutiny.Session session, int before, Due last) {
        return session.createNativeQuery(MOVE).setParameter("reached", last.expiresAt).setParameter("token", last.id)
                .setParameter("days", before).executeUpdate();
    }

    private Uni<Void> tell(int before, List<Due> due) {
        Map<UUID, Set<UUID>> byAccount = due.stream()
                .collect(Collectors.groupingBy(Due::accountId, Collectors.mapping(Due::id, Collectors.toSet())));
        return outbox.addAll(before == EXPIRED ? EventCatalogue.TOKEN_EXPIRED : EventCatalogue.TOKEN_EXPIRING_SOON,
                byAccount.keySet(),
                accounts -> describe(byAccount, accounts,
                        token -> before == EXPIRED ? token : new ExpiringSoon(token, before)));
    }

    /** What is told of these accounts' tokens, account by account. */
    private Uni<List<Happened>> describe(Map<UUID, Set<UUID>> byAccount, Collection<UUID> accounts,
            Function<TokenView, Object> data) {
        Uni<List<Happened>> all = Uni.createFrom().item(new ArrayList<>());
        for (UUID account : accounts) {
            all = all.call(happened -> tokens.describe(account, byAccount.get(account))
                    .invoke(views -> views
                            .forEach(view -> happened.add(new Happened(account, view.id(), data.apply(view))))));
        }
        return all;
    }

    // --- Use ---

    private Uni<Integer> sightings() {
        return transactions.write(() -> Panache.getSession().chain(session -> session
                .createNativeQuery(SIGHTINGS, Object.class).setParameter("batch", BATCH).getResultList())
                .map(rows -> rows.stream().map(row -> (Object[]) row)
                        .map(row -> new Seen(((Number) row[0]).longValue(), (UUID) row[1], (UUID) row[2], (String) row[3],
                                ((Number) row[4]).intValue()))
                        .sorted(Comparator.comparingLong(Seen::id)).toList())
                .call(this::tellSeen)
                .map(List::size));
    }

    /** One for each token at a time, in the order in which they were seen: a lane takes one event in a statement. */
    private Uni<Void> tellSeen(List<Seen> seen) {
        if (seen.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        Map<UUID, Seen> first = new LinkedHashMap<>();
        List<Seen> later = new ArrayList<>();
        seen.forEach(each -> {
            if (first.putIfAbsent(each.tokenId, each) != null) {
                later.add(each);
            }
        });
        Map<UUID, Set<UUID>> byAccount = first.values().stream()
                .collect(Collectors.groupingBy(Seen::accountId, Collectors.mapping(Seen::tokenId, Collectors.toSet())));
        return outbox.addAll(EventCatalogue.TOKEN_NEW_ADDRESS, byAccount.keySet(),
                accounts -> describe(byAccount, accounts, token -> {
                    Seen sight = first.get(token.id());
                    return new Sighting(token, sight.address, sight.knownAddresses);
                })).chain(() -> tellSeen(later));
    }
}
