package dev.latchkey.verification;

import java.util.Optional;
import java.util.UUID;

import dev.latchkey.token.TokenDigest;
import io.smallrye.mutiny.Uni;

/**
 * Asks the source of truth, never a cache. A failure of the {@link Uni} means that it could not be asked in time,
 * which is at most {@link Lease#LONGEST} after the subscription. May complete on any thread.
 */
public interface CredentialLookup {

    /** Whether a credential was found before: such lookups have a reserved share of what the source can do at once. */
    enum Standing {
        KNOWN,
        NEW
    }

    /** The token whose value, or whose rotated-out value within its grace period, has this digest. */
    Uni<Optional<TokenRecord>> token(TokenDigest digest, Standing standing);

    /** The session of that id. */
    Uni<Optional<SessionRecord>> session(UUID id, Standing standing);
}
