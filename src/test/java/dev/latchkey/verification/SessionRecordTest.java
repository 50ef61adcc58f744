package dev.latchkey.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Set;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A session is accepted only if nothing speaks against it now, and then for what the person's role holds now. */
class SessionRecordTest {

    private static final UUID ID = UUID.randomUUID();
    private static final UUID USER = UUID.randomUUID();
    private static final UUID ROLE = UUID.randomUUID();
    private static final UUID ACCOUNT = UUID.randomUUID();
    private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");

    @ParameterizedTest(name = "ended {0}, expired {1}, user disabled {2}: {3}")
    @CsvSource({
            "false, false, true,  OWNER_DISABLED",
            "false, true,  false, EXPIRED",
            "false, true,  true,  EXPIRED",
            "true,  false, false, REVOKED",
            "true,  false, true,  REVOKED",
            "true,  true,  false, REVOKED",
            "true,  true,  true,  REVOKED"
    })
    void theFirstReasonAgainstItIsTheAnswer(boolean ended, boolean expired, boolean userDisabled, Rejection answer) {
        SessionRecord session = new SessionRecord(ID, USER, ROLE, ACCOUNT, Set.of("license:read"),
                expired ? NOON.minusSeconds(1) : NOON.plusSeconds(1), ended, userDisabled);
        assertThat(session.decide(NOON)).isEqualTo(answer);
    }

    @Test
    void anAcceptedSessionSaysWhoseItIsAndHoldsWhatTheRoleHolds() {
        Set<String> scopes = Set.of("license:read", "user:write");
        assertThat(new SessionRecord(ID, USER, ROLE, ACCOUNT, scopes, NOON.plusSeconds(1), false, false).decide(NOON))
                .isEqualTo(new VerifiedSession(ID, USER, ACCOUNT, scopes));
    }

    @Test
    void isRefusedFromTheVeryInstantOfItsEnd() {
        SessionRecord session = new SessionRecord(ID, USER, ROLE, ACCOUNT, Set.of(), NOON, false, false);
        assertThat(session.decide(NOON.minusNanos(1))).isInstanceOf(VerifiedSession.class);
        assertThat(session.decide(NOON)).isEqualTo(Rejection.EXPIRED);
        assertThat(session.decide(NOON.plusNanos(1))).isEqualTo(Rejection.EXPIRED);
    }
}
