package dev.latchkey.token;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.StartupException;

/**
 * The text of a token: {@code prefix_}, 30 random base62 characters (178 bits), and a checksum of 6 base62
 * characters, the CRC-32 (IEEE 802.3) of the ASCII bytes of everything before it, most significant digit first.
 * <p>
 * The fixed prefix makes leaks findable with one regular expression; the checksum lets a scanner, and our own hot path, discard
 * garbage without any input or output. The approach is the one GitHub published for its tokens ("Behind GitHub's new
 * authentication token formats", 2021).
 * <p>
 * Tokens that were issued elsewhere may have other formats: those that the operator declared.
 */
public final class TokenFormat {

    private static final String ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int BASE = ALPHABET.length();
    private static final int RANDOM_LENGTH = 30;
    private static final int CHECKSUM_LENGTH = 6;
    private static final int HINT_LENGTH = 4;

    private static final Pattern FOREIGN_NAME = Pattern.compile("[a-z0-9-]{1,64}");
    private static final boolean[] IS_BASE62 = new boolean[128];

    static {
        ALPHABET.chars().forEach(c -> IS_BASE62[c] = true);
    }

    private final String prefix;
    private final int length;
    private final List<ForeignFormat> foreign;

    /** @param prefix what precedes the underscore, 2 to 16 characters of a-z and 0-9 */
    public TokenFormat(String prefix) {
        this(prefix, List.of());
    }

    /** @param foreign of tokens that were issued elsewhere */
    public TokenFormat(String prefix, List<ForeignFormat> foreign) {
        this.foreign = List.copyOf(foreign);
        this.prefix = prefix + "_";
        this.length = this.prefix.length() + RANDOM_LENGTH + CHECKSUM_LENGTH;
    }

    /**
     * As it is configured.
     *
     * @throws StartupException if a foreign format is not possible, or could be taken for ours
     */
    public static TokenFormat of(LatchkeyConfig.Token config) {
        String own = config.prefix() + "_";
        return new TokenFormat(config.prefix(), config.foreign().entrySet().stream().map(entry -> {
            String key = "latchkey.token.foreign." + entry.getKey();
            LatchkeyConfig.Foreign declared = entry.getValue();
            if (!FOREIGN_NAME.matcher(entry.getKey()).matches()) {
                throw new StartupException(key + ": a name has 1 to 64 of a-z, 0-9 and -");
            }
            if (declared.prefix().startsWith(own) || own.startsWith(declared.prefix())) {
                throw new StartupException(key + ".prefix: '" + declared.prefix() + "' could be taken for " + own
                        + ", with which tokens of this service begin");
            }
            return ForeignFormat.of(entry.getKey(), declared.prefix(), declared.alphabet(), declared.length())
                    .orElseThrow(() -> new StartupException(key
                            + ": is not possible; allowed: a prefix of 1 to 32 visible ASCII "
                            + "characters; as alphabet hex, base62, base64url or at least 16 different visible ASCII characters; a length "
                            + "of 32 to 255 after the prefix"));
        }).toList());
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

    /** Whether a credential claims to be a token; {@link #isWellFormed} tells whether it can be. */
    public boolean hasPrefix(String credential) {
        return credential.startsWith(prefix) || isForeign(credential);
    }

    /** Whether this has the prefix, the length, the alphabet and the checksum of a token; or one of the foreign formats. */
    public boolean isWellFormed(String credential) {
        return isOurs(credential) || isForeign(credential);
    }

    /** The declared formats of tokens that were issued elsewhere. */
    List<ForeignFormat> foreign() {
        return foreign;
    }

    private boolean isForeign(String credential) {
        for (ForeignFormat format : foreign) {
            if (format.isWellFormed(credential)) {
                return true;
            }
        }
        return false;
    }

    private boolean isOurs(String credential) {
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
