package dev.latchkey.gateway;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

import dev.latchkey.verification.VerifiedToken;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;

/** The headers by which an API behind the gateway learns who calls, and those it must never get from a client. */
public final class UpstreamHeaders {

    public static final String SUBJECT = "X-Latchkey-Subject";
    public static final String ACCOUNT = "X-Latchkey-Account";
    public static final String TOKEN_ID = "X-Latchkey-Token-Id";
    public static final String SCOPES = "X-Latchkey-Scopes";

    /** All of them, in the order of the documentation. */
    public static final List<String> ALL = List.of(SUBJECT, ACCOUNT, TOKEN_ID, SCOPES);

    /** The value of all of them on a public route: a header that is set overwrites one that the client sent. */
    public static final String NONE = "none";

    private static final String PREFIX = "x-latchkey-";

    /** As the codec writes them fastest. */
    private static final List<CharSequence> OPTIMIZED = ALL.stream().map(HttpHeaders::createOptimized).toList();

    /** By which some frameworks take a request for one of another method, or of another path. */
    public static final List<String> OVERRIDES = List.of("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override",
            "X-Original-URL", "X-Rewrite-URL");

    private static final HeaderNames OVERRIDE_NAMES = new HeaderNames(OVERRIDES);

    private UpstreamHeaders() {
    }

    /** Whether an upstream could take a header for one of ours. */
    public static boolean isOurs(String name) {
        return name.length() > PREFIX.length() && HeaderNames.beginsWith(name, PREFIX);
    }

    /** Whether it is spelt as ours are, so that ours take its place. */
    public static boolean isReplaced(String name) {
        return ALL.stream().anyMatch(name::equalsIgnoreCase);
    }

    /**
     * What among the headers of a request would mislead an API behind.
     *
     * @param overrides as they are spelt in the request
     * @param imitations those that could be taken for ours and are not replaced by ours, because they are spelt otherwise
     */
    public record Misleading(List<String> overrides, List<String> imitations) {

        static final Misleading NONE = new Misleading(List.of(), List.of());
    }

    /**
     * Looks through the headers of a request.
     *
     * @param except an override that the door itself reads; empty: none
     */
    public static Misleading findMisleading(Iterable<Map.Entry<String, String>> headers, String except) {
        List<String> overrides = null;
        List<String> imitations = null;
        for (Map.Entry<String, String> header : headers) {
            String name = header.getKey();
            if (name.isEmpty() || (name.charAt(0) | 0x20) != 'x') {
                // Almost all.
                continue;
            }
            if (OVERRIDE_NAMES.contains(name) && !name.equalsIgnoreCase(except)) {
                overrides = overrides == null ? new ArrayList<>() : overrides;
                overrides.add(name);
            } else if (isOurs(name) && !isReplaced(name)) {
                imitations = imitations == null ? new ArrayList<>() : imitations;
                imitations.add(name);
            }
        }
        return overrides == null && imitations == null ? Misleading.NONE
                : new Misleading(overrides == null ? List.of() : overrides, imitations == null ? List.of() : imitations);
    }

    /** Adds all of ours to headers that have none of them. */
    public static void add(Decision.Allowed allowed, MultiMap headers) {
        each(allowed, headers::add);
    }

    /** Tells all of ours, with their values. */
    public static void each(Decision.Allowed allowed, BiConsumer<CharSequence, String> header) {
        VerifiedToken token = allowed.token().orElse(null);
        header.accept(OPTIMIZED.get(0), token == null ? NONE : token.userId().toString());
        header.accept(OPTIMIZED.get(1), token == null ? NONE : token.accountId().toString());
        header.accept(OPTIMIZED.get(2), token == null ? NONE : token.id().toString());
        header.accept(OPTIMIZED.get(3), token == null || token.scopes().isEmpty() ? NONE : String.join(" ", token.scopes()));
    }
}
