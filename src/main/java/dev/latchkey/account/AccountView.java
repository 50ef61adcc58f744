package dev.latchkey.account;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

import dev.latchkey.platform.RateLimit;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** An account as the API shows it. */
@RegisterForReflection
@Schema(name = "Account")
record AccountView(UUID id, @Schema(description = "What people name it by at sign-in", examples = "acme") String alias,
        @Schema(examples = "Acme Inc.") String company, @Schema(examples = "it@acme.example") String email,
        @Schema(examples = "https://acme.example") String website,
        @Schema(enumeration = {
                "active", "deleted" }) String status,
        @Schema(description = "Of a deleted account: when what is left of it goes") Instant purgeAfter, Policy tokenPolicy,
        Instant createdAt, Instant updatedAt){

    /** What the account demands of tokens. */
    @RegisterForReflection
    @Schema(name = "TokenPolicy", description = "What the account demands of tokens")
    record Policy(@Schema(description = "Null: no limit", examples = "7776000") Long maxLifetimeSeconds,
            @Schema(description = "Whether each has to have an end; always with a longest lifetime") boolean expiryRequired,
            @Schema(description = "Ranges from which tokens may be used at all; null: from anywhere") List<String> allowedIps,
            @Schema(description = "Scopes that no token may have") List<String> deniedScopes,
            @Schema(description = "Tokens that were not used for so many days are revoked; null: none are") Integer maxIdleDays,
            @Schema(description = "How many that can be used one user may have") int tokensPerUser,
            @Schema(description = "How often a token may be used that has no limit itself; null: as often as it likes") RateLimit rateLimit,
            @Schema(description = "Whether it applies to tokens whose own is wider, too") boolean rateLimitIsMaximum) {

        static Policy of(Account account) {
            return new Policy(account.maxTokenLifetimeSeconds,
                    account.tokenExpiryRequired || account.maxTokenLifetimeSeconds != null,
                    account.tokenAllowedIps == null ? null : List.of(account.tokenAllowedIps),
                    List.of(account.tokenDeniedScopes),
                    account.tokenMaxIdleDays, account.tokensPerUser, account.rateLimit().orElse(null),
                    account.rateLimitIsMaximum);
        }
    }

    static AccountView of(Account account) {
        return new AccountView(account.id, account.alias, account.company, account.email, account.website,
                account.disabledAt == null ? "active" : "deleted", account.purgeAfter, Policy.of(account), account.createdAt,
                account.updatedAt);
    }
}
