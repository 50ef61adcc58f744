package dev.latchkey.verification;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import dev.latchkey.token.TokenDigest;

/** Records for tests. */
final class Records {

    private Records() {
    }

    static TokenRecord token(TokenDigest digest) {
        return token(digest, UUID.randomUUID());
    }

    static TokenRecord token(TokenDigest digest, UUID id) {
        return token(digest, id, UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID());
    }

    static TokenRecord token(TokenDigest digest, UUID id, UUID user, UUID role, UUID account) {
        return new TokenRecord(
                new VerifiedToken(digest, id, user, account, Set.of("license:read"), Optional.empty(), List.of()), role, false,
                false);
    }
}
