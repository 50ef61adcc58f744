package dev.latchkey.sidecar;

import java.util.Optional;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.platform.InRole;
import dev.latchkey.platform.LatchkeyConfig.Role;
import dev.latchkey.token.TokenDigest;
import dev.latchkey.verification.CredentialLookup;
import dev.latchkey.verification.SessionRecord;
import dev.latchkey.verification.TokenRecord;
import io.smallrye.mutiny.Uni;

/** Asks servers about tokens. Of sessions a sidecar knows nothing: people sign in at servers. */
@ApplicationScoped
@InRole(Role.SIDECAR)
public class ServerLookup implements CredentialLookup {

    private final SidecarLink link;

    public ServerLookup(SidecarLink link) {
        this.link = link;
    }

    @Override
    public Uni<Optional<TokenRecord>> token(TokenDigest digest, Standing standing) {
        return link.lookups().ask(digest, standing);
    }

    @Override
    public Uni<Optional<SessionRecord>> session(UUID id, Standing standing) {
        return Uni.createFrom().item(Optional.empty());
    }
}
