package dev.latchkey.testing;

import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.jwx.JsonWebStructure;
import org.jose4j.keys.resolvers.JwksVerificationKeyResolver;
import org.jose4j.lang.JoseException;

/** A JWT as a resource server sees it, which knows nothing but the published key set. */
public final class SignedToken {

    private SignedToken() {
    }

    /** The claims, if signature, type, issuer, audience and times are right; fails otherwise. */
    public static JwtClaims verify(String jwt, String keySet, String type, String issuer, String audience)
            throws InvalidJwtException {
        try {
            return new JwtConsumerBuilder()
                    .setVerificationKeyResolver(new JwksVerificationKeyResolver(new JsonWebKeySet(keySet).getJsonWebKeys()))
                    .setExpectedType(true, type).setExpectedIssuer(issuer).setExpectedAudience(audience)
                    .setRequireExpirationTime().setRequireIssuedAt().setRequireSubject().setRequireJwtId()
                    .setAllowedClockSkewInSeconds(1).build().processToClaims(jwt);
        } catch (JoseException e) {
            throw new AssertionError("not a key set: " + keySet, e);
        }
    }

    /** The id of the key that signed it. */
    public static String keyId(String jwt) {
        try {
            return JsonWebStructure.fromCompactSerialization(jwt).getKeyIdHeaderValue();
        } catch (JoseException e) {
            throw new AssertionError("not a JWT", e);
        }
    }
}
