package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

import org.junit.jupiter.api.Test;

class BackoffTest {

    @Test
    void thePauseDoublesUpToAnHourAndVariesByHalf() {
        Backoff longest = new Backoff(Duration.ofSeconds(5), () -> 1);
        Backoff shortest = new Backoff(Duration.ofSeconds(5), () -> 0);
        assertThat(longest.after(1)).hasSeconds(5);
        assertThat(longest.after(2)).hasSeconds(10);
        assertThat(longest.after(10)).hasSeconds(2560);
        assertThat(longest.after(11)).isEqualTo(Duration.ofHours(1));
        assertThat(longest.after(1_000_000)).isEqualTo(Duration.ofHours(1));
        assertThat(new Backoff(Duration.ofHours(1), () -> 1).after(100)).isEqualTo(Duration.ofHours(1));
        assertThat(shortest.after(1)).hasMillis(2_500);
        assertThat(shortest.after(100)).isEqualTo(Duration.ofMinutes(30));
    }
}
