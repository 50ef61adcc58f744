package dev.latchkey.client;

import java.util.UUID;

/** A machine that acts for one account. */
public record Client(UUID id, UUID accountId, Kind kind) {

    /** What a client may do; the names are those in the database. */
    public enum Kind {
        /** May introspect tokens of its account. */
        INTROSPECTION("introspection"),
        /** May look up tokens of its account, and hears of their changes. */
        SIDECAR("sidecar");

        private final String stored;

        Kind(String stored) {
            this.stored = stored;
        }
    }

    static String stored(Kind kind) {
        return kind.stored;
    }
}
