package dev.latchkey.gateway;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.platform.InRole;
import dev.latchkey.platform.LatchkeyConfig.Role;
import dev.latchkey.signing.KeyPurpose;
import dev.latchkey.signing.TokenSigner;
import dev.latchkey.verification.IdentityIssuer;
import dev.latchkey.verification.VerifiedToken;
import io.smallrye.mutiny.Uni;

/** Signs with the server's key for upstreams. */
@ApplicationScoped
@InRole(Role.SERVER)
public class SigningIdentityIssuer implements IdentityIssuer {

    private static final Duration LIFETIME = Duration.ofSeconds(60);

    private final TokenSigner signer;
    private final Clock clock;

    public SigningIdentityIssuer(TokenSigner signer, Clock clock) {
        this.signer = signer;
        this.clock = clock;
    }

    @Override
    public Uni<SignedIdentity> issue(VerifiedToken token, String audience) {
        Instant now = clock.instant();
        Instant end = now.plus(LIFETIME);
        Instant expiresAt = token.validUntil().filter(end::isAfter).orElse(end).truncatedTo(ChronoUnit.SECONDS);
        Map<String, Object> claims = new HashMap<>();
        claims.put("sub", token.userId().toString());
        claims.put("account_id", token.accountId().toString());
        claims.put("client_id", token.id().toString());
        claims.put("scope", String.join(" ", token.scopes().stream().sorted().toList()));
        claims.put("aud", audience);
        claims.put("iat", now.getEpochSecond());
        claims.put("exp", expiresAt.getEpochSecond());
        claims.put("jti", UUID.randomUUID().toString());
        return signer.sign(KeyPurpose.UPSTREAM, claims).map(jwt -> new SignedIdentity(jwt, expiresAt));
    }
}
