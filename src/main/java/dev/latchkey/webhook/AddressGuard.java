package dev.latchkey.webhook;

import java.util.List;
import java.util.stream.Stream;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;

import dev.latchkey.platform.AddressRange;
import dev.latchkey.platform.LatchkeyConfig;

/**
 * Which addresses webhooks may go to: those of the public Internet, and what the operator allows. What is not public is listed
 * in
 * the IANA special-purpose address registries (RFC 6890); of IPv6 only what was handed out as global unicast, 2000::/3, is.
 * IPv4 in
 * IPv6 counts as IPv4 if it is mapped (RFC 4291), and is refused if it is translated or tunnelled (NAT64, 6to4, Teredo): where
 * that ends, nobody here knows.
 */
@Singleton
public class AddressGuard {

    private static final List<AddressRange> GLOBAL_IPV6 = ranges("2000::/3");

    private static final List<AddressRange> SPECIAL = ranges(
            // This network; private (RFC 1918); carrier-grade NAT (RFC 6598); loopback; link-local, with clouds' metadata.
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
            // Protocol assignments; documentation; 6to4 relays; benchmarks.
            "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
            // Multicast; reserved, and broadcast.
            "224.0.0.0/4", "240.0.0.0/4",
            // Protocol assignments with Teredo; documentation; 6to4.
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

    private final List<AddressRange> allowed;

    @Inject
    public AddressGuard(LatchkeyConfig config) {
        this(config.webhook().allowedNetworks().orElse(List.of()));
    }

    AddressGuard(List<String> allowedNetworks) {
        this.allowed = allowedNetworks.stream().map(range -> AddressRange.parse(range.strip()).orElseThrow()).toList();
    }

    /** Whether a webhook may go to this address, in text form; not if it cannot be read. */
    boolean allows(String address) {
        if (AddressRange.canonicalAddress(address).isEmpty()) {
            return false;
        }
        if (isIn(allowed, address)) {
            return true;
        }
        boolean v6 = AddressRange.canonicalAddress(address).get().indexOf(':') >= 0;
        return (!v6 || isIn(GLOBAL_IPV6, address)) && !isIn(SPECIAL, address);
    }

    private static boolean isIn(List<AddressRange> ranges, String address) {
        return ranges.stream().anyMatch(range -> range.contains(address));
    }

    private static List<AddressRange> ranges(String... texts) {
        return Stream.of(texts).map(text -> AddressRange.parse(text).orElseThrow()).toList();
    }
}
