package dev.latchkey.token;

import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The text of tokens that were issued elsewhere and imported: a prefix, and so many characters of an alphabet. Without a
 * checksum: what
 * has this form costs a lookup.
 */
public final class ForeignFormat {

    /** Of the part after the prefix: with the smallest alphabet, 128 bits. */
    static final int MIN_LENGTH = 32;
    static final int MAX_LENGTH = 255;
    static final int MIN_CHARACTERS = 16;

    private static final String DIGITS = "0123456789";
    private static final String UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private static final String LOWER = "abcdefghijklmnopqrstuvwxyz";

    private final String name;
    private final String prefix;
    private final boolean[] alphabet;
    private final int length;

    private ForeignFormat(String name, String prefix, boolean[] alphabet, int length) {
        this.name = name;
        this.prefix = prefix;
        this.alphabet = alphabet;
        this.length = length;
    }

    /**
     * One that an operator declared.
     *
     * @param alphabet {@code hex} (in lower case), {@code base62}, {@code base64url}, or the characters: at least 16 different
     *        visible
     *        ones of ASCII
     * @param length of the part after the prefix, 32 to 255
     * @return empty if it is not possible
     */
    public static Optional<ForeignFormat> of(String name, String prefix, String alphabet, int length) {
        boolean[] characters = new boolean[128];
        boolean isVisible = IntStream.concat(prefix.chars(), alphabet.chars()).allMatch(c -> c > ' ' && c < 127);
        if (!isVisible || prefix.isEmpty() || prefix.length() > MIN_LENGTH || length < MIN_LENGTH || length > MAX_LENGTH) {
            return Optional.empty();
        }
        String chosen = switch (alphabet) {
            case "hex" -> DIGITS + LOWER.substring(0, 6);
            case "base62" -> DIGITS + UPPER + LOWER;
            case "base64url" -> DIGITS + UPPER + LOWER + "-_";
            default -> alphabet;
        };
        chosen.chars().forEach(c -> characters[c] = true);
        return chosen.chars().distinct().count() < MIN_CHARACTERS ? Optional.empty()
                : Optional.of(new ForeignFormat(name, prefix, characters, length));
    }

    /** What operators and importers call it. */
    public String name() {
        return name;
    }

    public String prefix() {
        return prefix;
    }

    /** Of the part after the prefix, in characters. */
    public int length() {
        return length;
    }

    boolean isWellFormed(String credential) {
        if (credential.length() != prefix.length() + length || !credential.startsWith(prefix)) {
            return false;
        }
        for (int i = prefix.length(); i < credential.length(); i++) {
            char c = credential.charAt(i);
            if (c >= alphabet.length || !alphabet[c]) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return name + ": " + prefix + " and " + length + " of "
                + IntStream.range(0, alphabet.length).filter(c -> alphabet[c]).count() + " characters";
    }
}
