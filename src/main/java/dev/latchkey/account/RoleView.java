package dev.latchkey.account;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

import io.quarkus.runtime.annotations.RegisterForReflection;

/** A role as the API shows it. */
@RegisterForReflection
@Schema(name = "Role")
record RoleView(UUID id, @Schema(examples = "admin") String name, String description,
        @Schema(description = "The scopes that its users may exercise and hand out", examples = "[\"license:read\"]") List<String> claims,
        @Schema(description = "Whether it is one of those that every account has, and that nobody changes") boolean reserved,
        Instant createdAt, Instant updatedAt) {

    static RoleView of(Role role) {
        return new RoleView(role.id, role.name, role.description, Arrays.stream(role.scopes).sorted().toList(), role.reserved,
                role.createdAt, role.updatedAt);
    }
}
