package dev.latchkey.platform;

import java.util.Optional;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotNull;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * How often something may be used: a burst of {@code requests} at most, and as many in each further window, evenly.
 *
 * @param requests 1 to 1,000,000
 * @param window in seconds, 1 to 86,400
 */
@RegisterForReflection
@Schema(name = "RateLimit", description = "A burst of so many requests at most, and as many in each further window, evenly")
public record RateLimit(
        @Schema(required = true, examples = "600") @NotNull(message = "is missing: give a number of requests") @Min(value = 1, message = "must be 1 or more") @Max(value = 1_000_000, message = "must be at most 1000000") Integer requests,
        @Schema(required = true, description = "In seconds", examples = "60") @NotNull(message = "is missing: give a number of seconds") @Min(value = 1, message = "must be 1 or more") @Max(value = 86_400, message = "must be at most 86400 (a day)") Integer window) {

    /** Of the two columns that hold it; empty if they are null. */
    public static Optional<RateLimit> of(Integer requests, Integer window) {
        return requests == null ? Optional.empty() : Optional.of(new RateLimit(requests, window));
    }

    /** Whether whoever keeps to this one keeps to the other too: neither a larger burst nor more in the long run. */
    public boolean isWithin(RateLimit other) {
        return requests <= other.requests && (long) requests * other.window <= (long) other.requests * window;
    }

    /**
     * What applies to a token.
     *
     * @param own the token's
     * @param usual the account's
     * @param isMaximum whether the account's applies if the token's is not within it
     */
    public static Optional<RateLimit> effective(Optional<RateLimit> own, Optional<RateLimit> usual, boolean isMaximum) {
        boolean applies = own.isPresent() && !(isMaximum && usual.isPresent() && !own.get().isWithin(usual.get()));
        return applies ? own : usual;
    }

    @Override
    public String toString() {
        return requests + " requests in " + window + " s";
    }
}
