package dev.latchkey.oauth;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import jakarta.ws.rs.core.HttpHeaders;

/**
 * The parameters of a request: a form in the body (RFC 6749 appendix B). One without a value counts as left out,
 * one that is not known is ignored, and none may come twice (section 3.2).
 */
final class Form {

    private static final String MEDIA_TYPE = "application/x-www-form-urlencoded";

    private final Map<String, List<String>> values = new HashMap<>();

    private Form() {
    }

    /**
     * Reads the body of a request.
     *
     * @throws OAuthError if it is no form, or {@code Authorization} came twice
     */
    static Form of(HttpHeaders headers, byte[] body) {
        List<String> authorization = headers.getRequestHeader(HttpHeaders.AUTHORIZATION);
        if (authorization != null && authorization.size() > 1) {
            throw OAuthError.invalidRequest("Authorization: came more than once: send it once");
        }
        return parse(headers.getHeaderString(HttpHeaders.CONTENT_TYPE), body);
    }

    static Form parse(String contentType, byte[] body) {
        String mediaType = contentType == null ? "" : contentType.split(";", 2)[0].strip();
        if (!mediaType.equalsIgnoreCase(MEDIA_TYPE)) {
            throw OAuthError.invalidRequest("the body must be a form: send Content-Type: " + MEDIA_TYPE);
        }
        Form form = new Form();
        if (body != null && body.length > 0) {
            for (String pair : new String(body, StandardCharsets.UTF_8).split("&")) {
                int equals = pair.indexOf('=');
                if (equals >= 0 && equals < pair.length() - 1) {
                    form.values.computeIfAbsent(decode(pair.substring(0, equals)), ignored -> new ArrayList<>(1))
                            .add(decode(pair.substring(equals + 1)));
                }
            }
        }
        return form;
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw OAuthError.invalidRequest("the body is not a well-formed form: encode each character as %XX");
        }
    }

    /**
     * The value of a parameter.
     *
     * @throws OAuthError if it came more than once
     */
    Optional<String> get(String name) {
        List<String> all = all(name);
        if (all.size() > 1) {
            throw OAuthError.invalidRequest(name + ": came more than once: send it once");
        }
        return all.stream().findFirst();
    }

    /**
     * The value of a parameter that must be there.
     *
     * @throws OAuthError if it is missing, or came more than once
     */
    String require(String name) {
        return get(name).orElseThrow(() -> OAuthError.invalidRequest(name + ": is missing: send it in the body"));
    }

    /** All values of a parameter that may come more than once. */
    List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }
}
