package dev.latchkey.verification;

import java.util.Optional;
import java.util.UUID;

import dev.latchkey.token.TokenDigest;
import io.smallrye.mutiny.Uni;

/**
 * Asks the source of truth. A failure of the {@link Uni} means that it could not be asked in time.
 */
public interface CredentialLookup {

    /** The token whose value, or whose rotated-out value within its grace period, has this digest. */
    Uni<Optional<TokenRecord>> token(TokenDigest digest);

    /** The session of that id. */
    Uni<Optional<SessionRecord>> session(UUID id);
}
