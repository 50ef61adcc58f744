package dev.latchkey.account;

import java.time.Instant;
import java.util.UUID;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

import io.quarkus.runtime.annotations.RegisterForReflection;

/** A tag as the API shows it. */
@RegisterForReflection
@Schema(name = "Tag")
record TagView(UUID id, @Schema(examples = "production") String name, String description, Instant createdAt,
        Instant updatedAt) {

    static TagView of(Tag tag) {
        return new TagView(tag.id, tag.name, tag.description, tag.createdAt, tag.updatedAt);
    }
}
