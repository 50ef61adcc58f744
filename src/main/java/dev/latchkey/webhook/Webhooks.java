package dev.latchkey.webhook;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MultivaluedMap;

import dev.latchkey.platform.Announcer;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Caller;
import dev.latchkey.platform.Change;
import dev.latchkey.platform.Ids;
import dev.latchkey.platform.SecretKeys;
import dev.latchkey.platform.Times;
import dev.latchkey.platform.database.Transactions;
import dev.latchkey.platform.http.Listing;
import dev.latchkey.platform.http.Page;
import dev.latchkey.webhook.WebhookChanged.Kind;
import io.quarkus.arc.InjectableInstance;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;

/** Creates, finds, changes and deletes webhooks of an account. */
@ApplicationScoped
public class Webhooks {

    static final int MAX_PER_ACCOUNT = 100;

    /** Holds the account, so that no two requests count at once. A creation changes no column that an announcement reads. */
    private static final String HOLD_ACCOUNT = "SELECT id FROM account WHERE id = :account FOR NO KEY UPDATE";

    private final Transactions transactions;
    private final InjectableInstance<SecretKeys> secrets;
    private final WebhookUrl urls;
    private final Announcer announcer;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    private final Listing<Webhook> listing;

    public Webhooks(Transactions transactions, InjectableInstance<SecretKeys> secrets, WebhookUrl urls, Announcer announcer,
            Clock clock) {
        this.transactions = transactions;
        this.secrets = secrets;
        this.urls = urls;
        this.announcer = announcer;
        this.clock = clock;
        // Sorted by the index webhook_{created,updated,name}; the rest filters within the account, of which there are a hundred at most.
        this.listing = new Listing<>(Webhook.class, "webhook w", "w", webhook -> webhook.id)
                .sort("createdAt", "w.created_at", Listing.Type.INSTANT, webhook -> webhook.createdAt)
                .sort("updatedAt", "w.updated_at", Listing.Type.INSTANT, webhook -> webhook.updatedAt)
                .sort("name", "left(w.name, 200)", Listing.Type.TEXT, webhook -> beginning(webhook.name))
                .filter("id", "w.id", Listing.Type.ID)
                .filter("name", "w.name", Listing.Type.TEXT)
                .filter("createdAt", "w.created_at", Listing.Type.INSTANT)
                .filter("updatedAt", "w.updated_at", Listing.Type.INSTANT)
                .choice("active", "true, false",
                        conditions -> value -> List.of("true", "false").contains(value) ? Optional.of("w.active = " + value)
                                : Optional.empty())
                .choice("event", "an event, from GET /v3/webhooks/events",
                        conditions -> value -> EventCatalogue.contains(value)
                                ? Optional.of("w.events @> cast(ARRAY[" + conditions.bind(value) + "] AS text[])")
                                : Optional.empty())
                .search("to_tsvector('simple', w.name)");
    }

    /** As much of a name as sorts: what left(name, 200) is in SQL. */
    private static String beginning(String name) {
        return name.codePointCount(0, name.length()) <= 200 ? name : name.substring(0, name.offsetByCodePoints(0, 200));
    }

    Uni<Page<WebhookView>> list(Caller caller, MultivaluedMap<String, String> query) {
        return transactions.read(() -> Panache.getSession().chain(session -> {
            Listing.Conditions conditions = new Listing.Conditions();
            conditions.and("w.account_id = " + conditions.bind(caller.accountId()));
            return listing.fetch(session, query, conditions);
        })).map(page -> page.map(webhook -> WebhookView.of(webhook, null)));
    }

    Uni<WebhookView> get(Caller caller, UUID id) {
        return transactions.read(() -> find(caller, id));
    }

    /** Part of a session that the caller opens. */
    Uni<WebhookView> find(Caller caller, UUID id) {
        return Webhook.get(caller.accountId(), id).map(webhook -> WebhookView.of(webhook, null));
    }

    /** Part of a transaction that the caller opens. The answer has the token if it was made here. */
    Uni<WebhookView> create(Caller caller, WebhookRequests.Create wanted) {
        return Uni.createFrom().deferred(() -> {
            Webhook webhook = new Webhook();
            webhook.id = Ids.next();
            webhook.accountId = caller.accountId();
            webhook.name = wanted.name().strip();
            webhook.url = urls.check(wanted.url());
            webhook.events = EventCatalogue.check(wanted.events());
            webhook.active = !Boolean.FALSE.equals(wanted.active());
            webhook.createdAt = Times.now(clock);
            webhook.updatedAt = webhook.createdAt;
            WebhookToken token = wanted.token() == null ? WebhookToken.generate(random) : WebhookToken.check(wanted.token());
            setToken(webhook, token);
            List<Change> changes = List.of(new Change("name", null, webhook.name),
                    new Change("url", null, WebhookUrl.origin(webhook.url)),
                    new Change("events", null, List.of(webhook.events)), new Change("active", null, webhook.active));
            return requireRoom(caller).chain(() -> webhook.<Webhook> persistAndFlush())
                    .chain(() -> announce(Kind.CREATED, webhook, caller, changes))
                    .replaceWith(WebhookView.of(webhook, wanted.token() == null ? token.text() : null));
        });
    }

    private Uni<Void> requireRoom(Caller caller) {
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(HOLD_ACCOUNT, UUID.class)
                        .setParameter("account", caller.accountId()).getSingleResult())
                .chain(() -> Webhook.count("accountId", caller.accountId())).invoke(count -> {
                    if (count >= MAX_PER_ACCOUNT) {
                        throw new ApiException(409, "TOO_MANY_WEBHOOKS", "an account has at most " + MAX_PER_ACCOUNT
                                + " webhooks: delete one, or add the events to one");
                    }
                }).replaceWithVoid();
    }

    Uni<WebhookView> change(Caller caller, UUID id, WebhookRequests.Change wanted) {
        return transactions.write(() -> Webhook.lock(caller.accountId(), id).chain(webhook -> {
            List<Change> changes = apply(webhook, wanted);
            if (changes.isEmpty()) {
                return Uni.createFrom().item(WebhookView.of(webhook, null));
            }
            webhook.updatedAt = Times.now(clock);
            return webhook.<Webhook> persistAndFlush().chain(() -> announce(Kind.UPDATED, webhook, caller, changes))
                    .map(done -> WebhookView.of(webhook, null));
        }));
    }

    private List<Change> apply(Webhook webhook, WebhookRequests.Change wanted) {
        List<Change> changes = new ArrayList<>();
        if (wanted.name != null) {
            String name = required("name", wanted.name).strip();
            Change.note(changes, "name", webhook.name, name);
            webhook.name = name;
        }
        if (wanted.url != null) {
            String url = urls.check(required("url", wanted.url));
            if (!url.equals(webhook.url)) {
                changes.add(new Change("url", WebhookUrl.origin(webhook.url), WebhookUrl.origin(url)));
            }
            webhook.url = url;
        }
        if (wanted.events != null) {
            String[] events = EventCatalogue.check(required("events", wanted.events));
            Change.note(changes, "events", Arrays.asList(webhook.events), Arrays.asList(events));
            webhook.events = events;
        }
        if (wanted.token != null) {
            setToken(webhook, WebhookToken.check(required("token", wanted.token)));
            changes.add(new Change("token", null, null));
        }
        if (wanted.active != null) {
            boolean active = required("active", wanted.active);
            Change.note(changes, "active", webhook.active, active);
            webhook.active = active;
        }
        return changes;
    }

    private static <T> T required(String field, Optional<T> value) {
        return value.orElseThrow(() -> ApiException.invalid(field, "cannot be null: give a value, or leave the field away"));
    }

    private void setToken(Webhook webhook, WebhookToken token) {
        SecretKeys keys = secrets.get();
        webhook.token = token.encrypt(keys, webhook.id);
        webhook.secretId = keys.id();
    }

    /** What waits for it, and its log, go with it. */
    Uni<Void> delete(Caller caller, UUID id) {
        return transactions.write(() -> Webhook.lock(caller.accountId(), id)
                .call(webhook -> announce(Kind.DELETED, webhook, caller, List.of()))
                .chain(webhook -> Webhook.delete("id", webhook.id)).replaceWithVoid());
    }

    private Uni<Void> announce(Kind kind, Webhook webhook, Caller caller, List<Change> changes) {
        return announcer.announce(new WebhookChanged(kind, webhook.id, caller, changes));
    }
}
