package dev.latchkey.token;

import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

import jakarta.enterprise.context.ApplicationScoped;
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

    private final Transactions transactions;
    private final Clock clock;
    private final Listing<PersonalAccessToken> listing;

    public TokenDirectory(Transactions transactions, Clock clock) {
        this.transactions = transactions;
        this.clock = clock;
        // Each sort is served by the index personal_access_token_{created,updated,name,expires}; scope, tag and query by the
        // indexes of the same names; the rest filters within the account.
        this.listing = new Listing<>(PersonalAccessToken.class,
                "personal_access_token t LEFT JOIN token_usage u ON u.token_id = t.id", "t", token -> token.id)
                .sort("createdAt", "t.created_at", Listing.Type.INSTANT, token -> token.createdAt)
                .sort("updatedAt", "t.updated_at", Listing.Type.INSTANT, token -> token.updatedAt)
                .sort("name", "left(t.name, 200)", Listing.Type.TEXT, token -> beginning(token.name))
                .sort("expiresAt", "coalesce(t.expires_at, TIMESTAMPTZ 'infinity')", Listing.Type.INSTANT,
                        token -> token.expiresAt)
                .filter("id", "t.id", Listing.Type.ID)
                .filter("name", "t.name", Listing.Type.TEXT)
                .filter("userId", "t.owner_id", Listing.Type.ID)
                .filter("parentId", "t.parent_id", Listing.Type.ID)
                .filter("createdAt", "t.created_at", Listing.Type.INSTANT)
                .filter("updatedAt", "t.updated_at", Listing.Type.INSTANT)
                .filter("expiresAt", "t.expires_at", Listing.Type.INSTANT)
                // A token that was never used counts as used before any time: "unused since" must find it.
                .filter("lastUsedAt", "coalesce(u.last_used_at, TIMESTAMPTZ '-infinity')", Listing.Type.INSTANT)
                .choice("status", "active, expired, revoked", conditions -> value -> status(value, conditions))
                .choice("scope", "a scope", conditions -> value -> Optional
                        .of("t.scopes @> cast(ARRAY[" + conditions.bind(ScopeCatalogue.canonical(value)) + "] AS text[])"))
                .choice("tag", "a tag",
                        conditions -> value -> Optional.of("t.tags @> cast(ARRAY[" + conditions.bind(value) + "] AS text[])"))
                .search(conditions -> text -> words(text, conditions));
    }

    /** As much of a name as sorts: what left(name, 200) is in SQL. */
    private static String beginning(String name) {
        return name.codePointCount(0, name.length()) <= 200 ? name : name.substring(0, name.offsetByCodePoints(0, 200));
    }

    private Optional<String> status(String value, Listing.Conditions conditions) {
        return Optional.ofNullable(switch (value) {
            case "active" -> "(t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > " + now(conditions) + "))";
            case "expired" -> "(t.revoked_at IS NULL AND t.expires_at <= " + now(conditions) + ")";
            case "revoked" -> "t.revoked_at IS NOT NULL";
            default -> null;
        });
    }

    private String now(Listing.Conditions conditions) {
        return conditions.bind(Times.now(clock));
    }

    /** Tokens whose name, description and hint have words that begin with each of these. */
    private static String words(String text, Listing.Conditions conditions) {
        String query = List.of(text.split("[^\\p{L}\\p{N}]+")).stream().filter(word -> !word.isEmpty()).limit(10)
                .map(word -> "'" + word + "':*").collect(Collectors.joining(" & "));
        if (query.isEmpty()) {
            return "false";
        }
        return "to_tsvector('simple', t.name || ' ' || coalesce(t.description, '') || ' ' || t.hint) @@ to_tsquery('simple', "
                + conditions.bind(query) + ")";
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
                List<UUID> ids = page.items().stream().map(token -> token.id).toList();
                Uni<Map<UUID, TokenUsage>> usage = ids.isEmpty() ? Uni.createFrom().item(Map.of()) : TokenUsage.of(ids);
                return usage.map(used -> page.map(token -> TokenView.of(token, used.get(token.id), null, now)));
            });
        }));
    }

    /** 404 if there is none, or the caller may not see it. */
    Uni<TokenView> get(Caller caller, UUID id) {
        return transactions.read(() -> find(caller, id).chain(token -> view(token, null)));
    }

    /** Part of a session that the caller opens. */
    Uni<PersonalAccessToken> find(Caller caller, UUID id) {
        return PersonalAccessToken.find(caller.accountId(), id).map(token -> TokenIssuer.requireVisible(caller, token));
    }

    /** Part of a session that the caller opens. */
    Uni<TokenView> view(PersonalAccessToken token, String secret) {
        return TokenUsage.of(List.of(token.id))
                .map(used -> TokenView.of(token, used.get(token.id), secret, Times.now(clock)));
    }

    /** The token that the caller used; empty for a session. */
    public Uni<Optional<TokenView>> self(Caller caller) {
        return caller.token().map(token -> get(caller, token.id()).map(Optional::of))
                .orElse(Uni.createFrom().item(Optional.empty()));
    }
}
