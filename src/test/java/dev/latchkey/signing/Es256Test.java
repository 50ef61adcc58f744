package dev.latchkey.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.KeyPair;
import java.security.interfaces.ECPublicKey;
import java.util.Map;

import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.Test;

import io.vertx.core.json.JsonObject;

/** What is signed here verifies by another JOSE library. */
class Es256Test {

    private static final JsonObject HEADER = new JsonObject().put("alg", "ES256").put("typ", "JWT");

    /** Many keys, so that some have a coordinate with a leading zero, which must not be left out. */
    @Test
    void anotherLibraryVerifiesWithThePublishedKey() throws JoseException {
        for (int i = 0; i < 600; i++) {
            KeyPair pair = Es256.generate();
            ECPublicKey stored = Es256.publicKey(pair.getPublic().getEncoded());
            String jwt = Es256.sign(Es256.privateKey(pair.getPrivate().getEncoded()), HEADER, new JsonObject().put("n", i));
            JsonObject jwk = Es256.jwk("key-1", stored);
            assertThat(jwk.getString("x")).as("RFC 7518 section 6.2.1.2").hasSize(43);
            assertThat(jwk.getString("y")).as("RFC 7518 section 6.2.1.3").hasSize(43);
            JsonWebSignature signature = signature(jwt, jwk);
            assertThat(signature.verifySignature()).isTrue();
            assertThat(signature.getPayload()).isEqualTo("{\"n\":" + i + "}");
            assertThat(signature.getHeader("typ")).isEqualTo("JWT");
        }
    }

    @Test
    void anotherKeyDoesNotVerify() throws JoseException {
        String jwt = Es256.sign(Es256.generate().getPrivate(), HEADER, new JsonObject());
        JsonObject other = Es256.jwk("key-1", (ECPublicKey) Es256.generate().getPublic());
        assertThat(signature(jwt, other).verifySignature()).isFalse();
    }

    @Test
    void aPublishedKeyHasNoPrivatePart() {
        assertThat(Es256.jwk("key-1", (ECPublicKey) Es256.generate().getPublic()).getMap())
                .containsOnlyKeys("kty", "crv", "use", "alg", "kid", "x", "y")
                .containsAllEntriesOf(Map.of("kty", "EC", "crv", "P-256", "use", "sig", "alg", "ES256", "kid", "key-1"));
    }

    @Test
    void whatIsNoKeyIsRefused() {
        assertThatThrownBy(() -> Es256.publicKey(new byte[91])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Es256.privateKey(new byte[67])).isInstanceOf(IllegalArgumentException.class);
    }

    private static JsonWebSignature signature(String jwt, JsonObject jwk) throws JoseException {
        JsonWebSignature signature = new JsonWebSignature();
        signature.setCompactSerialization(jwt);
        signature.setKey(PublicJsonWebKey.Factory.newPublicJwk(jwk.encode()).getKey());
        return signature;
    }
}
