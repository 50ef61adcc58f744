package dev.latchkey.gateway.proxy;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

import dev.latchkey.gateway.HeaderNames;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;

/** Headers that are for the next hop alone (RFC 9110 section 7.6.1). */
final class HopByHop {

    /** Whatever {@code Connection} says. */
    static final List<String> ALWAYS = List.of("Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate",
            "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade");

    /** What the message is framed and routed by is nobody's to take away. */
    private static final Set<String> NEVER = Set.of("content-length", "transfer-encoding", "host", "authorization");

    private static final HeaderNames ALWAYS_NAMES = new HeaderNames(ALWAYS);

    private HopByHop() {
    }

    /** What {@code Connection} names besides, as it spells it. */
    static List<String> named(MultiMap headers) {
        String connection = headers.get(HttpHeaders.CONNECTION);
        if (connection == null) {
            return List.of();
        }
        List<String> values = headers.getAll(HttpHeaders.CONNECTION);
        if (values.size() == 1 && (connection.equalsIgnoreCase("keep-alive") || connection.equalsIgnoreCase("close"))) {
            // Almost all.
            return List.of();
        }
        return values.stream().flatMap(value -> Stream.of(value.split(",")))
                .map(String::strip)
                .filter(name -> !name.isEmpty() && !NEVER.contains(name.toLowerCase(Locale.ROOT))).toList();
    }

    /** Whether a header is among these. */
    static boolean isAmong(List<String> names, String header) {
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).equalsIgnoreCase(header)) {
                return true;
            }
        }
        return false;
    }

    /** Adds all others. */
    static void copyOthers(MultiMap from, MultiMap to) {
        List<String> named = named(from);
        from.forEach((name, value) -> {
            if (!ALWAYS_NAMES.contains(name) && !isAmong(named, name)) {
                to.add(name, value);
            }
        });
    }
}
