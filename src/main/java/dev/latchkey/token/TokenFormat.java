package dev.latchkey.token;

import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;

/**
 * The text of a token: {@code prefix_}, 30 random base62 characters (178 bits), and a checksum of 6 base62
 * characters, the CRC-32 (IEEE 802.3) of the ASCII bytes of everything before it, most significant digit first.
 * <p>
 * The fixed prefix makes leaks findable with one regular expression; the checksum lets a scanner, and our own hot path, discard
 * garbage without any input or output. The approach is the one GitHub published for its tokens ("Behind GitHub's new
 * authentication token formats", 2021).
 */
public final class TokenFormat {

    private static final String ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int BASE = ALPHABET.length();
    private static final int RANDOM_LENGTH = 30;
    private static final int CHECKSUM_LENGTH = 6;
    private static final int HINT_LENGTH = 4;

    private static final boolean[] IS_BASE62 = new boolean[128];

    static {
        ALPHABET.chars().forEach(c -> IS_BASE62[c] = true);
    }

    private final String prefix;
    private final int length;

    /** @param prefix what precedes the underscore, 2 to 16 characters of a-z and 0-9 */
    public TokenFormat(String prefix) {
        this.prefix = prefix + "_";
        this.length = this.prefix.length() + RANDOM_LENGTH + CHECKSUM_LENGTH;
    }

    /** What every token begins with, the underscore included. */
    public String prefix() {
        return prefix;
    }

    /**
     * Draws a new token.
     *
     * @param random a source fit for secrets
     */
    public String generate(RandomGenerator random) {
        StringBuilder token = new StringBuilder(length).append(prefix);
        byte[] bytes = new byte[RANDOM_LENGTH * 2];
        while (token.length() < prefix.length() + RANDOM_LENGTH) {
            random.nextBytes(bytes);
            for (int i = 0; i < bytes.length && token.length() < prefix.length() + RANDOM_LENGTH; i++) {
                // Six bits; 62 and 63 are drawn again, so that every character is equally likely.
                int candidate = bytes[i] & 0x3f;
                if (candidate < BASE) {
                    token.append(ALPHABET.charAt(candidate));
                }
            }
        }
        return appendChecksum(token).toString();
    }

    /** Whether a credential claims to be one of ours; {@link #isWellFormed} tells whether it can be. */
    public boolean hasPrefix(String credential) {
        return credential.startsWith(prefix);
    }

    /** Whether this has the prefix, the length, the alphabet and the checksum of a token. */
    public boolean isWellFormed(String credential) {
        if (credential.length() != length || !credential.startsWith(prefix)) {
            return false;
        }
        for (int i = prefix.length(); i < length; i++) {
            char c = credential.charAt(i);
            if (c >= IS_BASE62.length || !IS_BASE62[c]) {
                return false;
            }
        }
        long checksum = checksum(credential);
        for (int i = length - 1; i >= length - CHECKSUM_LENGTH; i--) {
            if (credential.charAt(i) != ALPHABET.charAt((int) (checksum % BASE))) {
                return false;
            }
            checksum /= BASE;
        }
        return true;
    }

    /** The first characters of a token, which may be shown: enough to recognise it, useless to guess it. */
    public String hint(String token) {
        return token.substring(0, prefix.length() + HINT_LENGTH) + "…";
    }

    private StringBuilder appendChecksum(StringBuilder token) {
        long checksum = checksum(token.toString());
        char[] digits = new char[CHECKSUM_LENGTH];
        for (int i = CHECKSUM_LENGTH - 1; i >= 0; i--) {
            digits[i] = ALPHABET.charAt((int) (checksum % BASE));
            checksum /= BASE;
        }
        return token.append(digits);
    }

    /** Of a text in ASCII. */
    private long checksum(String token) {
        CRC32 crc = new CRC32();
        crc.update(token.getBytes(StandardCharsets.ISO_8859_1), 0, length - CHECKSUM_LENGTH);
        return crc.getValue();
    }
}
