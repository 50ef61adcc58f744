package dev.latchkey.token;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

import dev.latchkey.platform.Labels;
import dev.latchkey.platform.RateLimit;
import dev.latchkey.platform.Text;

/** The bodies that the token resources read. */
final class TokenRequests {

    static final int MAX_NAME = 255;
    static final int MAX_DESCRIPTION = 1000;
    static final int MAX_SCOPES = 500;
    static final int MAX_RANGES = 100;
    static final int MAX_IMPORTED = 1000;
    static final int MAX_LEAKED = 100;
    private static final int MAX_URL = 2000;
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
            @Size(max = Labels.MAX, message = TOO_MANY) List<@NotNull(message = NULL_ENTRY) @Text(max = Labels.MAX_LENGTH) String> tags,
            @Schema(description = "How often the token may be used; absent or null: as the account's token policy says") @Valid RateLimit rateLimit) {
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
        @Schema(implementation = RateLimit.class, description = "Null: as the account's token policy says")
        public Optional<@Valid RateLimit> rateLimit;

        /** Whether it does anything but revoke. */
        boolean editsFields() {
            return name != null || description != null || scopes != null || tags != null || changesUse();
        }

        /** Whether it says from where, or how often, the token may be used. */
        boolean changesUse() {
            return allowedIps != null || rateLimit != null;
        }
    }

    /** A token that was found somewhere: the form in which GitHub's secret scanning reports. */
    @Schema(name = "LeakedToken")
    record Leaked(
            @Schema(required = true, description = "The token itself") @NotNull(message = "is missing: give the token that was found") @Size(max = MAX_NAME, message = "is too long: at most {max} characters") String token,
            @Schema(description = "What the finder calls this kind of token") @Text(max = MAX_NAME, blank = true) String type,
            @Schema(description = "Where it was found", examples = "https://git.example/app/blob/main/.env") @Text(max = MAX_URL, blank = true) String url,
            @Schema(description = "In what it was found", examples = "content") @Text(max = MAX_NAME, blank = true) String source) {

        /** Without the token. */
        @Override
        public String toString() {
            return "Leaked";
        }
    }

    @Schema(name = "ImportPersonalAccessTokens")
    record Import(
            @Schema(required = true, description = "1 to 1000") @NotEmpty(message = "is missing or empty: give 1 to 1000 tokens") @Size(max = MAX_IMPORTED, message = TOO_MANY) List<@NotNull(message = NULL_ENTRY) @Valid Imported> tokens) {
    }

    /** A token that was issued elsewhere. */
    @Schema(name = "ImportedToken")
    record Imported(
            @Schema(required = true, description = "The name of a declared format", examples = "legacy") @NotNull(message = "is missing: name a format, from GET /v3/personal-access-tokens/import/formats") String format,
            @Schema(required = true, description = "SHA-256 of the token's text, 64 hex digits") @NotNull(message = "is missing: give the SHA-256 of the token's text, as 64 hex digits") String digest,
            @Schema(required = true, examples = "build server") @NotNull(message = "is missing: give the token a name") @Text(max = MAX_NAME) String name,
            @Schema(required = true, examples = "[\"license:read\"]") @NotEmpty(message = "is missing or empty: give at least one scope, from GET /v3/scopes") @Size(max = MAX_SCOPES, message = TOO_MANY) List<@NotNull(message = NULL_ENTRY) String> scopes,
            @Schema(description = "Absent or null: never") Instant expiresAt,
            @Text(max = MAX_DESCRIPTION, multiline = true, blank = true) String description,
            @Size(max = MAX_RANGES, message = TOO_MANY) List<@NotNull(message = NULL_ENTRY) String> allowedIps,
            @Size(max = Labels.MAX, message = TOO_MANY) List<@NotNull(message = NULL_ENTRY) @Text(max = Labels.MAX_LENGTH) String> tags,
            @Valid RateLimit rateLimit,
            @Schema(description = "The owner: a user of the account whose role you hold all scopes of; absent or null: you") UUID userId) {
    }

    @Schema(name = "RotatePersonalAccessToken")
    record Rotate(
            @Schema(description = "How long the old value stays valid, 0 (the default) to 604800 seconds", examples = "3600") @Min(value = 0, message = "must be 0 or more") @Max(value = MAX_GRACE_SECONDS, message = "must be at most 604800 (7 days)") Long gracePeriodSeconds,
            @Schema(description = "The new expiry; absent or null: as before") Instant expiresAt) {

        static final Rotate AT_ONCE = new Rotate(0L, null);
    }
}
