package dev.latchkey.token;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;

import dev.latchkey.platform.Caller;
import dev.latchkey.platform.Times;
import dev.latchkey.platform.database.Transactions;
import dev.latchkey.platform.http.Listing;
import dev.latchkey.platform.http.Page;
import dev.latchkey.scope.ScopeCatalogue;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;

/** Finds tokens: one by its id, or many by what they are. Everybody sees their own; whoever holds {@code user:write}, all. */
@ApplicationScoped
public class TokenDirectory {

    /** How near the end of a token is that is called expiring. */
    private static final Duration EXPIRING = Duration.ofDays(7);
    private static final String LAST_USED = "coalesce(u.last_used_at, TIMESTAMPTZ '-infinity')";

    private final Transactions transactions;
    private final Clock clock;
    private final Listing<PersonalAccessToken> listing;

    public TokenDirectory(Transactions transactions, Clock clock) {
        this.transactions = transactions;
        this.clock = clock;
        // Each sort is served by the index personal_access_token_{created,updated,name,expires} or token_usage_last_used; scope,
        // tag and query by the indexes of the same names; the rest filters within the account.
        this.listing = new Listing<>(PersonalAccessToken.class,
                "personal_access_token t LEFT JOIN token_usage u ON u.token_id = t.id", "t", token -> token.id)
                .sort("createdAt", "t.created_at", Listing.Type.INSTANT, token -> token.createdAt)
                .sort("updatedAt", "t.updated_at", Listing.Type.INSTANT, token -> token.updatedAt)
                .sort("name", "left(t.name, 200)", Listing.Type.TEXT, token -> beginning(token.name))
                .sort("expiresAt", "coalesce(t.expires_at, TIMESTAMPTZ 'infinity')", Listing.Type.INSTANT,
                        token -> token.expiresAt)
                .sortMissingFirst("lastUsedAt",
                        "personal_access_token t JOIN token_usage u ON u.account_id = t.account_id AND u.token_id = t.id",
                        "u.token_id", LAST_USED, token -> token.usage == null ? null : token.usage.lastUsedAt)
                .filter("id", "t.id", Listing.Type.ID)
                .filter("name", "t.name", Listing.Type.TEXT)
                .filter("userId", "t.owner_id", Listing.Type.ID)
                .filter("parentId", "t.parent_id", Listing.Type.ID)
                .filter("createdAt", "t.created_at", Listing.Type.INSTANT)
                .filter("updatedAt", "t.updated_at", Listing.Type.INSTANT)
                .filter("expiresAt", "t.expires_at", Listing.Type.INSTANT)
                // A token that was never used counts as used before any time: "unused since" must find it.
                .filter("lastUsedAt", LAST_USED, Listing.Type.INSTANT)
                .time("unusedSince", since -> "(" + LAST_USED + " < " + since + " AND t.created_at < " + since + ")")
                .choice("status", "active, expiring, expired, revoked", conditions -> value -> status(value, conditions))
                .choice("scope", "a scope", conditions -> value -> Optional
                        .of("t.scopes @> cast(ARRAY[" + conditions.bind(ScopeCatalogue.canonical(value)) + "] AS text[])"))
                .choice("tag", "a tag",
                        conditions -> value -> Optional.of("t.tags @> cast(ARRAY[" + conditions.bind(value) + "] AS text[])"))
                .search("to_tsvector('simple', t.name || ' ' || coalesce(t.description, '') || ' ' || t.hint)")
                .load(tokens -> TokenUsage.load(tokens));
    }

    /** As much of a name as sorts: what left(name, 200) is in SQL. */
    private static String beginning(String name) {
        return name.codePointCount(0, name.length()) <= 200 ? name : name.substring(0, name.offsetByCodePoints(0, 200));
    }

    private Optional<String> status(String value, Listing.Conditions conditions) {
        return Optional.ofNullable(switch (value) {
            case "active" -> "(t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > " + now(conditions) + "))";
            case "expiring" -> "(t.revoked_at IS NULL AND t.expires_at > " + now(conditions) + " AND t.expires_at <= "
                    + conditions.bind(Times.now(clock).plus(EXPIRING)) + ")";
            case "expired" -> "(t.revoked_at IS NULL AND t.expires_at <= " + now(conditions) + ")";
            case "revoked" -> "t.revoked_at IS NOT NULL";
            default -> null;
        });
    }

    private String now(Listing.Conditions conditions) {
        return conditions.bind(Times.now(clock));
    }

    /**
     * Active tokens that the caller sees and that were neither used nor created since then, those first that were not used for
     * longest.
     *
     * @param most 1 to 100
     */
    public Uni<List<TokenView>> unused(Caller caller, Instant since, int most) {
        return first(caller, most, Map.of("status", "active", "unusedSince", since.toString(), "sort", "lastUsedAt"));
    }

    /**
     * Active tokens that the caller sees and that end before then, the soonest first.
     *
     * @param most 1 to 100
     */
    public Uni<List<TokenView>> expiring(Caller caller, Instant before, int most) {
        return first(caller, most, Map.of("status", "active", "expiresAt[lt]", before.toString(), "sort", "expiresAt"));
    }

    private Uni<List<TokenView>> first(Caller caller, int most, Map<String, String> query) {
        MultivaluedHashMap<String, String> parameters = new MultivaluedHashMap<>(query);
        parameters.putSingle("limit", Integer.toString(most));
        return list(caller, parameters).map(Page::items);
    }

    Uni<Page<TokenView>> list(Caller caller, MultivaluedMap<String, String> query) {
        return transactions.read(() -> Panache.getSession().chain(session -> {
            Listing.Conditions conditions = new Listing.Conditions();
            conditions.and("t.account_id = " + conditions.bind(caller.accountId()));
            if (!caller.holds(ScopeCatalogue.USER_WRITE)) {
                conditions.and("t.owner_id = " + conditions.bind(caller.userId()));
            }
            return listing.fetch(session, query, conditions).chain(page -> {
                Instant now = Times.now(clock);
                Set<UUID> owners = page.items().stream().map(token -> token.ownerId).collect(Collectors.toSet());
                return TokenOwner.of(caller.accountId(), owners)
                        .map(owner -> page.map(token -> TokenView.of(token, owner.get(token.ownerId), null, now)));
            });
        }));
    }

    /** 404 if there is none, or the caller may not see it. With what it may do now. */
    Uni<TokenView> get(Caller caller, UUID id) {
        return transactions.read(() -> find(caller, id)
                .chain(token -> viewed(token, owner -> TokenView.withEffects(token, owner, Times.now(clock)))));
    }

    /** Part of a session that the caller opens; 404 if there is none, or the caller may not see it. */
    public Uni<PersonalAccessToken> find(Caller caller, UUID id) {
        return PersonalAccessToken.find(caller.accountId(), id).map(token -> TokenIssuer.requireVisible(caller, token));
    }

    /** Part of a session that the caller opens. */
    Uni<TokenView> view(PersonalAccessToken token, String secret) {
        return viewed(token, owner -> TokenView.of(token, owner, secret, Times.now(clock)));
    }

    /** As it is now, whoever asks; null if there is none. Part of a session that the caller opens. */
    public Uni<TokenView> describe(UUID accountId, UUID id) {
        return describe(accountId, Set.of(id)).map(views -> views.isEmpty() ? null : views.get(0));
    }

    /** Those of these tokens of the account that there are. Part of a session that the caller opens. */
    public Uni<List<TokenView>> describe(UUID accountId, Set<UUID> ids) {
        return PersonalAccessToken.<PersonalAccessToken> list("id in ?1 and accountId = ?2", ids, accountId)
                .call(TokenUsage::load)
                .chain(tokens -> TokenOwner
                        .of(accountId, tokens.stream().map(token -> token.ownerId).collect(Collectors.toSet()))
                        .map(owner -> tokens.stream()
                                .map(token -> TokenView.of(token, owner.get(token.ownerId), null, Times.now(clock)))
                                .toList()));
    }

    private static Uni<TokenView> viewed(PersonalAccessToken token, Function<TokenOwner, TokenView> view) {
        return TokenUsage.load(List.of(token)).chain(() -> TokenOwner.of(token.accountId, Set.of(token.ownerId)))
                .map(owner -> view.apply(owner.get(token.ownerId)));
    }

    /** The token that the caller used; empty for a session. */
    public Uni<Optional<TokenView>> self(Caller caller) {
        return caller.token().map(token -> get(caller, token.id()).map(Optional::of))
                .orElse(Uni.createFrom().item(Optional.empty()));
    }
}
