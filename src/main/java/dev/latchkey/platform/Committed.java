package dev.latchkey.platform;

import java.util.Set;
import java.util.UUID;

/**
 * This process committed changes that may matter to verification, and has not answered yet.
 *
 * @param ids of tokens, sessions, users, roles and accounts
 */
public record Committed(Set<UUID> ids) {
}
