package dev.latchkey.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;

import dev.latchkey.token.TokenDigest;
import dev.latchkey.verification.IdentityIssuer;
import dev.latchkey.verification.VerifiedToken;
import io.smallrye.mutiny.Uni;

/** One signature serves many requests, and never says more than the token was verified as. */
class UpstreamIdentityTest {

    private static final String API = "https://api.example";
    private static final TokenDigest DIGEST = TokenDigest.of("a token");
    private static final UUID ID = UUID.randomUUID();

    /** Signatures that were asked for and are not there yet. */
    private final List<CompletableFuture<IdentityIssuer.SignedIdentity>> asked = new ArrayList<>();
    private Instant now = Instant.parse("2026-11-24T00:00:00Z");
    private final Clock clock = new Clock() {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Instant instant() {
            return now;
        }
    };
    private final UpstreamIdentity identity = new UpstreamIdentity((token, audience) -> {
        CompletableFuture<IdentityIssuer.SignedIdentity> signature = new CompletableFuture<>();
        asked.add(signature);
        return Uni.createFrom().completionStage(signature);
    }, clock, 100);

    private static VerifiedToken token(String... scopes) {
        return new VerifiedToken(DIGEST, ID, ID, ID, Set.of(scopes), Optional.empty(), List.of());
    }

    private CompletableFuture<String> ask(VerifiedToken token) {
        return identity.ask(token, API).subscribeAsCompletionStage();
    }

    private void sign(int number, String jwt) {
        asked.get(number).complete(new IdentityIssuer.SignedIdentity(jwt, now.plusSeconds(60)));
    }

    @Test
    void whoeverAsksForTheSameWaitsForOneSignature() {
        VerifiedToken token = token("license:read");
        CompletableFuture<String> first = ask(token);
        CompletableFuture<String> second = ask(token("license:read"));
        assertThat(asked).hasSize(1);
        sign(0, "jwt");
        assertThat(first).isCompletedWithValue("Bearer jwt");
        assertThat(second).isCompletedWithValue("Bearer jwt");
        assertThat(identity.recall(token, API)).contains("Bearer jwt");
        assertThat(identity.recall(token, "https://other.example")).isEmpty();
    }

    @Test
    void whatIsSignedWhileTheTokenShrinksIsNotGivenToTheSmallerOne() {
        CompletableFuture<String> large = ask(token("license:read", "user:read"));
        CompletableFuture<String> small = ask(token("license:read"));
        sign(0, "large");
        assertThat(large).isCompletedWithValue("Bearer large");
        assertThat(small).isNotDone();
        assertThat(asked).hasSize(2);
        assertThat(identity.recall(token("license:read"), API)).isEmpty();
        sign(1, "small");
        assertThat(small).isCompletedWithValue("Bearer small");
        assertThat(identity.recall(token("license:read", "user:read"), API)).isEmpty();
    }

    @Test
    void inTheSecondHalfOfItsLifeItIsRenewedOnceAndServesMeanwhile() {
        VerifiedToken token = token("license:read");
        ask(token);
        sign(0, "first");
        now = now.plusSeconds(29);
        assertThat(identity.recall(token, API)).contains("Bearer first");
        assertThat(asked).hasSize(1);
        now = now.plusSeconds(2);
        for (int i = 0; i < 10; i++) {
            assertThat(identity.recall(token, API)).contains("Bearer first");
        }
        assertThat(asked).hasSize(2);
        sign(1, "second");
        assertThat(identity.recall(token, API)).contains("Bearer second");
    }

    @Test
    void aRenewalThatFailsIsTriedAgainAfterAWhileAndTheEndIsKept() {
        VerifiedToken token = token("license:read");
        ask(token);
        sign(0, "first");
        now = now.plusSeconds(31);
        identity.recall(token, API);
        asked.get(1).completeExceptionally(new IllegalStateException("no"));
        identity.recall(token, API);
        assertThat(asked).hasSize(2);
        now = now.plus(Duration.ofSeconds(3));
        assertThat(identity.recall(token, API)).contains("Bearer first");
        assertThat(asked).hasSize(3);
        now = now.plusSeconds(22);
        assertThat(identity.recall(token, API)).as("5 s before its end").isEmpty();
    }

    @Test
    void aFailureReachesEverybodyWhoWaitsAndIsNotRemembered() {
        CompletableFuture<String> first = ask(token("license:read"));
        CompletableFuture<String> second = ask(token("license:read"));
        asked.get(0).completeExceptionally(new IllegalStateException("no"));
        assertThatThrownBy(first::join).hasMessageContaining("no");
        assertThatThrownBy(second::join).hasMessageContaining("no");
        ask(token("license:read"));
        assertThat(asked).hasSize(2);
    }
}
