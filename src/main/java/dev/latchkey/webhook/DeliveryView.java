package dev.latchkey.webhook;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;

import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

import com.fasterxml.jackson.annotation.JsonInclude;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.vertx.core.json.JsonObject;

/** An event for a webhook, and what came of it, as the API shows it. */
@RegisterForReflection
@Schema(name = "WebhookEventLog")
public record DeliveryView(
        @Schema(description = "What the header webhook-id says") UUID id,
        UUID webhookId,
        @Schema(examples = "personal-access-token.revoked") String event,
        @Schema(examples = "personal-access-token") String resource,
        UUID resourceId,
        @Schema(enumeration = {
                "pending", "delivered",
                "dead-letter" }, description = "pending with attempts is being retried; dead-letter: given up, until it is replayed") String status,
        @Schema(description = "Since it happened or was replayed") int attempts,
        Instant triggeredAt,
        Instant lastAttemptAt,
        Instant nextAttemptAt,
        Instant deliveredAt,
        @Schema(description = "Of the last attempt; null: no answer", examples = "500") Integer responseStatus,
        @Schema(description = "Why the last attempt failed", examples = "the endpoint answered 500") String error,
        @Schema(description = "Of the last attempt, in milliseconds") Integer durationMs,
        @Schema(description = "How often it was replayed by hand") int replays,
        Instant createdAt,
        Instant updatedAt,
        @Schema(implementation = Payload.class, description = "What is sent. Only in the answer for one") @JsonInclude(JsonInclude.Include.NON_NULL) Map<String, Object> payload,
        @Schema(type = SchemaType.STRING, description = "How the last answer began, up to 1000 characters: text of a stranger's. Only in the answer for one") @JsonInclude(JsonInclude.Include.NON_NULL) String responseBody){

    static DeliveryView of(LoggedDelivery logged) {
        return of(logged, null, null);
    }

    static DeliveryView withBodies(LoggedDelivery logged) {
        return of(logged, new JsonObject(logged.payload).getMap(), logged.responseBody);
    }

    private static DeliveryView of(LoggedDelivery logged, Map<String, Object> payload, String responseBody) {
        return new DeliveryView(logged.id, logged.webhookId, logged.event, EventCatalogue.resource(logged.event),
                logged.resourceId, logged.status, logged.attempts, logged.triggeredAt, logged.lastAttemptAt,
                logged.nextAttemptAt, logged.deliveredAt, logged.responseStatus, logged.error, logged.durationMs,
                logged.replays,
                logged.createdAt, logged.updatedAt, payload, responseBody);
    }
}
