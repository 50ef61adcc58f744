package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.UUID;

import org.junit.jupiter.api.Test;

/** The slow share a half, however many they are. */
class DeliverySlotsTest {

    private final DeliverySlots slots = new DeliverySlots(8, 2);
    private final UUID slow = UUID.randomUUID();
    private final UUID quick = UUID.randomUUID();

    @Test
    void whoIsSlowIsRememberedUntilAnAnswerComesInTime() {
        slots.took(slow, Duration.ofMillis(1_001));
        slots.took(quick, Duration.ofMillis(999));
        assertThat(slots.slow()).containsExactly(slow);
        slots.took(slow, Duration.ofMillis(10));
        assertThat(slots.slow()).isEmpty();
    }

    @Test
    void theSlowTogetherGetHalfAndTheOthersAll() {
        slots.took(slow, Duration.ofSeconds(10));
        assertThat(slots.freeForSlow()).isEqualTo(4);
        slots.take(slow);
        slots.take(slow);
        assertThat(slots.freeForSlow()).isEqualTo(2);
        assertThat(slots.free()).isEqualTo(6);
        for (int i = 0; i < 5; i++) {
            slots.take(quick);
        }
        assertThat(slots.freeForSlow()).as("no more than is free").isEqualTo(1);
        assertThat(slots.taken()).containsEntry(slow, 2).containsEntry(quick, 5);
        slots.giveBack(slow);
        slots.giveBack(slow);
        assertThat(slots.taken()).doesNotContainKey(slow);
        assertThat(slots.inUse()).isEqualTo(5);
    }

    @Test
    void withASingleSlotTheSlowAreTriedToo() {
        DeliverySlots one = new DeliverySlots(1, 1);
        one.took(slow, Duration.ofSeconds(10));
        assertThat(one.freeForSlow()).isEqualTo(1);
    }

    @Test
    void whoBecomesSlowWithManyUnderWayGetsNoMore() {
        for (int i = 0; i < 6; i++) {
            slots.take(slow);
        }
        slots.took(slow, Duration.ofSeconds(10));
        assertThat(slots.freeForSlow()).isNegative();
        assertThat(slots.free()).isEqualTo(2);
    }
}
