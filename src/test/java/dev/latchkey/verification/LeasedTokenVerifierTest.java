package dev.latchkey.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import dev.latchkey.token.TokenDigest;
import dev.latchkey.verification.CredentialLookup.Standing;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;

/** What is answered from memory and what is not, with time and the source's answers in the test's hands. */
class LeasedTokenVerifierTest {

    private static final TokenDigest DIGEST = TokenDigest.of("a token");
    private static final TokenRecord TOKEN = Records.token(DIGEST);
    private static final RequestFacts FACTS = new RequestFacts("192.0.2.1");
    private static final int SLOTS = 8;
    private static final int UNKNOWN_PER_MINUTE = 3;

    private long nanos = 5;
    private Instant now = Instant.parse("2030-01-01T12:00:00Z");
    private final HeldBackLookup source = new HeldBackLookup();
    private final InvalidationLog log = new InvalidationLog(64);
    private final FeedState feed = new FeedState(new Lease(Duration.ofSeconds(1), () -> nanos), log);
    private final LookupSlots slots = new LookupSlots(SLOTS);
    private final List<String> judged = new ArrayList<>();
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final CredentialCache<TokenDigest, TokenRecord> tokens = new CredentialCache<>(100, 100, source::token, feed, slots,
            () -> nanos);
    private final CredentialCache<UUID, SessionRecord> sessions = new CredentialCache<>(100, 100, source::session, feed, slots,
            () -> nanos);
    private final TokenVerifier verifier = new LeasedTokenVerifier(tokens, sessions, new UnknownThrottle(UNKNOWN_PER_MINUTE),
            new RateLimiter(100, () -> 1, () -> nanos),
            (id, outcome, address, at) -> judged.add(outcome), new VerificationMetrics(registry), new Clock() {
                @Override
                public ZoneOffset getZone() {
                    return ZoneOffset.UTC;
                }

                @Override
                public Clock withZone(ZoneId zone) {
                    return this;
                }

                @Override
                public Instant instant() {
                    return now;
                }
            });

    static List<UUID> whatConcernsIt() {
        return List.of(TOKEN.id(), TOKEN.userId(), TOKEN.roleId(), TOKEN.accountId());
    }

    /** The feed stands and its heartbeats come. */
    private void hear() {
        feed.connected();
        feed.heartbeat(nanos);
    }

    private AtomicReference<Verification> verify() {
        return verify(DIGEST, FACTS);
    }

    private AtomicReference<Verification> verify(TokenDigest digest, RequestFacts facts) {
        return result(verify(verifier, digest, facts));
    }

    private static Uni<Verification> verify(TokenVerifier verifier, TokenDigest digest, RequestFacts facts) {
        return verifier.recall(digest, facts).map(known -> Uni.createFrom().item(known))
                .orElseGet(() -> verifier.ask(digest, facts));
    }

    private AtomicReference<Verification> verifySession(UUID id) {
        return verifier.recallSession(id).map(AtomicReference::new).orElseGet(() -> result(verifier.askSession(id)));
    }

    private static AtomicReference<Verification> result(Uni<Verification> decision) {
        AtomicReference<Verification> result = new AtomicReference<>();
        decision.subscribe().with(result::set);
        return result;
    }

    private void cache() {
        verify();
        source.answer(TOKEN);
        assertThat(verify()).hasValue(TOKEN.granted());
        assertThat(source.underWay()).isZero();
    }

    private void pass(long millis) {
        nanos += TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Test
    void aTokenIsLookedUpOnceWhileTheLeaseIsHeld() {
        hear();
        cache();
        for (int i = 0; i < 100; i++) {
            pass(250);
            feed.heartbeat(nanos);
            assertThat(verify()).hasValue(TOKEN.granted());
        }
        assertThat(source.asked).isOne();
        assertThat(judged).hasSize(102).containsOnly(VerificationListener.ALLOWED);
    }

    @Test
    void withoutALeaseEveryAnswerComesFromTheSource() {
        hear();
        cache();
        pass(1_000);
        AtomicReference<Verification> asked = verify();
        assertThat(asked).as("not from memory").hasValue(null);
        source.answer(null);
        assertThat(asked).hasValue(Rejection.UNKNOWN);
        assertThat(source.standings).as("found before").last().isEqualTo(Standing.KNOWN);
    }

    @Test
    void theLeaseIsLostWithTheConnectionAndItsReturnIsNotEnough() {
        hear();
        cache();
        feed.disconnected();
        assertThat(verify()).hasValue(null);
        source.answer(TOKEN);
        feed.connected();
        feed.heartbeat(nanos);
        assertThat(verify()).as("nobody knows what was missed").hasValue(null);
        source.answer(TOKEN);
        assertThat(verify()).hasValue(TOKEN.granted());
    }

    @ParameterizedTest
    @MethodSource("whatConcernsIt")
    void aCachedAnswerIsNotUsedAfterAnInvalidation(UUID id) {
        hear();
        cache();
        feed.changed(List.of(UUID.randomUUID()));
        assertThat(verify()).as("of something else").hasValue(TOKEN.granted());
        feed.changed(List.of(id));
        AtomicReference<Verification> after = verify();
        assertThat(after).hasValue(null);
        source.answer(new TokenRecord(TOKEN.granted(), TOKEN.roleId(), true, false));
        assertThat(after).hasValue(Rejection.REVOKED);
        assertThat(verify()).as("what is revoked is remembered as such").hasValue(Rejection.REVOKED);
    }

    /** The race: the source read before the change, and its answer arrives after the invalidation. */
    @ParameterizedTest
    @MethodSource("whatConcernsIt")
    void anAnswerThatWasOvertakenByItsInvalidationIsNeitherGivenNorKept(UUID id) {
        hear();
        AtomicReference<Verification> before = verify();
        feed.changed(List.of(id));
        AtomicReference<Verification> after = verify();
        source.answer(TOKEN);
        assertThat(after).as("asked again").hasValue(null);
        assertThat(source.asked).isEqualTo(2);
        source.answer(new TokenRecord(TOKEN.granted(), TOKEN.roleId(), true, false));
        assertThat(before).hasValue(Rejection.REVOKED);
        assertThat(after).hasValue(Rejection.REVOKED);
        assertThat(verify()).hasValue(Rejection.REVOKED);
    }

    @Test
    void anAnswerThatWasAskedForBeforeTheFeedStoodIsNeitherGivenNorKept() {
        hear();
        AtomicReference<Verification> before = verify();
        feed.disconnected();
        feed.connected();
        feed.heartbeat(nanos);
        source.answer(TOKEN);
        assertThat(before).hasValue(null);
        source.answer(TOKEN);
        assertThat(before).hasValue(TOKEN.granted());
        assertThat(source.asked).isEqualTo(2);
    }

    @Test
    void anAnswerOlderThanTheLogReachesIsNeitherGivenNorKept() {
        hear();
        AtomicReference<Verification> before = verify();
        for (int i = 0; i < 65; i++) {
            feed.changed(List.of(UUID.randomUUID()));
        }
        source.answer(TOKEN);
        assertThat(before).hasValue(null);
        source.answer(TOKEN);
        assertThat(before).hasValue(TOKEN.granted());
    }

    @Test
    void anAnswerThatWasOnItsWayWhileTheProcessWasStoppedIsNotGiven() {
        AtomicReference<Verification> before = verify();
        pass(10_000);
        AtomicReference<Verification> after = verify();
        source.answer(TOKEN);
        assertThat(after).hasValue(null);
        source.answer(null);
        assertThat(before).hasValue(Rejection.UNKNOWN);
        assertThat(after).hasValue(Rejection.UNKNOWN);
    }

    @Test
    void whatChangesFasterThanItCanBeLookedUpIsRefused() {
        hear();
        AtomicReference<Verification> result = verify();
        while (source.underWay() > 0) {
            feed.changed(List.of(TOKEN.id()));
            source.answer(TOKEN);
        }
        assertThat(result).hasValue(Rejection.UNAVAILABLE);
        assertThat(source.asked).isEqualTo(3);
        assertThat(slots.taken()).isZero();
    }

    @Test
    void whoeverAsksMeanwhileWaitsForTheSameAnswer() {
        List<AtomicReference<Verification>> all = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            all.add(verify());
        }
        assertThat(source.asked).isOne();
        source.answer(TOKEN);
        assertThat(all).allSatisfy(result -> assertThat(result).hasValue(TOKEN.granted()));
        assertThat(slots.taken()).isZero();
    }

    @Test
    void whoeverLosesPatienceDoesNotTakeTheAnswerFromTheOthers() {
        var impatient = verify(verifier, DIGEST, FACTS).subscribe().with(ignored -> {
        });
        AtomicReference<Verification> patient = verify();
        impatient.cancel();
        source.answer(TOKEN);
        assertThat(patient).hasValue(TOKEN.granted());
        assertThat(slots.taken()).isZero();
    }

    @Test
    void whatTheSourceCannotAnswerIsRefusedAndAskedForAnew() {
        hear();
        AtomicReference<Verification> result = verify();
        source.fail();
        assertThat(result).hasValue(Rejection.UNAVAILABLE);
        assertThat(slots.taken()).isZero();
        result = verify();
        source.answer(TOKEN);
        assertThat(result).hasValue(TOKEN.granted());
    }

    @Test
    void aCachedAnswerIsNotUsedWhenTheSourceFailsWithoutALease() {
        hear();
        cache();
        pass(1_000);
        AtomicReference<Verification> result = verify();
        source.fail();
        assertThat(result).as("fail closed").hasValue(Rejection.UNAVAILABLE);
    }

    @Test
    void expiryAndTheEndOfAGraceComeByTheClockNotByTheCache() {
        hear();
        VerifiedToken granted = new VerifiedToken(DIGEST, TOKEN.id(), TOKEN.userId(), TOKEN.accountId(), Set.of(),
                Optional.of(now.plusSeconds(5)), List.of());
        verify();
        source.answer(new TokenRecord(granted, TOKEN.roleId(), false, false));
        now = now.plusSeconds(5).minusNanos(1);
        assertThat(verify()).hasValue(granted);
        now = now.plusNanos(1);
        assertThat(verify()).hasValue(Rejection.EXPIRED);
        assertThat(source.asked).isOne();
    }

    @Test
    void onlyUnknownIsRememberedNegativelyAndForOneSecond() {
        hear();
        verify();
        source.answer(null);
        pass(999);
        assertThat(verify()).hasValue(Rejection.UNKNOWN);
        assertThat(source.asked).isOne();
        pass(1);
        feed.heartbeat(nanos);
        AtomicReference<Verification> made = verify();
        source.answer(TOKEN);
        assertThat(made).hasValue(TOKEN.granted());
    }

    @Test
    void anUnknownTokenThrowsNothing() {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        verify(verifier, DIGEST, FACTS).subscribe().with(ignored -> {
        }, failure::set);
        source.answer(null);
        assertThat(failure).hasValue(null);
    }

    @Test
    void tokensThatWereFoundBeforeHaveTheirShareOfTheSlotsDuringAFlood() {
        hear();
        cache();
        pass(1_000);
        int refused = 0;
        for (int i = 0; i < 100; i++) {
            if (verify(TokenDigest.of("invented " + i), new RequestFacts("10.0.0." + i)).get() == Rejection.UNAVAILABLE) {
                refused++;
            }
        }
        assertThat(source.underWay()).as("half of the slots").isEqualTo(SLOTS / 2);
        assertThat(refused).isEqualTo(100 - SLOTS / 2);
        AtomicReference<Verification> good = verify();
        assertThat(good).as("asked for").hasValue(null);
        assertThat(source.underWay()).isEqualTo(SLOTS / 2 + 1);
    }

    @Test
    void inventedTokensEvictNoneThatExist() {
        hear();
        cache();
        for (int i = 0; i < 10_000; i++) {
            verify(TokenDigest.of("invented " + i), new RequestFacts("10.0." + i / 256 + "." + i % 256));
            source.answer(null);
        }
        assertThat(tokens.unknownSize()).isLessThanOrEqualTo(100);
        assertThat(verify()).hasValue(TOKEN.granted());
    }

    @Test
    void anAddressThatPresentsManyUnknownTokensIsSlowedDownButNotItsKnownOnes() {
        hear();
        cache();
        for (int i = 0; i < UNKNOWN_PER_MINUTE; i++) {
            AtomicReference<Verification> result = verify(TokenDigest.of("invented " + i), FACTS);
            source.answer(null);
            assertThat(result).hasValue(Rejection.UNKNOWN);
        }
        int before = source.asked;
        assertThat(verify(TokenDigest.of("one more"), FACTS)).hasValue(Rejection.RATE_LIMITED);
        assertThat(source.asked).isEqualTo(before);
        assertThat(verify()).hasValue(TOKEN.granted());
        pass(1_000);
        AtomicReference<Verification> known = verify();
        source.answer(TOKEN);
        assertThat(known).as("without a lease, too").hasValue(TOKEN.granted());
        verify(TokenDigest.of("another address"), new RequestFacts("192.0.2.2"));
        assertThat(source.underWay()).isOne();
    }

    @Test
    void tokensThatExistAndLookupsThatFailAreNotCountedAgainstAnAddress() {
        for (int i = 0; i < 10 * UNKNOWN_PER_MINUTE; i++) {
            TokenDigest digest = TokenDigest.of("token " + i);
            AtomicReference<Verification> result = verify(digest, FACTS);
            if (i % 2 == 0) {
                source.answer(Records.token(digest));
            } else {
                source.fail();
            }
            assertThat(result.get()).isNotEqualTo(Rejection.RATE_LIMITED);
        }
    }

    @Test
    void manyUnknownTokensAtOnceDoNotSlipThroughTheLimit() {
        for (int i = 0; i < UNKNOWN_PER_MINUTE; i++) {
            verify(TokenDigest.of("invented " + i), FACTS);
        }
        assertThat(verify(TokenDigest.of("one more"), FACTS)).hasValue(Rejection.RATE_LIMITED);
    }

    @Test
    void theTokensOfOtherAccountsDoNotExistForWhoeverAsks() {
        hear();
        cache();
        int before = judged.size();
        RequestFacts other = RequestFacts.reported("192.0.2.1", "192.0.2.1", UUID.randomUUID());
        assertThat(verify(DIGEST, other)).hasValue(Rejection.UNKNOWN);
        assertThat(judged).as("no trace on a token of somebody else").hasSize(before);
        assertThat(verify(DIGEST, RequestFacts.reported("192.0.2.1", "192.0.2.1", TOKEN.accountId())))
                .hasValue(TOKEN.granted());
        assertThat(judged).hasSize(before + 1);
        TokenDigest asked = TokenDigest.of("asked by another");
        AtomicReference<Verification> first = verify(asked, other);
        source.answer(Records.token(asked));
        assertThat(first).as("not from memory, too").hasValue(Rejection.UNKNOWN);
    }

    @Test
    void whatSomebodyElseReceivedIsCountedApartForEachWhoAsks() {
        hear();
        RequestFacts one = RequestFacts.reported("unknown", "192.0.2.1", UUID.randomUUID());
        for (int i = 0; i < UNKNOWN_PER_MINUTE; i++) {
            verify(TokenDigest.of("invented " + i), one);
            source.answer(null);
        }
        assertThat(verify(TokenDigest.of("one more"), one)).hasValue(Rejection.RATE_LIMITED);
        for (RequestFacts free : List.of(FACTS, RequestFacts.reported("unknown", "192.0.2.1", UUID.randomUUID()),
                RequestFacts.reported("unknown", "192.0.2.2", one.asker().orElseThrow()))) {
            AtomicReference<Verification> result = verify(TokenDigest.of("free"), free);
            source.answer(null);
            assertThat(result).hasValue(Rejection.UNKNOWN);
            pass(500);
            feed.heartbeat(nanos);
            pass(501);
            feed.heartbeat(nanos);
        }
    }

    @Test
    void sessionsResolveThroughTheSameEngine() {
        hear();
        UUID id = UUID.randomUUID();
        SessionRecord session = new SessionRecord(id, UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID(), Set.of(),
                now.plusSeconds(60), false, false);
        verifySession(id);
        source.answerSession(session);
        assertThat(verifySession(id).get()).isInstanceOf(VerifiedSession.class);
        assertThat(source.asked).isOne();
        for (UUID changed : List.of(id, session.userId(), session.roleId(), session.accountId())) {
            feed.changed(List.of(changed));
            AtomicReference<Verification> again = verifySession(id);
            assertThat(again).hasValue(null);
            source.answerSession(session);
            assertThat(again.get()).isInstanceOf(VerifiedSession.class);
        }
        now = now.plusSeconds(60);
        assertThat(verifySession(id)).hasValue(Rejection.EXPIRED);
    }

    @Test
    void aLostLeaseIsCounted() {
        hear();
        pass(1_500);
        assertThat(feed.leasesLost()).isOne();
        feed.heartbeat(nanos);
        feed.disconnected();
        assertThat(feed.leasesLost()).isEqualTo(2);
        feed.disconnected();
        assertThat(feed.leasesLost()).isEqualTo(2);
    }

    @Test
    void outcomesHitsAndMissesAreCounted() {
        hear();
        cache();
        verify(TokenDigest.of("invented"), FACTS);
        source.answer(null);
        assertThat(registry.get("latchkey.verifications").tag("outcome", "ALLOWED").functionCounter().count()).isEqualTo(2);
        assertThat(registry.get("latchkey.verifications").tag("outcome", "UNKNOWN").functionCounter().count()).isEqualTo(1);
        assertThat(registry.get("latchkey.cache.gets").tag("result", "hit").functionCounter().count()).isEqualTo(1);
        assertThat(registry.get("latchkey.cache.gets").tag("result", "miss").functionCounter().count()).isEqualTo(2);
    }
}
