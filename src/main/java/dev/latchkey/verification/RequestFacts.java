package dev.latchkey.verification;

/**
 * What a decision needs to know of the request.
 *
 * @param address the client's IP address in text form
 */
public record RequestFacts(String address) {
}
