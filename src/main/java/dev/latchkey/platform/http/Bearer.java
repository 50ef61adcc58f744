package dev.latchkey.platform.http;

import java.util.List;
import java.util.Optional;

/** {@code Authorization: Bearer …} (RFC 6750 section 2.1). */
public final class Bearer {

    private static final String SCHEME = "bearer ";

    private Bearer() {
    }

    /**
     * The credential after the scheme, which is case-insensitive (RFC 9110 section 11.1).
     *
     * @param authorization all values of the header
     * @return empty if there is not exactly one value, of this scheme, with something behind it
     */
    public static Optional<String> credential(List<String> authorization) {
        if (authorization.size() != 1) {
            return Optional.empty();
        }
        String header = authorization.get(0);
        if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Optional.empty();
        }
        String credential = header.substring(SCHEME.length()).strip();
        return credential.isEmpty() ? Optional.empty() : Optional.of(credential);
    }
}
