package dev.latchkey.verification;

import java.util.UUID;

import dev.latchkey.platform.AddressThrottle;

/**
 * Slows down an address that presents tokens that do not exist. Whoever presents one that was found before is not
 * affected, whatever others do from the same address.
 */
final class UnknownThrottle {

    private final AddressThrottle throttle;

    /** @param perMinute how many unknown tokens an address may present in a minute */
    UnknownThrottle(int perMinute) {
        this.throttle = new AddressThrottle(perMinute);
    }

    /** Counts a token of which nothing is known yet, so that many at once do not slip through; false if it is one too many. */
    boolean take(RequestFacts facts) {
        return throttle.take(counter(facts), facts.countedAddress());
    }

    /** The token exists. */
    void giveBack(RequestFacts facts) {
        throttle.giveBack(counter(facts), facts.countedAddress());
    }

    private static String counter(RequestFacts facts) {
        return facts.asker().map(UUID::toString).orElse("");
    }
}
