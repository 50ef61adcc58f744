package dev.latchkey.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.latchkey.platform.AddressRange;
import dev.latchkey.token.TokenDigest;

/** A token is accepted only if nothing speaks against it now, and then for no more than its owner may do now. */
class TokenRecordTest {

    private static final UUID ID = UUID.randomUUID();
    private static final UUID USER = UUID.randomUUID();
    private static final UUID ROLE = UUID.randomUUID();
    private static final UUID ACCOUNT = UUID.randomUUID();
    private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");
    private static final RequestFacts FACTS = new RequestFacts("192.0.2.1");

    @ParameterizedTest(name = "revoked {0}, expired {1}, owner disabled {2}, address outside {3}: {4}")
    @CsvSource({
            "false, false, false, false, accepted",
            "false, false, false, true,  IP_NOT_ALLOWED",
            "false, false, true,  false, OWNER_DISABLED",
            "false, false, true,  true,  OWNER_DISABLED",
            "false, true,  false, false, EXPIRED",
            "false, true,  false, true,  EXPIRED",
            "false, true,  true,  false, EXPIRED",
            "false, true,  true,  true,  EXPIRED",
            "true,  false, false, false, REVOKED",
            "true,  false, false, true,  REVOKED",
            "true,  false, true,  false, REVOKED",
            "true,  false, true,  true,  REVOKED",
            "true,  true,  false, false, REVOKED",
            "true,  true,  false, true,  REVOKED",
            "true,  true,  true,  false, REVOKED",
            "true,  true,  true,  true,  REVOKED"
    })
    void theFirstReasonAgainstItIsTheAnswer(boolean revoked, boolean expired, boolean ownerDisabled, boolean outside,
            String answer) {
        Optional<Instant> end = Optional.of(expired ? NOON.minusSeconds(1) : NOON.plusSeconds(1));
        TokenRecord token = new TokenRecord(granted(end, List.of(range(outside ? "10.0.0.0/8" : "192.0.2.0/24"))), ROLE,
                revoked,
                ownerDisabled);
        Verification decision = token.decide(NOON, FACTS);
        if (answer.equals("accepted")) {
            assertThat(decision).isInstanceOf(VerifiedToken.class);
        } else {
            assertThat(decision).isEqualTo(Rejection.valueOf(answer));
        }
    }

    @Test
    void anAcceptedTokenSaysWhoseItIsAndWhatItHolds() {
        Optional<Instant> end = Optional.of(NOON.plusSeconds(1));
        List<AddressRange> ranges = List.of(range("192.0.2.0/24"));
        VerifiedToken granted = granted(end, ranges);
        assertThat(new TokenRecord(granted, ROLE, false, false).decide(NOON, FACTS)).isSameAs(granted);
    }

    @Test
    void isRefusedFromTheVeryInstantOfItsExpiry() {
        TokenRecord token = valid(Optional.of(NOON));
        assertThat(token.decide(NOON.minusNanos(1), FACTS)).isInstanceOf(VerifiedToken.class);
        assertThat(token.decide(NOON, FACTS)).isEqualTo(Rejection.EXPIRED);
        assertThat(token.decide(NOON.plusNanos(1), FACTS)).isEqualTo(Rejection.EXPIRED);
    }

    @Test
    void withoutAnExpiryItNeverExpires() {
        assertThat(valid(Optional.empty()).decide(Instant.MAX, FACTS)).isInstanceOf(VerifiedToken.class);
    }

    @ParameterizedTest
    @ValueSource(strings = { "10.1.2.3", "::ffff:10.1.2.3", "::ffff:a01:203", "2001:db8::1", "2001:DB8:0:0::1" })
    void aRestrictedTokenIsAcceptedFromWithinAnyOfItsRanges(String address) {
        assertThat(restricted("10.0.0.0/8", "2001:db8::/32").decide(NOON, new RequestFacts(address)))
                .isInstanceOf(VerifiedToken.class);
    }

    @ParameterizedTest
    @ValueSource(strings = { "11.0.0.1", "::ffff:11.0.0.1", "2001:db9::1", "::1", "", "unknown", "localhost", "10.1.2.3:80",
            "10.1.2.3, 11.0.0.1", "10.1.2.3%eth0", "[2001:db8::1]", "10.1.2" })
    void aRestrictedTokenIsRefusedFromOutsideAndFromWhereNobodyCanTell(String address) {
        assertThat(restricted("10.0.0.0/8", "2001:db8::/32").decide(NOON, new RequestFacts(address)))
                .isEqualTo(Rejection.IP_NOT_ALLOWED);
    }

    @ParameterizedTest
    @ValueSource(strings = { "192.0.2.1", "2001:db8::1", "", "unknown" })
    void aTokenWithoutRestrictionIsAcceptedFromAnywhere(String address) {
        assertThat(valid(Optional.empty()).decide(NOON, new RequestFacts(address)))
                .isInstanceOf(VerifiedToken.class);
    }

    private static TokenRecord valid(Optional<Instant> validUntil) {
        return new TokenRecord(granted(validUntil, List.of()), ROLE, false, false);
    }

    private static TokenRecord restricted(String... ranges) {
        return new TokenRecord(granted(Optional.empty(), Arrays.stream(ranges).map(TokenRecordTest::range).toList()), ROLE,
                false,
                false);
    }

    private static VerifiedToken granted(Optional<Instant> validUntil, List<AddressRange> ranges) {
        return new VerifiedToken(TokenDigest.of("a token"), ID, USER, ACCOUNT, Set.of("license:read"), validUntil, ranges);
    }

    private static AddressRange range(String text) {
        return AddressRange.parse(text).orElseThrow();
    }
}
