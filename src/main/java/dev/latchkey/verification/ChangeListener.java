package dev.latchkey.verification;

import java.util.Collection;
import java.util.UUID;

/**
 * Hears what a feed tells. A feed calls this from one thread, in the order of the changes, and hears of a change no
 * later than of evidence that was sent after that change was committed.
 */
public interface ChangeListener {

    /**
     * A connection stands, and everything that is committed from now on will be heard on it. What was learned
     * before is stale: nobody knows what was missed.
     */
    void connected();

    /** The connection is gone or is no longer trusted: what happens now will not be heard. */
    void disconnected();

    /**
     * Evidence that the connection is alive.
     *
     * @param sentNanos when it was sent, by {@link System#nanoTime()} of this process
     */
    void heartbeat(long sentNanos);

    /** These tokens, sessions, users and roles of an account, or it itself, changed in a way that matters, or are gone. */
    void changed(UUID account, Collection<UUID> ids);

    /** The same by somebody who does not say of which account: a database that an older version prepared. */
    void changed(Collection<UUID> ids);

    /** Anything may have changed. */
    void everythingChanged();
}
