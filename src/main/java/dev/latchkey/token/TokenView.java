package dev.latchkey.token;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

import com.fasterxml.jackson.annotation.JsonInclude;

import dev.latchkey.platform.RateLimit;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** A personal access token as the API shows it. */
@RegisterForReflection
@Schema(name = "PersonalAccessToken")
public record TokenView(
        UUID id,
        @Schema(examples = "release pipeline") String name,
        String description,
        @Schema(description = "The first characters of the token, to recognise it by", examples = "lkp_aB3d…") String hint,
        @Schema(examples = "[\"license:read\", \"release:write\"]") List<String> scopes,
        @Schema(description = "Null: never") Instant expiresAt,
        boolean revoked,
        Instant revokedAt,
        @Schema(enumeration = {
                "active", "expired", "revoked" }) String status,
        @Schema(description = "CIDR ranges from which it may be used; null: from anywhere", examples = "[\"203.0.113.0/24\"]") List<String> allowedIps,
        List<String> tags,
        @Schema(description = "How often it may be used; null: as the account's token policy says") RateLimit rateLimit,
        @Schema(description = "The owner") UUID userId,
        @Schema(description = "The owner's e-mail address", examples = "ada@example.com") String ownerEmail,
        @Schema(description = "The token that made this one; null if a person did") UUID parentId,
        @Schema(description = "Null: never; up to ten seconds late") Instant lastUsedAt,
        String lastUsedIp,
        @Schema(description = "Until when the value before the last rotation still works; null: it does not") Instant graceUntil,
        @Schema(description = "What the token may do now: its scopes that the owner's role still has. Only in the answer for one token", examples = "[\"license:read\"]") @JsonInclude(JsonInclude.Include.NON_NULL) List<String> effectiveScopes,
        @Schema(description = "The rate limit that applies: its own or the account's. Only in the answer for one token; absent: none applies") @JsonInclude(JsonInclude.Include.NON_NULL) RateLimit effectiveRateLimit,
        Instant createdAt,
        Instant updatedAt,
        @Schema(description = "The token itself: only in the answer to create and rotate, never again") @JsonInclude(JsonInclude.Include.NON_NULL) String token){

    /** @param secret the token's text, when it may be shown; else null */
    static TokenView of(PersonalAccessToken token, TokenOwner owner, String secret, Instant now) {
        return of(token, owner, null, null, secret, now);
    }

    /** With what it may do now. */
    static TokenView withEffects(PersonalAccessToken token, TokenOwner owner, Instant now) {
        List<String> effective = Arrays.stream(token.scopes).filter(owner.roleScopes()::contains).toList();
        return of(token, owner, effective, owner.rateLimitOf(token), null, now);
    }

    private static TokenView of(PersonalAccessToken token, TokenOwner owner, List<String> effectiveScopes,
            RateLimit effectiveRateLimit, String secret, Instant now) {
        return new TokenView(token.id, token.name, token.description, token.hint, List.of(token.scopes), token.expiresAt,
                token.revokedAt != null, token.revokedAt, token.status(now).name().toLowerCase(Locale.ROOT),
                token.allowedIps == null ? null : List.of(token.allowedIps), List.of(token.tags),
                token.rateLimit().orElse(null), token.ownerId, owner.email(),
                token.parentId, token.usage == null ? null : token.usage.lastUsedAt,
                token.usage == null ? null : token.usage.lastUsedIp, token.graceUntil(now), effectiveScopes, effectiveRateLimit,
                token.createdAt,
                token.updatedAt, secret);
    }
}
