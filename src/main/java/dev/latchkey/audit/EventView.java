package dev.latchkey.audit;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

import com.fasterxml.jackson.annotation.JsonProperty;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** An entry of the event log as the API shows it. */
@RegisterForReflection
@Schema(name = "EventLog")
public record EventView(
        UUID id,
        @Schema(examples = "personal-access-token.updated") String action,
        @Schema(description = "What kind of thing it happened to", examples = "personal-access-token") String resource,
        @Schema(description = "Which one; it may be gone. Null: none of ours") UUID resourceId,
        List<FieldChange> changes,
        @Schema(description = "Who did it; null: nobody of ours, or the command line") UUID userId,
        @Schema(description = "With what; null: with none") Credential credential,
        @Schema(examples = "203.0.113.7") String ipAddress,
        String userAgent,
        @Schema(description = "The X-Request-Id of the request") String requestId,
        Instant createdAt) {

    /** A field that changed. */
    @RegisterForReflection
    @Schema(name = "FieldChange")
    public record FieldChange(@Schema(examples = "name") String field,
            @Schema(description = "Text, a list of texts, or null") @JsonProperty("old") Object oldValue,
            @Schema(description = "Text, a list of texts, or null") @JsonProperty("new") Object newValue) {
    }

    /** What somebody proved themselves with. */
    @RegisterForReflection
    @Schema(name = "EventCredential")
    public record Credential(@Schema(enumeration = {
            "session", "personal-access-token", "command-line" }) String type, UUID id){
    }

    static EventView of(LoggedEvent event) {
        return new EventView(event.id, event.action, event.resource, event.resourceId,
                new JsonArray(event.changes).stream().map(JsonObject.class::cast).map(EventView::change).toList(),
                event.userId, event.credentialType == null ? null : new Credential(event.credentialType, event.credentialId),
                event.ipAddress, event.userAgent, event.requestId, event.createdAt);
    }

    private static FieldChange change(JsonObject change) {
        return new FieldChange(change.getString("field"), plain(change.getValue("old")), plain(change.getValue("new")));
    }

    private static Object plain(Object value) {
        return value instanceof JsonArray array ? array.getList() : value;
    }
}
