package dev.latchkey.client;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * The id and secret of a client in {@code Authorization: Basic} (RFC 7617), each form-encoded first (RFC 6749 section
 * 2.3.1), which changes nothing in the ids and secrets that are given out here.
 */
public record BasicCredentials(String id, String secret) {

    private static final String SCHEME = "basic ";
    private static final int MAX_LENGTH = 512;

    /** Empty if the header is not well-formed. */
    public static Optional<BasicCredentials> parse(String authorization) {
        if (authorization == null || authorization.length() > MAX_LENGTH
                || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Optional.empty();
        }
        try {
            String pair = new String(Base64.getDecoder().decode(authorization.substring(SCHEME.length()).strip()),
                    StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            return colon < 0 ? Optional.empty()
                    : Optional.of(new BasicCredentials(decode(pair.substring(0, colon)), decode(pair.substring(colon + 1))));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** Never the secret. */
    @Override
    public String toString() {
        return "BasicCredentials[" + id + "]";
    }
}
