package dev.latchkey.sidecar;

import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;

import dev.latchkey.client.Client;
import dev.latchkey.platform.ApiException;
import dev.latchkey.token.TokenDigest;
import dev.latchkey.verification.CredentialLookup;
import dev.latchkey.verification.CredentialLookup.Standing;
import dev.latchkey.verification.IdentityIssuer;
import dev.latchkey.verification.IdentityIssuer.SignedIdentity;
import dev.latchkey.verification.TokenRecord;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;

/**
 * Signs for sidecars, which have no keys: who holds a token, for the API behind the sidecar. What the token is good for is
 * asked
 * of the database and not of the sidecar. Addresses are the sidecar's affair, which alone knows them.
 */
final class IdentityDoor {

    /** Under way, for a client and for all: each costs a signature. */
    private static final int FOR_CLIENT = 64;
    private static final int FOR_ALL = 256;
    private static final int MAX_AUDIENCE = 255;

    private final CredentialLookup lookup;
    private final IdentityIssuer issuer;
    private final Clock clock;
    private final LookupShares shares = new LookupShares(FOR_CLIENT, FOR_ALL);

    IdentityDoor(CredentialLookup lookup, IdentityIssuer issuer, Clock clock) {
        this.lookup = lookup;
        this.issuer = issuer;
        this.clock = clock;
    }

    static JsonObject question(TokenDigest digest, String audience) {
        return new JsonObject().put("token", Base64.getUrlEncoder().withoutPadding().encodeToString(digest.bytes()))
                .put("audience", audience);
    }

    static SignedIdentity identity(JsonObject answer) {
        return new SignedIdentity(answer.getString("jwt"), Instant.parse(answer.getString("expiresAt")));
    }

    /**
     * Fails with 404 if the client's account has no such token that may be used. May complete on any thread.
     *
     * @throws IllegalArgumentException if the question is not well-formed
     */
    Uni<JsonObject> answer(Client client, JsonObject question) {
        TokenDigest digest = TokenDigest.ofBytes(Base64.getUrlDecoder().decode(question.getString("token", "")));
        String audience = question.getString("audience", "");
        if (audience.isBlank() || audience.length() > MAX_AUDIENCE) {
            throw new IllegalArgumentException("audience: must have 1 to " + MAX_AUDIENCE + " characters");
        }
        UUID id = client.id();
        if (!shares.take(id)) {
            return Uni.createFrom().failure(ApiException.unavailable("too many identities are being signed: try again"));
        }
        return Uni.createFrom().deferred(() -> lookup.token(digest, Standing.KNOWN))
                .chain(found -> found.filter(token -> token.accountId().equals(client.accountId()) && isUsable(token))
                        .map(token -> issuer.issue(token.granted(), audience))
                        .orElseGet(() -> Uni.createFrom().failure(ApiException.notFound())))
                .map(signed -> new JsonObject().put("jwt", signed.jwt()).put("expiresAt", signed.expiresAt().toString()))
                .onTermination().invoke(() -> shares.release(id));
    }

    private boolean isUsable(TokenRecord token) {
        return !token.revoked() && !token.ownerDisabled()
                && token.granted().validUntil().filter(end -> !clock.instant().isBefore(end)).isEmpty();
    }
}
