package dev.latchkey.verification;

import java.util.Optional;
import java.util.UUID;

import dev.latchkey.token.TokenDigest;
import io.smallrye.mutiny.Uni;

/**
 * Answers "may this credential be used, and as what?". Never fails: what cannot be checked is
 * {@link Rejection#UNAVAILABLE}.
 */
public interface TokenVerifier {

    /** Judges a personal access token from memory, at once; empty if the source must be {@link #ask asked}. */
    Optional<Verification> recall(TokenDigest digest, RequestFacts facts);

    /** Judges a personal access token that could not be recalled. May complete on any thread. */
    Uni<Verification> ask(TokenDigest digest, RequestFacts facts);

    /** The same for a session, whose JWT was already found genuine. */
    Optional<Verification> recallSession(UUID sessionId);

    Uni<Verification> askSession(UUID sessionId);
}
