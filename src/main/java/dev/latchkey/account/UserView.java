package dev.latchkey.account;

import java.time.Instant;
import java.util.UUID;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

import io.quarkus.runtime.annotations.RegisterForReflection;

/** A user as the API shows them. */
@RegisterForReflection
@Schema(name = "User")
record UserView(UUID id, @Schema(examples = "ada@example.com") String email, @Schema(examples = "Ada") String firstName,
        @Schema(examples = "Lovelace") String lastName,
        @Schema(description = "The name of the role", examples = "admin") String role,
        @Schema(description = "Whether they, and their tokens, are refused") boolean disabled,
        @Schema(description = "Null: never") Instant lastLoginAt, Instant createdAt, Instant updatedAt) {

    static UserView of(User user, Role role) {
        return new UserView(user.id, user.email, user.firstName, user.lastName, role.name, user.disabledAt != null,
                user.lastLoginAt, user.createdAt, user.updatedAt);
    }
}
