package dev.latchkey.gateway.policy;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The path of a request in the one form in which it is judged (RFC 3986 section 6.2.2, and stricter).
 * <p>
 * Normal forms of the same path: dot segments are resolved, doubled slashes are one, a percent-encoded letter, digit or one of
 * {@code -._~} is that character, hexadecimal digits are upper-case. A door that can rewrite the request forwards this form;
 * one that cannot refuses what {@link #isAsSent() differs} from it, because nobody knows how the API behind reads it.
 * <p>
 * No normal form at all, and so refused by every door: what programs disagree about. An encoded slash or backslash, a
 * backslash, a {@code ;} parameter, a percent sign that was encoded twice, invalid UTF-8, a control character, anything that
 * RFC 3986 does not allow in a path.
 */
public final class CanonicalPath implements JudgedPath {

    /** What a server may accept as a path, in characters. */
    public static final int MAX_LENGTH = 8_192;

    /** Allowed as they are (pchar of RFC 3986 section 3.3 without percent-encoding, and without the semicolon). */
    private static final boolean[] PLAIN = new boolean[128];
    /** Whose percent-encoding says the same (RFC 3986 section 2.3). */
    private static final boolean[] UNRESERVED = new boolean[128];

    static {
        for (char c : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".toCharArray()) {
            UNRESERVED[c] = true;
            PLAIN[c] = true;
        }
        for (char c : "!$&'()*+,=:@".toCharArray()) {
            PLAIN[c] = true;
        }
    }

    private static final Pattern ENCODED = Pattern.compile("%[0-9a-fA-F]{2}");

    private final String text;
    private final boolean asSent;
    private final boolean escaped;

    private CanonicalPath(String text, boolean asSent, boolean escaped) {
        this.text = text;
        this.asSent = asSent;
        this.escaped = escaped;
    }

    /**
     * Judges a path.
     *
     * @param raw as it was sent, without the query
     */
    public static JudgedPath of(String raw) {
        if (raw.length() > MAX_LENGTH) {
            return new UnacceptablePath("is longer than " + MAX_LENGTH + " characters");
        }
        if (raw.isEmpty() || raw.charAt(0) != '/') {
            return new UnacceptablePath("does not begin with a slash");
        }
        return isPlain(raw) ? new CanonicalPath(raw, true, false) : normalize(raw);
    }

    /** Almost every path: nothing encoded, no segment that begins with a dot, no doubled slash. */
    private static boolean isPlain(String raw) {
        char before = '/';
        for (int i = 1; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '/' || c == '.' ? before == '/' : c >= 128 || !PLAIN[c]) {
                return false;
            }
            before = c;
        }
        return true;
    }

    private static JudgedPath normalize(String raw) {
        List<String> segments = new ArrayList<>();
        boolean escaped = false;
        String[] parts = raw.substring(1).split("/", -1);
        for (int i = 0; i < parts.length; i++) {
            StringBuilder segment = new StringBuilder();
            String problem = normalizeSegment(parts[i], segment);
            if (problem != null) {
                return new UnacceptablePath(problem);
            }
            String text = segment.toString();
            boolean last = i == parts.length - 1;
            if (text.equals("..")) {
                if (segments.isEmpty()) {
                    return new UnacceptablePath("leaves the root with ..");
                }
                segments.remove(segments.size() - 1);
            } else if (!text.isEmpty() && !text.equals(".")) {
                segments.add(text);
                escaped |= text.indexOf('%') >= 0;
                continue;
            }
            if (last && !segments.isEmpty()) {
                // "/a/", "/a/." and "/a/b/.." name what is in a.
                segments.add("");
            }
        }
        String text = "/" + String.join("/", segments);
        return new CanonicalPath(text, text.equals(raw), escaped);
    }

    /** Answers what is wrong, or null. */
    private static String normalizeSegment(String part, StringBuilder normal) {
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            if (c != '%') {
                if (c >= 128 || !PLAIN[c]) {
                    return c == ';' ? "has a parameter behind a semicolon"
                            : c == '\\' ? "has a backslash" : "has a character that must be percent-encoded";
                }
                normal.append(c);
                continue;
            }
            if (i + 2 >= part.length() || !HexFormat.isHexDigit(part.charAt(i + 1))
                    || !HexFormat.isHexDigit(part.charAt(i + 2))) {
                return "has a percent sign that encodes nothing";
            }
            int value = HexFormat.fromHexDigits(part, i + 1, i + 3);
            if (value < 0x20 || value == 0x7f) {
                return "has an encoded control character";
            }
            if (value == '/' || value == '\\' || value == ';') {
                return "has an encoded slash, backslash or semicolon";
            }
            if (value < 128 && UNRESERVED[value]) {
                normal.append((char) value);
            } else {
                normal.append('%').append(HexFormat.of().withUpperCase().toHexDigits((byte) value));
            }
            i += 2;
        }
        String decoded = normal.indexOf("%") < 0 ? "" : decode(normal.toString());
        return decoded == null ? "is not valid UTF-8"
                : ENCODED.matcher(decoded).find() ? "is percent-encoded twice" : null;
    }

    /** The characters that a canonical segment stands for; null if its octets are not UTF-8. */
    private static String decode(String segment) {
        ByteBuffer octets = ByteBuffer.allocate(segment.length());
        for (int i = 0; i < segment.length(); i++) {
            char c = segment.charAt(i);
            if (c == '%') {
                octets.put((byte) HexFormat.fromHexDigits(segment, i + 1, i + 3));
                i += 2;
            } else {
                octets.put((byte) c);
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(octets.flip()).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /** The path, percent-encoded: what may be forwarded. */
    public String text() {
        return text;
    }

    /** Whether it was sent in this form. */
    public boolean isAsSent() {
        return asSent;
    }

    /** Its segments, decoded. A trailing slash makes none: APIs differ in whether it matters, and a rule must hold for both. */
    public Segments segments() {
        return new Segments();
    }

    /** Walks through the segments. */
    public final class Segments {

        private int next = 1;

        /** The next segment; null if there is none. */
        public String next() {
            if (next >= text.length()) {
                return null;
            }
            int slash = text.indexOf('/', next);
            String segment = slash < 0 ? text.substring(next) : text.substring(next, slash);
            next = slash < 0 ? text.length() : slash + 1;
            return escaped && segment.indexOf('%') >= 0 ? decode(segment) : segment;
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
