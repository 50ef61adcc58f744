package dev.latchkey.platform.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import jakarta.inject.Singleton;

import dev.latchkey.platform.AddressRange;
import dev.latchkey.platform.LatchkeyConfig;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;

/**
 * The one place that says where a request comes from: the address of the connection. If that is a proxy which the
 * operator trusts, the address that the proxy saw, in the one header that the operator names; and so on, as long as
 * the address before is trusted. What others write into such a header is never read.
 */
// Not behind a proxy: it is asked for each request.
@Singleton
public class ClientAddress {

    /** Where a proxy does not tell, which no restriction of a token allows. */
    public static final String UNKNOWN = "unknown";

    private static final Pattern WITH_PORT = Pattern.compile("(?:\\[([^\\]]*)\\]|([0-9.]+))(?::[0-9]{1,5})?");

    private final List<AddressRange> trusted;
    private final LatchkeyConfig.AddressHeader header;

    public ClientAddress(LatchkeyConfig config) {
        this.trusted = config.http().trustedProxies().orElse(List.of()).stream()
                .map(text -> AddressRange.parse(text.strip()).orElseThrow()).toList();
        this.header = config.http().clientAddressHeader();
    }

    /** The client's IP address in text form, or {@value #UNKNOWN}. */
    public String of(HttpServerRequest request) {
        return of(request.remoteAddress() == null ? null : request.remoteAddress().hostAddress(), request.headers());
    }

    /** Whether the request comes from a proxy whose word on where it comes from is believed. */
    public boolean isFromTrustedProxy(HttpServerRequest request) {
        return !trusted.isEmpty() && request.remoteAddress() != null
                && canonical(request.remoteAddress().hostAddress()).filter(this::isTrusted).isPresent();
    }

    String of(String socket, MultiMap headers) {
        if (trusted.isEmpty()) {
            boolean isPlain = socket != null && socket.indexOf(':') < 0;
            return isPlain ? socket : canonical(socket).orElse(UNKNOWN);
        }
        Optional<String> current = canonical(socket);
        List<String> hops = hops(headers);
        // From the nearest to the farthest: each is believed only if the one that reported it is trusted.
        for (int i = hops.size() - 1; i >= 0 && current.isPresent() && isTrusted(current.get()); i--) {
            current = AddressRange.canonicalAddress(withoutPort(hops.get(i)));
        }
        return current.orElse(UNKNOWN);
    }

    /** Of a connection, as RFC 5952 writes it; null: it is gone. */
    private static Optional<String> canonical(String socket) {
        return Optional.ofNullable(socket).flatMap(text -> AddressRange.canonicalAddress(withoutZone(text)));
    }

    private boolean isTrusted(String address) {
        return trusted.stream().anyMatch(range -> range.contains(address));
    }

    private List<String> hops(MultiMap headers) {
        List<String> hops = new ArrayList<>();
        for (String line : headers.getAll(header.headerName())) {
            if (header == LatchkeyConfig.AddressHeader.FORWARDED) {
                split(line, ',').forEach(element -> hops.add(forwardedFor(element)));
            } else {
                // Knows no quotes: one that a client sends must not hide what a proxy adds behind it.
                Stream.of(line.split(",", -1)).forEach(element -> hops.add(element.strip()));
            }
        }
        return hops;
    }

    /** The parameter {@code for} of an element of {@code Forwarded} (RFC 7239 section 4). */
    private static String forwardedFor(String element) {
        for (String pair : split(element, ';')) {
            int equals = pair.indexOf('=');
            if (equals > 0 && pair.substring(0, equals).strip().equalsIgnoreCase("for")) {
                String value = pair.substring(equals + 1).strip();
                boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
                return quoted ? value.substring(1, value.length() - 1) : value;
            }
        }
        return UNKNOWN;
    }

    /**
     * Splits outside of quoted strings (RFC 9110 section 5.6.4). A text that ends within one is nobody's: a client's open
     * quote would hide what a proxy adds behind it.
     */
    private static List<String> split(String text, char separator) {
        List<String> parts = new ArrayList<>();
        boolean quoted = false;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && quoted) {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == separator && !quoted) {
                parts.add(text.substring(start, i));
                start = i + 1;
            }
        }
        parts.add(text.substring(start));
        return quoted ? List.of(UNKNOWN) : parts;
    }

    /** {@code 192.0.2.1:4711} and {@code [2001:db8::1]:4711} are written, too. */
    private static String withoutPort(String node) {
        Matcher parts = WITH_PORT.matcher(node);
        return !parts.matches() ? node : parts.group(1) != null ? parts.group(1) : parts.group(2);
    }

    /** A link-local address carries the interface of this machine. */
    private static String withoutZone(String address) {
        int percent = address.indexOf('%');
        return percent < 0 ? address : address.substring(0, percent);
    }
}
