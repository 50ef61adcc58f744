package dev.latchkey.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import dev.latchkey.token.TokenDigest;
import dev.latchkey.verification.InvalidationLog.Answer;

/** An answer is known to be true only as long as nothing that concerns it was invalidated since its question was sent. */
class InvalidationLogTest {

    private static final int CAPACITY = 8;
    private static final TokenRecord TOKEN = Records.token(TokenDigest.of("a token"));

    private final InvalidationLog log = new InvalidationLog(CAPACITY);

    static Stream<UUID> whatConcernsIt() {
        return Stream.of(TOKEN.id(), TOKEN.userId(), TOKEN.roleId(), TOKEN.accountId());
    }

    @ParameterizedTest
    @MethodSource("whatConcernsIt")
    void anAnswerIsStaleOnceItsTokenUserRoleOrAccountWasInvalidated(UUID id) {
        Answer<?> answer = asked();
        assertThat(log.isCurrent(answer)).isTrue();
        log.append(List.of(id));
        assertThat(log.isCurrent(answer)).isFalse();
        assertThat(log.isCurrent(answer)).as("and stays so").isFalse();
        assertThat(log.isCurrent(asked())).as("what was asked afterwards is not").isTrue();
    }

    @Test
    void nothingElseMakesItStale() {
        Answer<?> answer = asked();
        for (int i = 0; i < 3 * CAPACITY; i++) {
            log.append(List.of(UUID.randomUUID()));
            assertThat(log.isCurrent(answer)).isTrue();
        }
    }

    @Test
    void aMessageOfManyInvalidatesEachOfThem() {
        Answer<?> answer = asked();
        log.append(List.of(UUID.randomUUID(), TOKEN.userId(), UUID.randomUUID()));
        assertThat(log.isCurrent(answer)).isFalse();
    }

    @Test
    void anAnswerThatIsOlderThanTheLogReachesIsStaleThoughNothingConcernsIt() {
        Answer<?> answer = asked();
        others(CAPACITY);
        assertThat(log.isCurrent(answer)).as("the log reaches just far enough").isTrue();
        Answer<?> older = asked();
        others(CAPACITY + 1);
        assertThat(log.isCurrent(older)).isFalse();
    }

    @Test
    void anInvalidationThatTheLogDroppedIsNotForgotten() {
        Answer<?> answer = asked();
        log.append(List.of(TOKEN.id()));
        others(5 * CAPACITY);
        assertThat(log.isCurrent(answer)).isFalse();
    }

    @Test
    void theSameInvalidationAgainIsRememberedAsLongAsTheNewerOne() {
        log.append(List.of(TOKEN.id()));
        Answer<?> answer = asked();
        others(CAPACITY - 1);
        log.append(List.of(TOKEN.id()));
        others(1);
        assertThat(log.isCurrent(answer)).isFalse();
    }

    @Test
    void everythingIsStaleAfterEverythingWasForgotten() {
        Answer<?> answer = asked();
        log.forgetAll();
        assertThat(log.isCurrent(answer)).isFalse();
        assertThat(log.isCurrent(asked())).isTrue();
        others(2 * CAPACITY);
        assertThat(log.isCurrent(answer)).isFalse();
    }

    @Test
    void memoryIsBounded() {
        others(100 * CAPACITY);
        assertThat(log.size()).isLessThanOrEqualTo(CAPACITY);
        log.forgetAll();
        assertThat(log.size()).isZero();
    }

    /** Whoever reads while others append may find an answer stale that is not, but never the other way round. */
    @Test
    void aReaderNeverMissesWhatWasAppendedBeforeItLooked() throws InterruptedException {
        AtomicBoolean ended = new AtomicBoolean();
        AtomicLong checks = new AtomicLong();
        Thread noise = new Thread(() -> {
            while (!ended.get()) {
                others(1);
            }
        });
        Thread forgetting = new Thread(() -> {
            while (!ended.get()) {
                log.forgetAll();
            }
        });
        // Two that keep moving the stamps of answers which the main thread looks at, too.
        Answer<?>[] shared = new Answer<?>[1];
        shared[0] = asked();
        List<Thread> readers = IntStream.range(0, 2).mapToObj(i -> new Thread(() -> {
            while (!ended.get()) {
                log.isCurrent(shared[0]);
                checks.incrementAndGet();
            }
        })).toList();
        noise.start();
        forgetting.start();
        readers.forEach(Thread::start);
        try {
            for (int i = 0; i < 20_000; i++) {
                Answer<?> answer = asked();
                shared[0] = answer;
                log.append(List.of(i % 2 == 0 ? TOKEN.id() : TOKEN.accountId()));
                assertThat(log.isCurrent(answer)).as("round %s", i).isFalse();
            }
        } finally {
            ended.set(true);
            noise.join();
            forgetting.join();
            for (Thread reader : readers) {
                reader.join();
            }
        }
        assertThat(checks.get()).isPositive();
    }

    private Answer<?> asked() {
        return new Answer<>(TOKEN, log.position());
    }

    private void others(int count) {
        for (int i = 0; i < count; i++) {
            log.append(List.of(UUID.randomUUID()));
        }
    }
}
