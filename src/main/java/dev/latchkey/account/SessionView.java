package dev.latchkey.account;

import java.time.Instant;
import java.util.UUID;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** A session as its person sees it. */
@Schema(name = "Session")
record SessionView(UUID id,
        @Schema(description = "When the person signed in") Instant createdAt,
        @Schema(description = "When it was signed in or refreshed last: a use since then is at most 15 minutes younger") Instant lastUsedAt,
        @Schema(description = "When it ends at the latest; earlier if it is not used") Instant expiresAt,
        @Schema(description = "From where the person signed in", examples = "203.0.113.7") String address,
        @Schema(description = "The browser, or whatever it was, in its own words") String userAgent,
        @Schema(description = "Whether it is the one that asks") boolean current) {
}
