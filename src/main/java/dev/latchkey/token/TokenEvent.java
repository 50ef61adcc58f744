package dev.latchkey.token;

import java.util.List;
import java.util.Set;
import java.util.UUID;

import dev.latchkey.platform.Announcement;
import dev.latchkey.platform.Caller;
import dev.latchkey.platform.Change;

/** Something happened to a token. */
public final class TokenEvent extends Announcement {

    /** What happened. */
    public enum Kind {
        CREATED("created"),
        UPDATED("updated"),
        ROTATED("rotated"),
        REVOKED("revoked"),
        /** Somebody found it where it should not be. */
        LEAKED("leaked"),
        DELETED("deleted");

        private final String word;

        Kind(String word) {
            this.word = word;
        }

        /** As event names write it. */
        public String word() {
            return word;
        }
    }

    private final Kind kind;
    private final UUID tokenId;
    private final Caller caller;
    private final List<Change> changes;

    TokenEvent(Kind kind, UUID tokenId, Caller caller, List<Change> changes) {
        this.kind = kind;
        this.tokenId = tokenId;
        this.caller = caller;
        this.changes = List.copyOf(changes);
    }

    @Override
    public Set<UUID> changed() {
        return kind == Kind.CREATED ? Set.of() : Set.of(tokenId);
    }

    public Kind kind() {
        return kind;
    }

    public UUID tokenId() {
        return tokenId;
    }

    /** Who did it, in whose account. */
    public Caller caller() {
        return caller;
    }

    public List<Change> changes() {
        return changes;
    }
}
