package dev.latchkey.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A cached answer may be used only while evidence that was sent recently says that changes are heard. */
class LeaseTest {

    private long now = 1_000;
    private final Lease lease = new Lease(Duration.ofSeconds(1), () -> now);

    @Test
    void isNotHeldBeforeThereIsEvidence() {
        assertThat(lease.isHeld()).isFalse();
        assertThat(lease.ageNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void endsItsDurationAfterTheEvidenceWasSentNotAfterItWasHeard() {
        long sent = now;
        pass(900);
        lease.renew(sent);
        assertThat(lease.isHeld()).isTrue();
        pass(99);
        assertThat(lease.isHeld()).isTrue();
        pass(1);
        assertThat(lease.isHeld()).isFalse();
    }

    @Test
    void aBurstOfHeartbeatsThatWereHeldBackRenewsNothing() {
        lease.renew(now);
        long[] heldBack = new long[40];
        for (int i = 0; i < heldBack.length; i++) {
            heldBack[i] = now;
            pass(250);
        }
        pass(1_000);
        for (long sent : heldBack) {
            lease.renew(sent);
            assertThat(lease.isHeld()).isFalse();
        }
    }

    @Test
    void olderEvidenceThanTheNewestChangesNothing() {
        long older = now;
        pass(500);
        lease.renew(now);
        lease.renew(older);
        pass(999);
        assertThat(lease.isHeld()).isTrue();
    }

    @Test
    void isLostAtOnceAndHeldAgainWithNewEvidence() {
        lease.renew(now);
        lease.lose();
        assertThat(lease.isHeld()).isFalse();
        lease.renew(now);
        assertThat(lease.isHeld()).isTrue();
    }

    @Test
    void aProcessThatWasStoppedHasLostItWhenItGoesOn() {
        lease.renew(now);
        pass(10_000);
        assertThat(lease.isHeld()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = { Long.MIN_VALUE, -1, 0, Long.MAX_VALUE - 10 })
    void theMonotonicClockMayStartAnywhereAndOverflow(long start) {
        now = start;
        Lease any = new Lease(Duration.ofSeconds(1), () -> now);
        assertThat(any.isHeld()).isFalse();
        any.renew(now);
        assertThat(any.isHeld()).isTrue();
        pass(1_000);
        assertThat(any.isHeld()).isFalse();
        any.renew(now);
        assertThat(any.isHeld()).isTrue();
    }

    private void pass(long millis) {
        now += TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
