package dev.latchkey.audit;

import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MultivaluedMap;

import dev.latchkey.platform.Caller;
import dev.latchkey.platform.database.Transactions;
import dev.latchkey.platform.http.Listing;
import dev.latchkey.platform.http.Page;
import dev.latchkey.token.TokenDirectory;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;

/** Finds what was written down: of an account, or of one token for whoever sees it. */
@ApplicationScoped
public class LoggedEvents {

    private final Transactions transactions;
    private final TokenDirectory tokens;
    private final Listing<LoggedEvent> listing;

    public LoggedEvents(Transactions transactions, TokenDirectory tokens) {
        this.transactions = transactions;
        this.tokens = tokens;
        // Sorted by the index event_log_created; action, resourceId and userId by event_log_{action,resource,user}; resource, of
        // which there are a few, filters within the account. PostgreSQL makes one query of it: the indexes see through the FROM.
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
                .filter("createdAt", "e.created_at", Listing.Type.INSTANT);
    }

    Uni<Page<EventView>> list(Caller caller, MultivaluedMap<String, String> query) {
        return transactions.read(() -> fetch(query, ofAccount(caller)));
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
