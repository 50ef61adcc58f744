package dev.latchkey.verification;

import java.time.Instant;
import java.util.UUID;

/** Hears of every decision about a token that exists. Called on the request's path: must neither block nor fail. */
public interface VerificationListener {

    /** The outcome of a token that was accepted. */
    String ALLOWED = "ALLOWED";

    /**
     * A token was judged.
     *
     * @param outcome {@link #ALLOWED}, or the name of the {@link Rejection}
     */
    void judged(UUID tokenId, String outcome, String address, Instant at);
}
