package dev.latchkey.account;

import java.util.List;
import java.util.Optional;

import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;

import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

import dev.latchkey.platform.RateLimit;
import dev.latchkey.platform.Text;

/** The bodies that the account resource reads. */
final class AccountRequests {

    static final String KEEP = "keep";
    static final String SHORTEN = "shorten";
    private static final int MAX_RANGES = 100;
    private static final int MAX_SCOPES = 500;
    private static final int MAX_WEBSITE = 2048;
    private static final String TOO_MANY = "has too many entries: at most {max}";
    private static final String NULL_ENTRY = "has an entry that is null: remove it";
    private static final String TOO_LONG = "is too long: at most {max} characters";

    private AccountRequests() {
    }

    /** A field that is absent stays as it is; one that is null is no limit. */
    @Schema(name = "ChangeTokenPolicy")
    static final class Policy {
        @Schema(type = SchemaType.INTEGER, description = "60 or more seconds; null: no limit", examples = "7776000")
        public Optional<@Min(value = 60, message = "must be 60 or more") @Max(value = 3_155_760_000L, message = "must be at most 3155760000 (100 years)") Long> maxLifetimeSeconds;
        @Schema(type = SchemaType.BOOLEAN)
        public Optional<Boolean> expiryRequired;
        @Schema(implementation = String[].class)
        public Optional<@Size(max = MAX_RANGES, message = TOO_MANY) List<@NotNull(message = NULL_ENTRY) String>> allowedIps;
        @Schema(implementation = String[].class)
        public Optional<@Size(max = MAX_SCOPES, message = TOO_MANY) List<@NotNull(message = NULL_ENTRY) String>> deniedScopes;
        @Schema(type = SchemaType.INTEGER, description = "1 to 3650; null: none are revoked")
        public Optional<@Min(value = 1, message = "must be 1 or more") @Max(value = 3650, message = "must be at most 3650") Integer> maxIdleDays;
        @Schema(type = SchemaType.INTEGER, description = "1 to 100000")
        public Optional<@Min(value = 1, message = "must be 1 or more") @Max(value = 100_000, message = "must be at most 100000") Integer> tokensPerUser;
        @Schema(implementation = RateLimit.class, description = "Of tokens that have none themselves; null: none")
        public Optional<@Valid RateLimit> rateLimit;
        @Schema(type = SchemaType.BOOLEAN, description = "Whether it applies to tokens whose own is wider, too")
        public Optional<Boolean> rateLimitIsMaximum;
    }

    /** A field that is absent stays as it is. */
    @Schema(name = "ChangeAccount")
    static final class Change {
        @Schema(implementation = String.class)
        public Optional<@Text(max = UserRequests.MAX_NAME) String> company;
        @Schema(implementation = String.class)
        public Optional<@Text(max = UserRequests.MAX_ADDRESS) String> email;
        @Schema(implementation = String.class)
        public Optional<@Text(max = 63) String> alias;
        @Schema(implementation = String.class, description = "An http(s) address; null: none")
        public Optional<@Text(max = MAX_WEBSITE, blank = true) String> website;
        @Schema(implementation = Policy.class)
        public Optional<@Valid Policy> tokenPolicy;
        @Schema(implementation = String.class, enumeration = { KEEP,
                SHORTEN }, description = "What becomes of tokens that break the policy: they are kept (the default), or shortened to what it allows")
        public Optional<String> existingTokens;
    }

    @Schema(name = "DeleteAccount")
    record Delete(
            @Schema(required = true, description = "The account's alias, so that nobody deletes by accident") @NotNull(message = "is missing: repeat the account's alias") @Size(max = 63, message = TOO_LONG) String alias) {
    }

    @Schema(name = "CreateAccount")
    record Create(
            @Schema(required = true, description = "1 to 63 of a-z, 0-9 and -", examples = "acme") @NotNull(message = "is missing: choose what people name the account by") @Size(max = 63, message = TOO_LONG) String alias,
            @Schema(required = true) @NotNull(message = "is missing") @Text(max = UserRequests.MAX_NAME) String company,
            @Schema(required = true, description = "Of the first super-admin") @NotNull(message = "is missing") @Text(max = UserRequests.MAX_ADDRESS) String email,
            @Schema(required = true, description = "Of the first super-admin, 12 to 128 characters") @NotNull(message = "is missing") @Size(max = 1024, message = TOO_LONG) String password,
            @Text(max = UserRequests.MAX_NAME, blank = true) String firstName,
            @Text(max = UserRequests.MAX_NAME, blank = true) String lastName) {

        @Override
        public String toString() {
            return "CreateAccount";
        }
    }
}
