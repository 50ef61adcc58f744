package dev.latchkey.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.latchkey.platform.AddressRange;
import dev.latchkey.sidecar.LookupMessages.Answer;
import dev.latchkey.sidecar.LookupMessages.Answers;
import dev.latchkey.sidecar.LookupMessages.Asked;
import dev.latchkey.token.TokenDigest;
import dev.latchkey.usage.TokenUse;
import dev.latchkey.verification.CredentialLookup.Standing;
import dev.latchkey.verification.SharedScopes;
import dev.latchkey.verification.TokenRecord;
import dev.latchkey.verification.VerifiedToken;
import io.vertx.core.json.JsonObject;

/** A lookup carries all that a decision needs, there and back; what is not well-formed is refused as a whole. */
class MessagesTest {

    private static final Instant NOW = Instant.parse("2030-01-01T12:30:00Z");

    static TokenRecord record(TokenDigest digest, UUID account) {
        return new TokenRecord(new VerifiedToken(digest, UUID.randomUUID(), UUID.randomUUID(), account,
                Set.of("license:read", "user:read"), Optional.empty(), List.of()), UUID.randomUUID(), false, false);
    }

    private static JsonObject sent(JsonObject body) {
        return new JsonObject(body.toBuffer());
    }

    @Test
    void aQuestionArrivesAsItWasAsked() {
        List<Asked> asked = List.of(new Asked(TokenDigest.of("a"), Standing.NEW),
                new Asked(TokenDigest.of("b"), Standing.KNOWN));
        assertThat(LookupMessages.asked(sent(LookupMessages.question(asked)))).isEqualTo(asked);
    }

    @Test
    void anAnswerArrivesAsItWasGiven() {
        TokenDigest digest = TokenDigest.of("a");
        TokenRecord plain = record(digest, UUID.randomUUID());
        VerifiedToken rich = new VerifiedToken(digest, UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID(), Set.of(),
                Optional.of(Instant.parse("2031-01-01T00:00:00.123456Z")),
                List.of(AddressRange.parse("10.0.0.0/8").orElseThrow(), AddressRange.parse("2001:db8::/32").orElseThrow()));
        List<Answer> answers = List.of(new Answer(true, Optional.of(plain)), new Answer(true, Optional.empty()),
                Answer.UNAVAILABLE, new Answer(true, Optional.of(new TokenRecord(rich, UUID.randomUUID(), true, true))));
        for (boolean lease : new boolean[] { true, false }) {
            Answers given = new Answers(lease, answers);
            assertThat(LookupMessages.answers(sent(LookupMessages.answer(given)), Collections.nCopies(4, digest),
                    new SharedScopes())).isEqualTo(given);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = { "{}", "{\"tokens\":{}}", "{\"tokens\":[\"x\"]}", "{\"tokens\":[{}]}",
            "{\"tokens\":[{\"digest\":1}]}",
            "{\"tokens\":[{\"digest\":\"AAAA\"}]}", "{\"tokens\":[{\"digest\":\"!\"}]}", "{\"tokens\":[null]}" })
    void aQuestionThatIsNotWellFormedIsRefused(String body) {
        assertThatThrownBy(() -> LookupMessages.asked(new JsonObject(body))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aQuestionAboutTooManyIsRefused() {
        List<Asked> asked = new ArrayList<>(Collections.nCopies(256, new Asked(TokenDigest.of("a"), Standing.NEW)));
        assertThat(LookupMessages.asked(LookupMessages.question(asked))).hasSize(256);
        asked.add(asked.get(0));
        assertThatThrownBy(() -> LookupMessages.asked(LookupMessages.question(asked))).hasMessageContaining("256");
    }

    @Test
    void anAnswerWhoseAddressesCannotBeReadIsNoAnswer() {
        TokenDigest digest = TokenDigest.of("a");
        JsonObject body = LookupMessages
                .answer(new Answers(true, List.of(new Answer(true, Optional.of(record(digest, UUID.randomUUID()))))));
        body.getJsonArray("tokens").getJsonObject(0).put("allowedIps", List.of("10.0.0.0/33"));
        assertThatThrownBy(() -> LookupMessages.answers(sent(body), List.of(digest), new SharedScopes()))
                .isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> LookupMessages.answers(sent(body), List.of(digest, digest), new SharedScopes()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static TokenUse use(long hour, String outcome, long uses, long last, String address) {
        return new TokenUse(new UUID(7, hour), hour, outcome, uses, last, address);
    }

    @Test
    void whatIsPlausibleOfAReportIsCountedTheRestIsLeftOut() {
        long hour = NOW.getEpochSecond() / 3_600;
        long millis = NOW.toEpochMilli();
        TokenUse good = use(hour, "ALLOWED", 3, millis, "192.0.2.1");
        TokenUse ahead = use(hour + 1, "EXPIRED", 1, millis + 5_000, "nowhere");
        JsonObject report = UsageMessages.report(List.of(good, ahead, use(hour - 49, "ALLOWED", 1, millis, "192.0.2.1"),
                use(hour + 2, "ALLOWED", 1, millis, "192.0.2.1"), use(hour, "WHATEVER", 1, millis, "192.0.2.1"),
                use(hour, "ALLOWED", 0, millis, "192.0.2.1"), use(hour, "ALLOWED", 1_000_000_001, millis, "192.0.2.1"),
                use(hour, "ALLOWED", 1, 0, "192.0.2.1"), good));
        assertThat(UsageMessages.uses(sent(report), NOW)).containsExactly(good, use(hour + 1, "EXPIRED", 1, millis, "unknown"));
    }

    @ParameterizedTest
    @ValueSource(strings = { "{}", "{\"uses\":1}", "{\"uses\":[1]}", "{\"uses\":[{\"token\":\"x\"}]}",
            "{\"uses\":[{\"token\":1}]}" })
    void aReportThatIsNotWellFormedIsRefused(String body) {
        assertThatThrownBy(() -> UsageMessages.uses(new JsonObject(body), NOW))
                .isInstanceOfAny(IllegalArgumentException.class, ClassCastException.class);
    }

    @Test
    void eachClientAndAllTogetherHaveAShare() {
        LookupShares shares = new LookupShares(2, 3);
        UUID one = UUID.randomUUID();
        UUID other = UUID.randomUUID();
        assertThat(shares.take(one)).isTrue();
        assertThat(shares.take(one)).isTrue();
        assertThat(shares.take(one)).as("its own share").isFalse();
        assertThat(shares.take(other)).isTrue();
        assertThat(shares.take(other)).as("all together").isFalse();
        shares.release(one);
        assertThat(shares.take(other)).isTrue();
        shares.release(one);
        shares.release(other);
        shares.release(other);
        assertThat(shares.taken()).isZero();
        assertThat(shares.take(one)).isTrue();
    }
}
