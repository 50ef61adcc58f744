package dev.latchkey.verification;

import java.util.Arrays;
import java.util.Collection;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * What was invalidated lately, in order: positions 1, 2, 3 and so on. Whoever asked the source at some position
 * finds out later, in constant time, whether anything that concerns the answer was invalidated since.
 * <p>
 * This is the one mechanism that keeps stale answers out of use, for cached ones and for those on their way alike.
 * An answer is stamped with the position <em>before</em> its question was sent. There is no moment at which an
 * invalidation could fall between "is it valid?" and "put it into the cache", because nothing is taken out of the
 * cache when an invalidation arrives: each use of an answer compares its stamp with what came since. That costs one
 * read while nothing came, four probes of a map after something did.
 * <p>
 * Bounded: the last {@code capacity} invalidations are remembered. An answer that is older than the oldest of them
 * is stale, like every answer after {@link #forgetAll}.
 * <p>
 * Invariants: (1) an invalidation at position p is in {@link #latest} before {@link #head} reaches p; (2) {@link
 * #floor} has passed p before an invalidation at p is dropped from the map. Readers look in the opposite order:
 * head, map, floor.
 */
final class InvalidationLog {

    private final UUID[] recent;
    private final ConcurrentMap<UUID, Long> latest = new ConcurrentHashMap<>();
    /** The newest position. */
    private volatile long head;
    /** Answers that were stamped before this position are stale. */
    private volatile long floor;

    InvalidationLog(int capacity) {
        this.recent = new UUID[capacity];
    }

    /** Where the log is: the stamp of a question that is sent after this call. */
    long position() {
        return head;
    }

    /** These changed: tokens, sessions, users, roles, accounts. */
    synchronized void append(Collection<UUID> ids) {
        for (UUID id : ids) {
            long position = head + 1;
            int slot = (int) (position % recent.length);
            latest.put(id, position);
            if (position > recent.length) {
                floor = Math.max(floor, position - recent.length);
                UUID dropped = recent[slot];
                if (dropped != null) {
                    latest.remove(dropped, position - recent.length);
                }
            }
            recent[slot] = id;
            head = position;
        }
    }

    /** Everything may have changed. */
    synchronized void forgetAll() {
        long position = head + 1;
        floor = position;
        latest.clear();
        Arrays.fill(recent, null);
        head = position;
    }

    /** Whether nothing that concerns this answer was invalidated since it was stamped; if so, its stamp becomes newer. */
    boolean isCurrent(Answer<?> answer) {
        long now = head;
        long stamp = answer.stamp;
        if (stamp >= now) {
            return true;
        }
        CredentialRecord record = answer.record;
        if (since(record.id(), stamp) || since(record.userId(), stamp) || since(record.roleId(), stamp)
                || since(record.accountId(), stamp)) {
            return false;
        }
        if (stamp < floor) {
            return false;
        }
        answer.stamp = now;
        return true;
    }

    private boolean since(UUID id, long stamp) {
        Long position = latest.get(id);
        return position != null && position > stamp;
    }

    /** How many invalidations are remembered. */
    int size() {
        return latest.size();
    }

    /** A record, and the position up to which it is known to be true. */
    static final class Answer<R extends CredentialRecord> {

        final R record;
        private volatile long stamp;

        /** @param stamp where the log was before the question was sent */
        Answer(R record, long stamp) {
            this.record = record;
            this.stamp = stamp;
        }
    }
}
