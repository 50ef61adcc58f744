package dev.latchkey.verification;

import java.util.Collection;
import java.util.UUID;

/**
 * Learns of changes after this process has forgotten what they make stale, and before any evidence that was sent after
 * them counts. Called on the feed's thread, in the order of the changes: must neither block nor fail.
 */
public interface ChangeFollower {

    /** These tokens, sessions, users and roles of an account, or it itself, changed in a way that matters, or are gone. */
    void changed(UUID account, Collection<UUID> ids);

    /** Anything may have changed, here or while nobody listened. */
    void everythingChanged();
}
