package dev.latchkey.webhook;

import java.time.Instant;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * The body that a webhook is sent.
 *
 * @param data what it happened to, as the API shows it
 */
@RegisterForReflection
@Schema(name = "WebhookPayload")
public record Payload(@Schema(examples = "personal-access-token.revoked") String event,
        @Schema(description = "What it happened to, as the API shows it") Object data, Instant triggeredAt) {
}
