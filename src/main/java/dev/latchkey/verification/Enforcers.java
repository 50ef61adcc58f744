package dev.latchkey.verification;

import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.platform.Ids;

/**
 * How many processes enforce the same rate limits, of which this is one: each lets through the share of one. Servers count the
 * servers whose heartbeats the database has; sidecars are told how many sidecars of their account are connected to servers.
 */
// Not behind a proxy: it is asked for each request.
@Singleton
public class Enforcers {

    private final UUID id = Ids.next();
    private volatile int count = 1;

    /** This process, as the table of servers has it. */
    public UUID id() {
        return id;
    }

    /** 1 or more; while nobody can be asked, what was last known. */
    public int count() {
        return count;
    }

    /** There are so many; less than one is taken for this process alone. */
    public void found(long processes) {
        count = (int) Math.max(1, Math.min(processes, Integer.MAX_VALUE));
    }
}
