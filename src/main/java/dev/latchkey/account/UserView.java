package dev.latchkey.account;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

import com.fasterxml.jackson.annotation.JsonInclude;

import io.quarkus.runtime.annotations.RegisterForReflection;

/** A user as the API shows them. */
@RegisterForReflection
@Schema(name = "User")
record UserView(UUID id, @Schema(examples = "ada@example.com") String email, @Schema(examples = "Ada") String firstName,
        @Schema(examples = "Lovelace") String lastName, String company,
        @Schema(description = "The name of the role", examples = "admin") String role,
        @Schema(description = "Whether they, and their tokens, are refused") boolean disabled,
        @Schema(description = "Whether they were invited and have not set a password yet") boolean invited,
        boolean twoFactorEnabled, List<String> tags, List<Metadata.Entry> metadata,
        @Schema(description = "Null: never") Instant lastLoginAt,
        @Schema(description = "When a session was begun or refreshed; null: never") Instant lastSeenAt, Instant createdAt,
        Instant updatedAt,
        @Schema(description = "Only in the answer to creating a user without a password, never again") @JsonInclude(JsonInclude.Include.NON_NULL) PasswordLinks.Link invitation) {

    static UserView of(User user, Role role) {
        return of(user, role, null);
    }

    static UserView of(User user, Role role, PasswordLinks.Link invitation) {
        return new UserView(user.id, user.email, user.firstName, user.lastName, user.company, role.name,
                user.disabledAt != null, user.passwordHash == null, user.twoFactorEnabled, List.of(user.tags),
                Metadata.read(user.metadata), user.lastLoginAt, user.lastSeenAt, user.createdAt, user.updatedAt, invitation);
    }
}
