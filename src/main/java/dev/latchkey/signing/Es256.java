package dev.latchkey.signing;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;

import io.vertx.core.json.JsonObject;

/** ECDSA with P-256 and SHA-256, as JOSE writes it (RFC 7518 sections 3.4 and 6.2). */
public final class Es256 {

    public static final String ALGORITHM = "ES256";

    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    private static final int COORDINATE_BYTES = 32;

    private Es256() {
    }

    /** A new key. */
    public static KeyPair generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    /**
     * The public key that was stored.
     *
     * @throws IllegalArgumentException if it is none
     */
    static ECPublicKey publicKey(byte[] encoded) {
        try {
            return (ECPublicKey) KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("not a public key of ES256", e);
        }
    }

    /**
     * The private key that was stored.
     *
     * @throws IllegalArgumentException if it is none
     */
    static PrivateKey privateKey(byte[] encoded) {
        try {
            return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("not a private key of ES256", e);
        }
    }

    /** The public key as others read it. */
    static JsonObject jwk(String keyId, ECPublicKey key) {
        return new JsonObject().put("kty", "EC").put("crv", "P-256").put("use", "sig").put("alg", ALGORITHM).put("kid", keyId)
                .put("x", coordinate(key.getW().getAffineX())).put("y", coordinate(key.getW().getAffineY()));
    }

    /** A signed JWT (RFC 7515 section 7.1). */
    static String sign(PrivateKey key, JsonObject header, JsonObject claims) {
        String signed = base64(header) + '.' + base64(claims);
        try {
            // The two numbers side by side, as JOSE wants them, instead of ASN.1.
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(key);
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + '.' + BASE64.encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw missing(e);
        }
    }

    private static String base64(JsonObject object) {
        return BASE64.encodeToString(object.encode().getBytes(StandardCharsets.UTF_8));
    }

    /** Always as long as the curve's field, leading zeros included (RFC 7518 section 6.2.1.2). */
    private static String coordinate(BigInteger number) {
        byte[] bytes = number.toByteArray();
        byte[] fixed = new byte[COORDINATE_BYTES];
        int length = Math.min(bytes.length, COORDINATE_BYTES);
        System.arraycopy(bytes, bytes.length - length, fixed, COORDINATE_BYTES - length, length);
        return BASE64.encodeToString(fixed);
    }

    private static IllegalStateException missing(GeneralSecurityException e) {
        return new IllegalStateException("every Java platform has P-256 and ECDSA", e);
    }
}
