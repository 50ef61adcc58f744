package dev.latchkey.verification;

import java.util.UUID;

/**
 * What the source knows of a credential, and whose changes concern it. The ids of tokens, sessions, users, roles
 * and accounts are UUIDs that are never the same, so that an invalidation is one id, whatever it is the id of.
 */
interface CredentialRecord {

    UUID id();

    UUID userId();

    UUID roleId();

    UUID accountId();
}
