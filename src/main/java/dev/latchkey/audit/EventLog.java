package dev.latchkey.audit;

import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import dev.latchkey.account.AccountEvent;
import dev.latchkey.account.SignInEvent;
import dev.latchkey.platform.Caller;
import dev.latchkey.platform.Change;
import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.Ids;
import dev.latchkey.platform.Times;
import dev.latchkey.token.TokenEvent;
import dev.latchkey.webhook.WebhookChanged;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * Writes down what happened: who did what, with which credential, from where. In the transaction in which it happens, so that
 * neither is without the other. The table is append-only.
 */
@ApplicationScoped
public class EventLog {

    private static final String APPEND = """
            INSERT INTO event_log (id, account_id, action, resource, resource_id, changes, user_id, credential_type, credential_id,
                                   ip_address, user_agent, request_id, created_at)
            VALUES (:id, cast(:account AS uuid), :action, :resource, cast(:resourceId AS uuid), cast(cast(:changes AS text) AS jsonb),
                    cast(:user AS uuid), :credentialType, cast(:credential AS uuid), :address, :agent, :request, :now)
            """;

    private final CurrentRequest request;
    private final Clock clock;

    public EventLog(CurrentRequest request, Clock clock) {
        this.request = request;
        this.clock = clock;
    }

    /** Who did it: at a sign-in there is no caller yet. */
    private record Actor(Optional<UUID> accountId, Optional<UUID> userId, String credentialType, Optional<UUID> credentialId) {

        static Actor of(Caller caller) {
            return new Actor(Optional.of(caller.accountId()), Optional.of(caller.userId()),
                    caller.token().isPresent() ? "personal-access-token" : "session", Optional.of(caller.credential().id()));
        }
    }

    void token(@Observes TokenEvent event) {
        event.enlist(
                () -> append(Actor.of(event.caller()), "personal-access-token." + event.kind().word(), "personal-access-token",
                        Optional.of(event.tokenId()), event.changes()));
    }

    void signIn(@Observes SignInEvent event) {
        Actor actor = new Actor(event.accountId(), event.userId(), event.sessionId().isPresent() ? "session" : null,
                event.sessionId());
        List<Change> changes = event.endedSessions().isEmpty() ? List.of()
                : List.of(new Change("sessions", event.endedSessions().stream().map(UUID::toString).toList(), null));
        event.enlist(() -> append(actor, event.kind().action(), "user", event.userId(), changes));
    }

    void webhook(@Observes WebhookChanged event) {
        event.enlist(() -> append(Actor.of(event.caller()), event.kind().action(), "webhook", Optional.of(event.webhookId()),
                event.changes()));
    }

    void account(@Observes AccountEvent event) {
        Actor actor = event.caller().map(Actor::of)
                .orElseGet(() -> new Actor(Optional.of(event.accountId()), Optional.empty(), null, Optional.empty()));
        event.enlist(() -> append(actor, event.action(), event.resource().word(), Optional.of(event.id()), event.changes()));
    }

    private Uni<Void> append(Actor actor, String action, String resource, Optional<UUID> resourceId, List<Change> changes) {
        return Panache.getSession().chain(session -> session.createNativeQuery(APPEND)
                .setParameter("id", Ids.next())
                .setParameter("account", text(actor.accountId))
                .setParameter("action", action)
                .setParameter("resource", resource)
                .setParameter("resourceId", text(resourceId))
                .setParameter("changes", write(changes))
                .setParameter("user", text(actor.userId))
                .setParameter("credentialType", actor.credentialType)
                .setParameter("credential", text(actor.credentialId))
                .setParameter("address", request.address())
                .setParameter("agent", request.userAgent())
                .setParameter("request", request.id())
                .setParameter("now", Times.now(clock))
                .executeUpdate()).replaceWithVoid();
    }

    private static String text(Optional<UUID> id) {
        return id.map(UUID::toString).orElse(null);
    }

    private static String write(List<Change> changes) {
        JsonArray array = new JsonArray();
        changes.forEach(change -> array.add(new JsonObject().put("field", change.field()).put("old", plain(change.oldValue()))
                .put("new", plain(change.newValue()))));
        return array.encode();
    }

    private static Object plain(Object value) {
        return value == null || value instanceof String || value instanceof List ? value : value.toString();
    }
}
