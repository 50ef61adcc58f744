package dev.latchkey.audit;

import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MultivaluedMap;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Caller;
import dev.latchkey.platform.database.Transactions;
import dev.latchkey.platform.http.Listing;
import dev.latchkey.platform.http.Page;
import dev.latchkey.token.TokenDirectory;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Finds what was written down: of an account, or of one token for whoever sees it. */
@ApplicationScoped
public class LoggedEvents {

    /** What filters without an index of its own, and needs a period. */
    private static final Set<String> WITHOUT_INDEX = Set.of("credentialType", "userAgent", "field");
    private static final Set<String> PERIODS = Set.of("createdAt[gt]", "createdAt[gte]");

    private final Transactions transactions;
    private final TokenDirectory tokens;
    private final Listing<LoggedEvent> listing;

    public LoggedEvents(Transactions transactions, TokenDirectory tokens) {
        this.transactions = transactions;
        this.tokens = tokens;
        // In each month, sorted by the index event_log_created; action, userId, resource, resourceId, credentialId and ipAddress by
        // event_log_{action,user,kind,resource,credential,address}; the rest filters within a period. PostgreSQL makes one query of
        // it: the indexes see through the FROM.
        this.listing = new Listing<>(LoggedEvent.class,
                """
                        (SELECT id, account_id, action, resource, resource_id, cast(changes AS text) AS changes, user_id, credential_type,
                                credential_id, ip_address, user_agent, request_id, created_at FROM event_log) e
                        """,
                "e", event -> event.id)
                .sort("createdAt", "e.created_at", Listing.Type.INSTANT, event -> event.createdAt)
                .filter("action", "e.action", Listing.Type.TEXT)
                .filter("resource", "e.resource", Listing.Type.TEXT)
                .filter("resourceId", "e.resource_id", Listing.Type.ID)
                .filter("userId", "e.user_id", Listing.Type.ID)
                .filter("credentialId", "e.credential_id", Listing.Type.ID)
                .filter("ipAddress", "e.ip_address", Listing.Type.TEXT)
                .filter("credentialType", "e.credential_type", Listing.Type.TEXT)
                .filter("userAgent", "e.user_agent", Listing.Type.TEXT)
                .choice("field", "the name of a field",
                        conditions -> value -> Optional.of("cast(e.changes AS jsonb) @> cast(cast("
                                + conditions.bind(new JsonArray().add(new JsonObject().put("field", value)).encode())
                                + " AS text) AS jsonb)"))
                .filter("createdAt", "e.created_at", Listing.Type.INSTANT);
    }

    Uni<Page<EventView>> list(Caller caller, MultivaluedMap<String, String> query) {
        return list(query, ofAccount(caller));
    }

    /** All that the list would show. */
    Multi<Page<EventView>> all(Caller caller, MultivaluedMap<String, String> query) {
        return Listing.all(query, position -> list(position, ofAccount(caller).uncounted()));
    }

    private Uni<Page<EventView>> list(MultivaluedMap<String, String> query, Listing.Conditions conditions) {
        boolean hasPeriod = PERIODS.stream().anyMatch(query::containsKey);
        query.keySet().stream().filter(name -> WITHOUT_INDEX.contains(name.replaceFirst("\\[.*", ""))).findFirst()
                .filter(name -> !hasPeriod).ifPresent(name -> {
                    throw ApiException.invalid(name, "reads much: say from when on, with createdAt[gte]");
                });
        return transactions.read(() -> fetch(query, conditions));
    }

    /** 404 if there is no such token, or the caller may not see it. */
    Uni<Page<EventView>> ofToken(Caller caller, UUID tokenId, MultivaluedMap<String, String> query) {
        return transactions.read(() -> tokens.find(caller, tokenId).chain(token -> {
            Listing.Conditions conditions = ofAccount(caller);
            conditions.and("e.resource_id = " + conditions.bind(token.id));
            return fetch(query, conditions);
        }));
    }

    private static Listing.Conditions ofAccount(Caller caller) {
        Listing.Conditions conditions = new Listing.Conditions();
        return conditions.and("e.account_id = " + conditions.bind(caller.accountId()));
    }

    private Uni<Page<EventView>> fetch(MultivaluedMap<String, String> query, Listing.Conditions conditions) {
        return Panache.getSession().chain(session -> listing.fetch(session, query, conditions))
                .map(page -> page.map(EventView::of));
    }
}
