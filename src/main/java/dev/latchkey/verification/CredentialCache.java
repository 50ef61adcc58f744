package dev.latchkey.verification;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

import dev.latchkey.verification.CredentialLookup.Standing;
import dev.latchkey.verification.InvalidationLog.Answer;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;

/**
 * What is known of the credentials of one kind.
 * <p>
 * Two caches, each with its own bound, so that inventing credentials evicts none that exist. At most one question
 * for each credential is under way; whoever asks meanwhile waits for its answer. When either cache is full, the
 * entries that are used least make room.
 *
 * @param <K> what a credential is looked up by, of which a map may keep a copy: a digest or an id, never the secret
 */
// The caches that Caffeine picks by name for these limits, and their entries; in a native executable names must be known.
@RegisterForReflection(classNames = { "com.github.benmanes.caffeine.cache.SSMS", "com.github.benmanes.caffeine.cache.PSMS",
        "com.github.benmanes.caffeine.cache.SSMSW", "com.github.benmanes.caffeine.cache.PSWMS" })
final class CredentialCache<K, R extends CredentialRecord> {

    /** How long it is remembered that there is no such credential. Nobody announces one that is made. */
    private static final Duration UNKNOWN_LIFETIME = Duration.ofSeconds(1);
    /** An answer that changed on its way is asked for again, this often in all. */
    private static final int ATTEMPTS = 3;

    private final Cache<K, Answer<R>> known;
    private final Cache<K, Boolean> unknown;
    private final ConcurrentMap<K, CompletableFuture<Optional<R>>> underWay = new ConcurrentHashMap<>();
    private final BiFunction<K, Standing, Uni<Optional<R>>> source;
    private final FeedState feed;
    private final LookupSlots slots;
    private final LongSupplier nanoTime;

    CredentialCache(int maxKnown, int maxUnknown, BiFunction<K, Standing, Uni<Optional<R>>> source, FeedState feed,
            LookupSlots slots, LongSupplier nanoTime) {
        // Housekeeping on the thread that causes it: it is short, and no other pool of threads is needed.
        this.known = Caffeine.newBuilder().maximumSize(maxKnown).executor(Runnable::run).build();
        this.unknown = Caffeine.newBuilder().maximumSize(maxUnknown).executor(Runnable::run)
                .expireAfterWrite(UNKNOWN_LIFETIME).ticker(nanoTime::getAsLong).build();
        this.source = source;
        this.feed = feed;
        this.slots = slots;
        this.nanoTime = nanoTime;
    }

    /** What may be used without asking; null if the source must be asked. */
    R cached(K key) {
        Answer<R> answer = known.getIfPresent(key);
        return answer != null && feed.permits(answer) ? answer.record : null;
    }

    /** Whether it was found a moment ago that there is no such credential. */
    boolean isKnownToBeUnknown(K key) {
        return unknown.getIfPresent(key) != null;
    }

    /** Whether it was found before, however long ago. */
    Standing standing(K key) {
        return known.getIfPresent(key) != null ? Standing.KNOWN : Standing.NEW;
    }

    /** Whether the source is being asked. */
    boolean isUnderWay(K key) {
        return underWay.containsKey(key);
    }

    /**
     * Asks the source, or waits for the answer to the same question that is under way. Completes on the thread on
     * which the source answers.
     *
     * @return fails with {@link Unavailable} if there is no slot, with whatever the source failed with otherwise
     */
    Uni<Optional<R>> ask(K key, Standing standing) {
        CompletableFuture<Optional<R>> running = underWay.get(key);
        if (running != null) {
            return waitFor(running);
        }
        if (!slots.take(standing)) {
            return Uni.createFrom().failure(Unavailable.NO_SLOT);
        }
        CompletableFuture<Optional<R>> mine = new CompletableFuture<>();
        running = underWay.putIfAbsent(key, mine);
        if (running != null) {
            slots.release(standing);
            return waitFor(running);
        }
        attempt(key, standing, mine, 1);
        return waitFor(mine);
    }

    /** Not a {@code Uni} of the future itself: whoever loses patience would cancel it for all others. */
    private static <T> Uni<T> waitFor(CompletableFuture<T> future) {
        return Uni.createFrom().emitter((UniEmitter<? super T> emitter) -> future.whenComplete((found, failure) -> {
            if (failure == null) {
                emitter.complete(found);
            } else {
                emitter.fail(failure);
            }
        }));
    }

    private void attempt(K key, Standing standing, CompletableFuture<Optional<R>> result, int number) {
        long stamp = feed.position();
        long sent = nanoTime.getAsLong();
        Uni.createFrom().deferred(() -> source.apply(key, standing)).subscribe().with(found -> {
            if (found.isEmpty()) {
                known.invalidate(key);
                unknown.put(key, Boolean.TRUE);
                end(key, standing, result).complete(found);
                return;
            }
            Answer<R> answer = new Answer<>(found.get(), stamp);
            if (isUsable(answer, sent)) {
                known.put(key, answer);
                end(key, standing, result).complete(found);
            } else if (number < ATTEMPTS) {
                attempt(key, standing, result, number + 1);
            } else {
                end(key, standing, result).completeExceptionally(Unavailable.CHANGES_TOO_FAST);
            }
        }, failure -> end(key, standing, result).completeExceptionally(failure));
    }

    /** Before the answer is given, so that whoever asks after it was given does not get it again. */
    private CompletableFuture<Optional<R>> end(K key, Standing standing, CompletableFuture<Optional<R>> result) {
        underWay.remove(key, result);
        slots.release(standing);
        return result;
    }

    /**
     * Whether the source's answer may be used and kept. Not if something was heard that contradicts it; and not if
     * it is so old that nobody knows what should have been heard meanwhile, because this process was stopped while
     * the answer was on its way.
     */
    private boolean isUsable(Answer<R> answer, long sent) {
        return nanoTime.getAsLong() - sent < Lease.LONGEST.toNanos() && feed.isCurrent(answer);
    }

    /** Entries, among which may be some that will be asked for again before they are used. */
    long size() {
        return known.estimatedSize();
    }

    long unknownSize() {
        return unknown.estimatedSize();
    }

    /** Why the source was not asked, or its answer not used. Has no stack trace: it may happen a lot. */
    static final class Unavailable extends RuntimeException {

        static final Unavailable NO_SLOT = new Unavailable("too many lookups are under way");
        static final Unavailable CHANGES_TOO_FAST = new Unavailable("the credential changes faster than it can be looked up");

        private Unavailable(String message) {
            super(message, null, false, false);
        }
    }
}
