package dev.latchkey.verification;

import java.util.Optional;
import java.util.UUID;

/**
 * What a decision needs to know of the request.
 *
 * @param address the client's IP address in text form
 * @param countedAddress the address that tokens which do not exist are counted against
 * @param asker the account that asks about a token which was presented to it; empty: it was presented here
 * @param isUse whether it is a use of the token, to be counted; not when an exchange that goes on is judged again
 */
public record RequestFacts(String address, String countedAddress, Optional<UUID> asker, boolean isUse) {

    /** Of a request that comes from there. */
    public RequestFacts(String address) {
        this(address, address, Optional.empty(), true);
    }

    /**
     * Of a request that somebody of that account received, and asks about. The tokens of other accounts do not
     * exist for them, and what does not exist is counted apart for each account: or else whoever asks could have
     * any address refused that they name.
     */
    public static RequestFacts reported(String address, String countedAddress, UUID asker) {
        return new RequestFacts(address, countedAddress, Optional.of(asker), true);
    }

    /** Of an exchange that goes on. */
    public static RequestFacts again(String address) {
        return new RequestFacts(address, address, Optional.empty(), false);
    }

    /** Whether a token of that account may be told of. */
    boolean mayKnow(UUID accountId) {
        return asker.isEmpty() || asker.get().equals(accountId);
    }
}
