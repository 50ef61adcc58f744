package dev.latchkey.token;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

import dev.latchkey.platform.Labels;
import dev.latchkey.platform.Text;

/** The bodies that the token resources read. */
final class TokenRequests {

    static final int MAX_NAME = 255;
    static final int MAX_DESCRIPTION = 1000;
    static final int MAX_SCOPES = 500;
    static final int MAX_RANGES = 100;
    /** Seven days. */
    static final long MAX_GRACE_SECONDS = 7 * 24 * 60 * 60;

    private static final String TOO_MANY = "has too many entries: at most {max}";
    private static final String NULL_ENTRY = "has an entry that is null: remove it";

    private TokenRequests() {
    }

    @Schema(name = "CreatePersonalAccessToken")
    record Create(
            @Schema(required = true, description = "1 to 255 characters", examples = "release pipeline") @NotNull(message = "is missing: give the token a name") @Text(max = MAX_NAME) String name,
            @Schema(required = true, description = "At least one, from GET /v3/scopes", examples = "[\"license:read\"]") @NotEmpty(message = "is missing or empty: give at least one scope, from GET /v3/scopes") @Size(max = MAX_SCOPES, message = TOO_MANY) List<@NotNull(message = NULL_ENTRY) String> scopes,
            @Schema(description = "In the future, and within the account's longest lifetime; absent or null: never", examples = "2027-01-31T12:00:00Z") Instant expiresAt,
            @Schema(description = "Up to 1000 characters") @Text(max = MAX_DESCRIPTION, multiline = true, blank = true) String description,
            @Schema(description = "Addresses and CIDR ranges from which the token may be used; absent or null: from anywhere", examples = "[\"203.0.113.0/24\", \"2001:db8::1\"]") @Size(max = MAX_RANGES, message = TOO_MANY) List<@NotNull(message = NULL_ENTRY) String> allowedIps,
            @Size(max = Labels.MAX, message = TOO_MANY) List<@NotNull(message = NULL_ENTRY) @Text(max = Labels.MAX_LENGTH) String> tags) {
    }

    /** A field that is absent stays as it is; one that is null is cleared. */
    @Schema(name = "ChangePersonalAccessToken")
    static final class Change {
        @Schema(description = "true revokes; revocation is irreversible", type = org.eclipse.microprofile.openapi.annotations.enums.SchemaType.BOOLEAN)
        public Optional<Boolean> revoked;
        @Schema(implementation = String.class)
        public Optional<@Text(max = MAX_NAME) String> name;
        @Schema(implementation = String.class)
        public Optional<@Text(max = MAX_DESCRIPTION, multiline = true, blank = true) String> description;
        @Schema(implementation = String[].class, description = "May only become fewer")
        public Optional<@Size(max = MAX_SCOPES, message = TOO_MANY) List<@NotNull(message = NULL_ENTRY) String>> scopes;
        @Schema(implementation = String[].class)
        public Optional<@Size(max = MAX_RANGES, message = TOO_MANY) List<@NotNull(message = NULL_ENTRY) String>> allowedIps;
        @Schema(implementation = String[].class)
        public Optional<@Size(max = Labels.MAX, message = TOO_MANY) List<@NotNull(message = NULL_ENTRY) @Text(max = Labels.MAX_LENGTH) String>> tags;

        /** Whether it does anything but revoke. */
        boolean editsFields() {
            return name != null || description != null || scopes != null || allowedIps != null || tags != null;
        }
    }

    @Schema(name = "RotatePersonalAccessToken")
    record Rotate(
            @Schema(description = "How long the old value stays valid, 0 (the default) to 604800 seconds", examples = "3600") @Min(value = 0, message = "must be 0 or more") @Max(value = MAX_GRACE_SECONDS, message = "must be at most 604800 (7 days)") Long gracePeriodSeconds,
            @Schema(description = "The new expiry; absent or null: as before") Instant expiresAt) {

        static final Rotate AT_ONCE = new Rotate(0L, null);
    }
}
