package dev.latchkey.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ids are UUIDs of version 7, and are read only in their canonical form. */
class IdsTest {

    @Test
    void areOfVersion7() {
        UUID id = Ids.next();
        assertThat(id.version()).isEqualTo(7);
        assertThat(id.variant()).isEqualTo(2);
    }

    @Test
    void areAllDifferent() {
        Set<UUID> ids = new HashSet<>();
        for (int i = 0; i < 100_000; i++) {
            ids.add(Ids.next());
        }
        assertThat(ids).hasSize(100_000);
    }

    @Test
    void holdTheTimeAtWhichTheyWereMade() {
        long before = System.currentTimeMillis();
        UUID id = Ids.next();
        assertThat(id.getMostSignificantBits() >>> 16).isBetween(before, System.currentTimeMillis());
    }

    @Test
    void sortByTime() {
        UUID earlier = Ids.next();
        long made = earlier.getMostSignificantBits() >>> 16;
        while (System.currentTimeMillis() <= made) {
            Thread.onSpinWait();
        }
        assertThat(Ids.next().toString()).isGreaterThan(earlier.toString());
    }

    @Test
    void areReadInEitherCase() {
        UUID id = UUID.fromString("0190b6c8-7e5f-7abc-8def-0123456789ab");
        assertThat(Ids.parse(id.toString())).contains(id);
        assertThat(Ids.parse(id.toString().toUpperCase(Locale.ROOT))).contains(id);
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "1-1-1-1-1", "0190b6c87e5f7abc8def0123456789ab", "0190b6c8-7e5f-7abc-8def-0123456789a",
            "0190b6c8-7e5f-7abc-8def-0123456789abc", "{0190b6c8-7e5f-7abc-8def-0123456789ab}",
            " 190b6c8-7e5f-7abc-8def-0123456789ab", "0190b6c8-7e5f-7abc-8def-0123456789ag",
            "00190b6c8-7e5f-7abc-8de-0123456789ab", "0190b6c8_7e5f_7abc_8def_0123456789ab",
            "0190b6c8-7e5f-7abc-8def--123456789ab", "self", "../../../../../../../../../../etc/passw",
            "٠190b6c8-7e5f-7abc-8def-0123456789ab" })
    void areNotReadInAnyOtherForm(String text) {
        assertThat(Ids.parse(text)).isEmpty();
    }
}
