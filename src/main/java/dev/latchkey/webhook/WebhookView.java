package dev.latchkey.webhook;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

import com.fasterxml.jackson.annotation.JsonInclude;

import io.quarkus.runtime.annotations.RegisterForReflection;

/** A webhook as the API shows it. */
@RegisterForReflection
@Schema(name = "Webhook")
public record WebhookView(
        UUID id,
        @Schema(examples = "audit trail") String name,
        @Schema(examples = "https://hooks.example.com/latchkey") String url,
        @Schema(examples = "[\"personal-access-token.created\"]") List<String> events,
        @Schema(description = "False: nothing new is recorded for it, and what waits is held until it is true again") boolean active,
        Instant createdAt,
        Instant updatedAt,
        @Schema(description = "The token that signs: only in the answer to a creation that gave none, never again", examples = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") @JsonInclude(JsonInclude.Include.NON_NULL) String token) {

    /** @param token the token's text, when it may be shown; else null */
    static WebhookView of(Webhook webhook, String token) {
        return new WebhookView(webhook.id, webhook.name, webhook.url, List.of(webhook.events), webhook.active,
                webhook.createdAt, webhook.updatedAt, token);
    }
}
