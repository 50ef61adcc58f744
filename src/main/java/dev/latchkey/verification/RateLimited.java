package dev.latchkey.verification;

import dev.latchkey.platform.RateStatus;

/** A token that could be used, but was used as often as it may be; counted as {@link Rejection#RATE_LIMITED}. */
public record RateLimited(RateStatus rate) implements Verification {
}
