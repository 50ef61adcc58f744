package dev.latchkey.account;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

import dev.latchkey.platform.ApiException;

/**
 * Argon2id (RFC 9106) in the PHC string format, with the first of the parameter sets that OWASP's Password Storage Cheat Sheet
 * recommends: 19 MiB of memory, two iterations, one lane. Takes some ten milliseconds of processor time: not for the event
 * loop.
 */
public final class Passwords {

    static final int SHORTEST = 12;
    static final int LONGEST = 128;
    static final int MEMORY_KIB = 19 * 1024;
    static final int ITERATIONS = 2;
    static final int LANES = 1;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;

    private static final Pattern PHC = Pattern
            .compile(
                    "\\$argon2id\\$v=19\\$m=([1-9]\\d{0,5}),t=([1-9]\\d?),p=([1-9]\\d?)\\$([A-Za-z0-9+/]{11,86})\\$([A-Za-z0-9+/]{22,86})");

    private Passwords() {
    }

    /**
     * That a password may be chosen: {@value #SHORTEST} to {@value #LONGEST} characters (NIST SP 800-63B section 5.1.1.2 asks
     * for
     * nothing else of its form).
     *
     * @throws ApiException 400 naming the field
     */
    static void requireAcceptable(String field, String password) {
        int length = password.codePointCount(0, password.length());
        if (length < SHORTEST || length > LONGEST) {
            throw ApiException.invalid(field, "has " + length + " characters; allowed: " + SHORTEST + " to " + LONGEST);
        }
    }

    /** Hashes with a new salt. */
    public static String hash(String password) {
        byte[] salt = new byte[SALT_BYTES];
        new SecureRandom().nextBytes(salt);
        byte[] hash = argon2id(password, salt, MEMORY_KIB, ITERATIONS, LANES, HASH_BYTES);
        Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
        return "$argon2id$v=19$m=" + MEMORY_KIB + ",t=" + ITERATIONS + ",p=" + LANES + "$" + base64.encodeToString(salt) + "$"
                + base64.encodeToString(hash);
    }

    /**
     * Whether this is the password.
     *
     * @throws IllegalArgumentException if the hash is not an Argon2id hash in PHC form
     */
    public static boolean matches(String password, String phc) {
        Matcher parts = PHC.matcher(phc);
        if (!parts.matches()) {
            throw new IllegalArgumentException("not an Argon2id hash in PHC string format");
        }
        byte[] expected = Base64.getDecoder().decode(parts.group(5));
        byte[] actual = argon2id(password, Base64.getDecoder().decode(parts.group(4)), Integer.parseInt(parts.group(1)),
                Integer.parseInt(parts.group(2)), Integer.parseInt(parts.group(3)), expected.length);
        return MessageDigest.isEqual(expected, actual);
    }

    private static byte[] argon2id(String password, byte[] salt, int memoryKib, int iterations, int lanes, int length) {
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id).withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withMemoryAsKB(memoryKib).withIterations(iterations).withParallelism(lanes).withSalt(salt).build());
        byte[] hash = new byte[length];
        generator.generateBytes(password.getBytes(StandardCharsets.UTF_8), hash);
        return hash;
    }
}
