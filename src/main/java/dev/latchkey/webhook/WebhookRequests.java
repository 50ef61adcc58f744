package dev.latchkey.webhook;

import java.util.List;
import java.util.Optional;

import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;

import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

import dev.latchkey.platform.Text;

/** The bodies that the webhook resource reads. */
final class WebhookRequests {

    static final int MAX_NAME = 255;
    static final int MAX_EVENTS = 100;

    private static final String TOO_MANY = "has too many entries: at most {max}";
    private static final String NULL_ENTRY = "has an entry that is null: remove it";

    private WebhookRequests() {
    }

    @Schema(name = "CreateWebhook")
    record Create(
            @Schema(required = true, description = "1 to 255 characters", examples = "audit trail") @NotNull(message = "is missing: give the webhook a name") @Text(max = MAX_NAME) String name,
            @Schema(required = true, description = "https, up to 2000 characters, without user and password; not into a private network", examples = "https://hooks.example.com/latchkey") @NotNull(message = "is missing: give the URL to send to") String url,
            @Schema(required = true, description = "At least one, from GET /v3/webhooks/events", examples = "[\"personal-access-token.created\"]") @NotEmpty(message = "is missing or empty: give at least one event, from GET /v3/webhooks/events") @Size(max = MAX_EVENTS, message = TOO_MANY) List<@NotNull(message = NULL_ENTRY) String> events,
            @Schema(description = "What signs: 16 to 255 visible ASCII characters; after whsec_ Base64 of 24 to 64 bytes. Never shown. Absent: one is made, and shown once", writeOnly = true, examples = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw") String token,
            @Schema(description = "Absent: true") Boolean active) {
    }

    /** A field that is absent stays as it is. */
    @Schema(name = "ChangeWebhook")
    static final class Change {
        @Schema(implementation = String.class)
        public Optional<@Text(max = MAX_NAME) String> name;
        @Schema(implementation = String.class)
        public Optional<String> url;
        @Schema(implementation = String[].class)
        public Optional<@Size(max = MAX_EVENTS, message = TOO_MANY) List<@NotNull(message = NULL_ENTRY) String>> events;
        @Schema(implementation = String.class, description = "What signs from now on", writeOnly = true)
        public Optional<String> token;
        @Schema(type = SchemaType.BOOLEAN)
        public Optional<Boolean> active;
    }
}
