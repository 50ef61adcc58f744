package dev.latchkey.verification;

import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

import dev.latchkey.verification.InvalidationLog.Answer;

/**
 * What is known of the feed: whether it is alive, and what it told. Followers are told after the log, so that nobody whom they
 * tell can be answered from memory here, and before the next evidence.
 */
final class FeedState implements ChangeListener, ChangeSource {

    private final Lease lease;
    private final InvalidationLog log;
    private final AtomicLong leasesLost = new AtomicLong();
    private final AtomicLong invalidations = new AtomicLong();
    private volatile boolean connected;
    private final AtomicBoolean held = new AtomicBoolean();
    private final List<ChangeFollower> followers = new CopyOnWriteArrayList<>();

    FeedState(Lease lease, InvalidationLog log) {
        this.lease = lease;
        this.log = log;
    }

    @Override
    public void connected() {
        log.forgetAll();
        connected = true;
        followers.forEach(ChangeFollower::everythingChanged);
    }

    @Override
    public void disconnected() {
        connected = false;
        lease.lose();
        noteLoss();
    }

    @Override
    public void heartbeat(long sentNanos) {
        noteLoss();
        lease.renew(sentNanos);
        held.set(lease.isHeld());
    }

    @Override
    public void changed(UUID account, Collection<UUID> ids) {
        forget(ids);
        followers.forEach(follower -> follower.changed(account, ids));
    }

    @Override
    public void changed(Collection<UUID> ids) {
        forget(ids);
        followers.forEach(ChangeFollower::everythingChanged);
    }

    /** What concerns these is stale. */
    void forget(Collection<UUID> ids) {
        invalidations.addAndGet(ids.size());
        log.append(ids);
    }

    @Override
    public void everythingChanged() {
        invalidations.incrementAndGet();
        log.forgetAll();
        followers.forEach(ChangeFollower::everythingChanged);
    }

    @Override
    public void follow(ChangeFollower follower) {
        followers.add(follower);
    }

    @Override
    public OptionalLong evidenceAge() {
        long age = lease.ageNanos();
        return age == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(age);
    }

    /** A lease may end by itself, and nobody is told: it is counted when somebody looks. */
    private void noteLoss() {
        if (!lease.isHeld() && held.compareAndSet(true, false)) {
            leasesLost.incrementAndGet();
        }
    }

    /**
     * Whether a cached answer may be used without asking. The lease is looked at first: that it was held, and that
     * nothing heard until <em>later</em> concerns the answer, together mean that the answer was true when the lease
     * was looked at. The other way round, another thread could renew the lease in between by what this one did not
     * look at.
     */
    boolean permits(Answer<?> answer) {
        return lease.isHeld() && log.isCurrent(answer);
    }

    /** Whether nothing was heard that contradicts an answer of the source. */
    boolean isCurrent(Answer<?> answer) {
        return log.isCurrent(answer);
    }

    /** The stamp of a question that is sent after this call. */
    long position() {
        return log.position();
    }

    boolean isLeaseHeld() {
        return lease.isHeld();
    }

    boolean isConnected() {
        return connected;
    }

    /** How old the newest evidence is, in seconds; not a number while there is none. */
    double lagSeconds() {
        long age = lease.ageNanos();
        return age == Long.MAX_VALUE ? Double.NaN : age / 1e9;
    }

    long leasesLost() {
        noteLoss();
        return leasesLost.get();
    }

    long invalidations() {
        return invalidations.get();
    }
}
