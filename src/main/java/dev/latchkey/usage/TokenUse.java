package dev.latchkey.usage;

import java.util.UUID;

/**
 * How often a token was presented in an hour with one outcome.
 *
 * @param hour since the epoch
 * @param outcome {@code ALLOWED}, or the name of the rejection
 * @param uses how often since it was last handed on
 * @param lastMillis when last, since the epoch
 * @param lastAddress from where last, in text form
 */
public record TokenUse(UUID tokenId, long hour, String outcome, long uses, long lastMillis, String lastAddress) {
}
