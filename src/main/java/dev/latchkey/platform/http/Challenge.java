package dev.latchkey.platform.http;

/** The {@code WWW-Authenticate} header of 401 and 403 (RFC 6750 section 3). */
public final class Challenge {

    /** Without {@code error}: no bearer credential was sent, or it was not the matter (RFC 6750 section 3.1). */
    public static final String PLAIN = "Bearer realm=\"latchkey\"";

    private Challenge() {
    }

    /**
     * @param error {@code invalid_token} or {@code insufficient_scope}
     * @param description in ASCII without quotes and backslashes
     */
    public static String of(String error, String description) {
        return PLAIN + ", error=\"" + error + "\", error_description=\"" + description + "\"";
    }
}
