package dev.latchkey.sidecar;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import dev.latchkey.verification.CredentialLookup.Standing;

/**
 * How many lookups of sidecars a server has under way, of tokens that were found before and of others apart: each client
 * has a limit, and all of them together have one, which is some statements' worth of the connections that the server
 * shares with them. What exceeds it is refused, not queued.
 */
final class LookupShares {

    private final int forClient;
    private final int forAll;
    private final AtomicInteger taken = new AtomicInteger();
    private final Map<UUID, Integer> byClient = new ConcurrentHashMap<>();

    LookupShares(int forClient, int forAll) {
        this.forClient = forClient;
        this.forAll = forAll;
    }

    /** The limits for each kind. */
    static LookupShares of(Standing standing) {
        return standing == Standing.KNOWN ? new LookupShares(2_048, 8_192) : new LookupShares(512, 1_024);
    }

    boolean take(UUID client) {
        if (taken.getAndUpdate(count -> count < forAll ? count + 1 : count) >= forAll) {
            return false;
        }
        boolean[] isTaken = new boolean[1];
        byClient.compute(client, (id, count) -> {
            isTaken[0] = count == null || count < forClient;
            return count == null ? Integer.valueOf(1) : isTaken[0] ? Integer.valueOf(count + 1) : count;
        });
        if (!isTaken[0]) {
            taken.decrementAndGet();
        }
        return isTaken[0];
    }

    void release(UUID client) {
        byClient.computeIfPresent(client, (id, count) -> count == 1 ? null : Integer.valueOf(count - 1));
        taken.decrementAndGet();
    }

    int taken() {
        return taken.get();
    }
}
