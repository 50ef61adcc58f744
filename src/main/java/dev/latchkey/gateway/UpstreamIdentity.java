package dev.latchkey.gateway;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;

import org.jboss.logging.Logger;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

import dev.latchkey.platform.InRole;
import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.token.TokenDigest;
import dev.latchkey.verification.IdentityIssuer;
import dev.latchkey.verification.IdentityIssuer.SignedIdentity;
import dev.latchkey.verification.VerifiedToken;
import io.smallrye.mutiny.Uni;

/**
 * What an API behind gets in place of the token, where the policy says so: a signed JWT. One is used for many requests, so that
 * signing is not on their way: in the second half of its life it is renewed while it is still in use. It belongs to what the
 * token was verified as: when that changes, it is not used any more.
 * <p>
 * Bounded like the cache of tokens; when it is full, the identities that are used least are signed again.
 */
@ApplicationScoped
public class UpstreamIdentity {

    /** What an upstream has left to look at it. */
    private static final Duration MARGIN = Duration.ofSeconds(5);
    private static final Duration RENEWAL_PAUSE = Duration.ofSeconds(2);
    private static final Logger LOG = Logger.getLogger(UpstreamIdentity.class);

    private record Entry(VerifiedToken token, String audience, String header, Instant renewAt, Instant usableUntil) {

        /** Most often the very same object. */
        boolean isFor(VerifiedToken other, String otherAudience) {
            return (token == other || token.equals(other)) && audience.equals(otherAudience);
        }

        Entry renewedFrom(Instant later) {
            return new Entry(token, audience, header, later, usableUntil);
        }
    }

    private final IdentityIssuer issuer;
    private final Clock clock;
    private final Cache<TokenDigest, Entry> entries;
    private final ConcurrentMap<TokenDigest, CompletableFuture<Entry>> underWay = new ConcurrentHashMap<>();

    @Inject
    public UpstreamIdentity(@Any Instance<IdentityIssuer> issuers, Clock clock, LatchkeyConfig config) {
        this(InRole.Literal.choose(issuers, config.role()), clock, config.verification().cacheSize());
    }

    UpstreamIdentity(IdentityIssuer issuer, Clock clock, int maxEntries) {
        this.issuer = issuer;
        this.clock = clock;
        this.entries = Caffeine.newBuilder().maximumSize(maxEntries).executor(Runnable::run).build();
    }

    /** The value for {@code Authorization}; empty if there is none at hand, {@link #ask} makes one. */
    Optional<String> recall(VerifiedToken token, String audience) {
        Entry entry = entries.getIfPresent(token.presented());
        // A later lookup may have said something else, such as fewer scopes.
        if (entry == null || !entry.isFor(token, audience)) {
            return Optional.empty();
        }
        Instant now = clock.instant();
        if (!now.isBefore(entry.usableUntil)) {
            return Optional.empty();
        }
        if (!now.isBefore(entry.renewAt)) {
            // Whatever becomes of it, not again with each request.
            entries.put(token.presented(), entry.renewedFrom(now.plus(RENEWAL_PAUSE)));
            renew(token, audience);
        }
        return Optional.of(entry.header);
    }

    private void renew(VerifiedToken token, String audience) {
        if (!underWay.containsKey(token.presented())) {
            ask(token, audience).subscribe().with(ignored -> {
            }, failure -> LOG.warnf("An identity for the upstream could not be renewed, the old one stays in use: %s",
                    failure.toString()));
        }
    }

    /** Has one made; whoever asks for the same meanwhile waits for it too. */
    Uni<String> ask(VerifiedToken token, String audience) {
        CompletableFuture<Entry> mine = new CompletableFuture<>();
        CompletableFuture<Entry> running = underWay.putIfAbsent(token.presented(), mine);
        if (running != null) {
            return Uni.createFrom().<Entry> emitter(emitter -> running.whenComplete((entry, failure) -> {
                if (failure != null) {
                    emitter.fail(failure);
                } else {
                    emitter.complete(entry);
                }
            })).chain(entry -> entry.isFor(token, audience)
                    ? Uni.createFrom().item(entry.header)
                    : ask(token, audience));
        }
        return Uni.createFrom().deferred(() -> issuer.issue(token, audience))
                .map(signed -> entry(token, audience, signed))
                .onTermination().invoke((entry, failure, cancelled) -> {
                    underWay.remove(token.presented(), mine);
                    if (entry != null) {
                        entries.put(token.presented(), entry);
                        mine.complete(entry);
                    } else {
                        mine.completeExceptionally(
                                failure != null ? failure : new IllegalStateException("nobody waits for it"));
                    }
                })
                .map(Entry::header);
    }

    private Entry entry(VerifiedToken token, String audience, SignedIdentity signed) {
        Instant now = clock.instant();
        Duration life = Duration.between(now, signed.expiresAt());
        return new Entry(token, audience, "Bearer " + signed.jwt(), now.plus(life.dividedBy(2)),
                signed.expiresAt().minus(life.compareTo(MARGIN.multipliedBy(2)) > 0 ? MARGIN : Duration.ZERO));
    }
}
