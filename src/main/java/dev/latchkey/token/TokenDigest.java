package dev.latchkey.token;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * SHA-256 of a whole secret, the only form in which one is stored or looked up. A secret of 178 random bits needs no slow hash.
 * <p>
 * Holds four longs instead of an array, to be a compact key of a map.
 */
public final class TokenDigest {

    /**
     * Looking up the algorithm costs as much as the digest. Leaves nothing behind: an instance resets itself after each digest.
     */
    private static final ThreadLocal<MessageDigest> SHA_256 = ThreadLocal.withInitial(() -> {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    });

    private final long a;
    private final long b;
    private final long c;
    private final long d;

    private TokenDigest(byte[] sha256) {
        ByteBuffer buffer = ByteBuffer.wrap(sha256);
        a = buffer.getLong();
        b = buffer.getLong();
        c = buffer.getLong();
        d = buffer.getLong();
    }

    /** The digest of a secret in ASCII. */
    public static TokenDigest of(String secret) {
        return new TokenDigest(SHA_256.get().digest(secret.getBytes(StandardCharsets.US_ASCII)));
    }

    /**
     * The digest that these bytes are.
     *
     * @throws IllegalArgumentException if they are not 32
     */
    public static TokenDigest ofBytes(byte[] sha256) {
        if (sha256.length != 32) {
            throw new IllegalArgumentException("a digest has 32 bytes");
        }
        return new TokenDigest(sha256);
    }

    /** The 32 bytes, as stored. */
    public byte[] bytes() {
        return ByteBuffer.allocate(32).putLong(a).putLong(b).putLong(c).putLong(d).array();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TokenDigest that && a == that.a && b == that.b && c == that.c && d == that.d;
    }

    @Override
    public int hashCode() {
        return (int) a;
    }

    /** Tells nothing: a digest is as good as a token to whoever can look it up. */
    @Override
    public String toString() {
        return "TokenDigest";
    }
}
