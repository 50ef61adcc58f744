package dev.latchkey.platform;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

import io.netty.util.NetUtil;

/**
 * A range of IP addresses in CIDR notation (RFC 4632, RFC 4291 section 2.3). An IPv4 range is kept as its IPv4-mapped
 * IPv6 range (RFC 4291 section 2.5.5.2), so that {@code ::ffff:10.0.0.1} and {@code 10.0.0.1} are one address.
 */
public final class AddressRange {

    private static final int V6_BYTES = 16;
    private static final int MAPPED_BITS = 96;
    private static final String MAPPED_PREFIX = "::ffff:";
    private static final Pattern QUAD = Pattern.compile("(0|[1-9][0-9]{0,2})(\\.(0|[1-9][0-9]{0,2})){3}");

    private final byte[] network;
    private final int prefixLength;

    private AddressRange(byte[] network, int prefixLength) {
        this.network = network;
        this.prefixLength = prefixLength;
    }

    /**
     * Reads an address or a range; never asks a name server.
     *
     * @return empty if it is neither, or has bits set beyond its prefix
     */
    public static Optional<AddressRange> parse(String text) {
        int slash = text.indexOf('/');
        byte[] address = address(slash < 0 ? text : text.substring(0, slash));
        if (address == null) {
            return Optional.empty();
        }
        boolean v4 = text.indexOf(':') < 0;
        int prefixLength = v4 ? 32 : 128;
        if (slash >= 0) {
            String length = text.substring(slash + 1);
            if (!length.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(length) > prefixLength) {
                return Optional.empty();
            }
            prefixLength = Integer.parseInt(length);
        }
        AddressRange range = new AddressRange(address, v4 ? prefixLength + MAPPED_BITS : prefixLength);
        return Arrays.equals(range.masked(address), address) ? Optional.of(range) : Optional.empty();
    }

    /** Whether an address, in text form, is in this range; one that cannot be read is not. */
    public boolean contains(String address) {
        byte[] bytes = address(address);
        return bytes != null && isMapped(bytes) == isV4() && Arrays.equals(masked(bytes), network);
    }

    /**
     * The canonical form of an address: without IPv4 in IPv6 (RFC 4291 section 2.5.5.2), RFC 5952 otherwise; empty
     * if it is none.
     */
    public static Optional<String> canonicalAddress(String text) {
        byte[] bytes = address(text);
        return bytes == null ? Optional.empty() : Optional.of(text(bytes));
    }

    private static String text(byte[] address) {
        return isMapped(address) ? inet(Arrays.copyOfRange(address, 12, V6_BYTES)).getHostAddress()
                : NetUtil.toAddressString(inet(address), false);
    }

    private static InetAddress inet(byte[] address) {
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of 4 or 16 bytes", e);
        }
    }

    /**
     * What to count a client by: an IPv4 address itself, but the first 64 bits of an IPv6 address, of which every
     * client has all the rest (RFC 4291 section 2.5.4).
     *
     * @param address in text form; all that cannot be read count as one
     */
    public static String network(String address) {
        byte[] bytes = address(address);
        if (bytes == null) {
            return "unknown";
        }
        return isMapped(bytes) ? HexFormat.of().formatHex(bytes, 12, V6_BYTES)
                : HexFormat.of().formatHex(bytes, 0, V6_BYTES / 2);
    }

    /** Whether all of another range is in this one. */
    public boolean contains(AddressRange other) {
        return other.isV4() == isV4() && other.prefixLength >= prefixLength && Arrays.equals(masked(other.network), network);
    }

    private byte[] masked(byte[] address) {
        byte[] masked = address.clone();
        for (int bit = prefixLength; bit < V6_BYTES * 8; bit++) {
            masked[bit / 8] &= (byte) ~(0x80 >> bit % 8);
        }
        return masked;
    }

    /**
     * Stricter than the parser: no zone, no brackets, no leading zeros (octal to some), no embedded IPv4 but the
     * mapped form.
     */
    private static byte[] address(String text) {
        boolean v6 = text.indexOf(':') >= 0;
        boolean dotted = text.indexOf('.') >= 0;
        String quad = v6 && text.regionMatches(true, 0, MAPPED_PREFIX, 0, MAPPED_PREFIX.length())
                ? text.substring(MAPPED_PREFIX.length())
                : text;
        if (text.indexOf('%') >= 0 || text.indexOf('[') >= 0 || (!v6 || dotted) && !QUAD.matcher(quad).matches()) {
            return null;
        }
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        if (bytes == null || bytes.length == V6_BYTES) {
            return bytes;
        }
        byte[] mapped = new byte[V6_BYTES];
        mapped[10] = (byte) 0xff;
        mapped[11] = (byte) 0xff;
        System.arraycopy(bytes, 0, mapped, 12, 4);
        return mapped;
    }

    /** "Any IPv6 address" does not mean the IPv4 addresses that lie mapped among them. */
    private boolean isV4() {
        return prefixLength >= MAPPED_BITS && isMapped(network);
    }

    private static boolean isMapped(byte[] address) {
        return address[10] == (byte) 0xff && address[11] == (byte) 0xff && Arrays.equals(address, 0, 10, new byte[10], 0, 10);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AddressRange that && prefixLength == that.prefixLength && Arrays.equals(network, that.network);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(network) * 31 + prefixLength;
    }

    /** The canonical form: {@code 10.0.0.0/8}, {@code 2001:db8::/32} (RFC 5952). */
    @Override
    public String toString() {
        return isV4() ? text(network) + "/" + (prefixLength - MAPPED_BITS)
                : NetUtil.toAddressString(inet(network), false) + "/" + prefixLength;
    }
}
