package dev.latchkey.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said on a stream arrives as what it was, what is no message is none, and evidence is dated by when it was sent. */
class StreamMessageTest {

    @Test
    void whatIsSaidIsUnderstood() {
        UUID account = UUID.randomUUID();
        for (StreamMessage message : List.of(new StreamMessage.Hello(), new StreamMessage.Everything(),
                new StreamMessage.Echo("12", OptionalLong.empty()), new StreamMessage.Echo("12", OptionalLong.of(0)),
                new StreamMessage.Echo("9223372036854775807", OptionalLong.of(1_500_000_000)),
                new StreamMessage.Changed(account, List.of(UUID.randomUUID(), account)))) {
            assertThat(StreamMessage.parse(message.text())).contains(message);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "Hello", "hello ", "echo", "echo x", "echo -1", "echo 1 -1", "echo 1 2 3",
            "echo 12345678901234567890",
            "changed", "changed :", "changed 0190a5e4-0000-7000-8000-000000000000:",
            "changed 0190a5e4-0000-7000-8000-000000000000",
            "changed 0190a5e4-0000-7000-8000-000000000000:0190a5e4-0000-7000-8000-000000000000,", "everything else" })
    void whatIsNoMessageIsNone(String text) {
        assertThat(StreamMessage.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "-1", "1 ", "x", "12345678901234567890" })
    void aNonceIsANumber(String text) {
        assertThat(StreamMessage.isNonce(text)).isFalse();
        assertThat(StreamMessage.isNonce("0123")).isTrue();
    }

    /** Never the time at which the echo was heard, nor the server's clock. */
    @Test
    void evidenceIsTheSendingOfTheNonceLessTheAgeAtTheServer() {
        assertThat(new StreamMessage.Echo("1", OptionalLong.of(250)).evidence(1_000)).hasValue(750);
        assertThat(new StreamMessage.Echo("1", OptionalLong.of(0)).evidence(Long.MIN_VALUE)).hasValue(Long.MIN_VALUE);
        assertThat(new StreamMessage.Echo("1", OptionalLong.of(2)).evidence(Long.MIN_VALUE + 1))
                .as("a clock may start anywhere")
                .hasValue(Long.MAX_VALUE);
        assertThat(new StreamMessage.Echo("1", OptionalLong.empty()).evidence(1_000)).isEmpty();
    }
}
