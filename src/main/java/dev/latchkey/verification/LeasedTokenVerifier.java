package dev.latchkey.verification;

import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

import org.jboss.logging.Logger;

import dev.latchkey.platform.RateLimit;
import dev.latchkey.token.TokenDigest;
import dev.latchkey.verification.CredentialLookup.Standing;
import io.smallrye.mutiny.Uni;

/**
 * Answers from memory while the lease is held, and asks the source otherwise: see the story of this package. Time,
 * address and rate are judged anew at each use.
 */
final class LeasedTokenVerifier implements TokenVerifier {

    private static final Logger LOG = Logger.getLogger(LeasedTokenVerifier.class);

    /** The log hears of failures once in this time; the metrics count them all. */
    private static final long TELL_MILLIS = 1_000;

    private final AtomicLong lastTold = new AtomicLong();
    private final CredentialCache<TokenDigest, TokenRecord> tokens;
    private final CredentialCache<UUID, SessionRecord> sessions;
    private final UnknownThrottle throttle;
    private final RateLimiter limiter;
    private final VerificationListener listener;
    private final VerificationMetrics metrics;
    private final Clock clock;

    LeasedTokenVerifier(CredentialCache<TokenDigest, TokenRecord> tokens, CredentialCache<UUID, SessionRecord> sessions,
            UnknownThrottle throttle, RateLimiter limiter, VerificationListener listener, VerificationMetrics metrics,
            Clock clock) {
        this.tokens = tokens;
        this.sessions = sessions;
        this.throttle = throttle;
        this.limiter = limiter;
        this.listener = listener;
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public Optional<Verification> recall(TokenDigest digest, RequestFacts facts) {
        TokenRecord record = tokens.cached(digest);
        if (record != null) {
            metrics.hit();
            return Optional.of(judge(record, facts));
        }
        return recallUnknown(tokens, digest);
    }

    private <K> Optional<Verification> recallUnknown(CredentialCache<K, ?> cache, K key) {
        if (cache.isKnownToBeUnknown(key)) {
            metrics.hit();
            return Optional.of(metrics.counted(Rejection.UNKNOWN));
        }
        metrics.miss();
        return Optional.empty();
    }

    @Override
    public Uni<Verification> ask(TokenDigest digest, RequestFacts facts) {
        Standing standing = tokens.standing(digest);
        // Whoever waits for the answer to another's question costs nothing; what goes on was no invention when it began.
        boolean counted = facts.isUse() && standing == Standing.NEW && !tokens.isUnderWay(digest);
        if (counted && !throttle.take(facts)) {
            return Uni.createFrom().item(metrics.counted(Rejection.RATE_LIMITED));
        }
        return tokens.ask(digest, standing)
                .map(found -> {
                    Verification decision = found.isPresent() ? judge(found.get(), facts)
                            : metrics.counted(Rejection.UNKNOWN);
                    if (counted && decision != Rejection.UNKNOWN) {
                        throttle.giveBack(facts);
                    }
                    return decision;
                })
                .onFailure().recoverWithItem(failure -> {
                    if (counted) {
                        throttle.giveBack(facts);
                    }
                    return unavailable(failure);
                });
    }

    private Verification judge(TokenRecord record, RequestFacts facts) {
        if (!facts.mayKnow(record.accountId())) {
            return metrics.counted(Rejection.UNKNOWN);
        }
        Instant now = clock.instant();
        Verification decision = record.decide(now, facts);
        if (!facts.isUse()) {
            return decision;
        }
        if (record.rateLimit().isPresent() && decision instanceof VerifiedToken token) {
            decision = limit(token, record.rateLimit().get());
        }
        listener.judged(record.id(), outcome(decision), facts.address(), now);
        return metrics.counted(decision);
    }

    private Verification limit(VerifiedToken token, RateLimit rateLimit) {
        RateLimiter.Use use = limiter.take(token.id(), rateLimit);
        return use.isAllowed() ? token.with(use.status()) : new RateLimited(use.status());
    }

    private static String outcome(Verification decision) {
        return decision instanceof Rejection rejection ? rejection.name()
                : decision instanceof RateLimited ? Rejection.RATE_LIMITED.name() : VerificationListener.ALLOWED;
    }

    @Override
    public Optional<Verification> recallSession(UUID sessionId) {
        SessionRecord record = sessions.cached(sessionId);
        if (record != null) {
            metrics.hit();
            return Optional.of(metrics.counted(record.decide(clock.instant())));
        }
        return recallUnknown(sessions, sessionId);
    }

    @Override
    public Uni<Verification> askSession(UUID sessionId) {
        return sessions.ask(sessionId, sessions.standing(sessionId))
                .map(found -> metrics
                        .counted(found.<Verification> map(it -> it.decide(clock.instant())).orElse(Rejection.UNKNOWN)))
                .onFailure().recoverWithItem(this::unavailable);
    }

    private Verification unavailable(Throwable failure) {
        long now = clock.millis();
        long told = lastTold.get();
        if (now - told >= TELL_MILLIS && lastTold.compareAndSet(told, now)) {
            LOG.warnf("Credentials cannot be checked, the latest because of: %s", failure.toString());
        }
        return metrics.counted(Rejection.UNAVAILABLE);
    }
}
