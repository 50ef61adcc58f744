package dev.latchkey.verification;

import java.util.UUID;

import dev.latchkey.token.TokenDigest;
import io.smallrye.mutiny.Uni;

/**
 * Answers "may this credential be used, and as what?". Never fails: what cannot be checked is {@link
 * Rejection#UNAVAILABLE}.
 */
public interface TokenVerifier {

    /** Judges a personal access token. */
    Uni<Verification> verify(TokenDigest digest, RequestFacts facts);

    /** Judges a session, whose JWT was already found genuine. */
    Uni<Verification> verifySession(UUID sessionId);
}
