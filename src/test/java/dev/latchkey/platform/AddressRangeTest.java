package dev.latchkey.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An address range reads what RFC 4632 and RFC 4291 call one, writes it in one form, and knows what is in it. */
class AddressRangeTest {

    @ParameterizedTest
    @CsvSource({
            "10.0.0.0/8, 10.0.0.0/8",
            "0.0.0.0/0, 0.0.0.0/0",
            "192.0.2.1, 192.0.2.1/32",
            "192.0.2.1/32, 192.0.2.1/32",
            "255.255.255.255, 255.255.255.255/32",
            "2001:db8::/32, 2001:db8::/32",
            "2001:DB8:0:0:0:0:0:0/32, 2001:db8::/32",
            "2001:0db8::0001, 2001:db8::1/128",
            "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1/128",
            "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1/128",
            "::1, ::1/128",
            "::/0, ::/0",
            "fe80::/10, fe80::/10",
            "::ffff:10.0.0.1, 10.0.0.1/32",
            "::ffff:a00:1, 10.0.0.1/32",
            "::ffff:10.0.0.0/104, 10.0.0.0/8",
            "::ffff:0:0/96, 0.0.0.0/0"
    })
    void isWrittenInCanonicalForm(String text, String canonical) {
        AddressRange range = range(text);
        assertThat(range).hasToString(canonical);
        assertThat(range(canonical)).isEqualTo(range).hasSameHashCodeAs(range);
    }

    @Test
    void differentRangesAreNotEqual() {
        assertThat(range("10.0.0.0/8")).isNotEqualTo(range("10.0.0.0/9")).isNotEqualTo(range("11.0.0.0/8"))
                .isNotEqualTo("10.0.0.0/8");
        assertThat(range("0.0.0.0/0")).isNotEqualTo(range("::/0"));
    }

    @ParameterizedTest
    @ValueSource(strings = { "10.0.0.1/8", "10.0.0.1/31", "128.0.0.0/0", "10.128.0.0/8", "2001:db8::1/32", "2001:db8::1/127",
            "8000::/0", "::ffff:10.0.0.1/104" })
    void isRefusedWithBitsBeyondItsPrefix(String text) {
        assertThat(AddressRange.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = { "10.0.0.0/33", "10.0.0.0/128", "0.0.0.0/-1", "::/129", "::/999", "::/1000", "10.0.0.0/",
            "10.0.0.0/08",
            "10.0.0.0/+8", "10.0.0.0/ 8", "10.0.0.0/8 ", "10.0.0.0/8/8", "10.0.0.0/255.0.0.0", "10.0.0.0/٨", "/8", "/",
            "10.0.0.0/4294967304" })
    void isRefusedWithAPrefixThatIsNone(String text) {
        assertThat(AddressRange.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = { "", " ", "localhost", "example.com", "a.b.c.d", "10.0.0", "10.0.0.0.0", "10.0.0.256", "10.0.0.-1",
            "167772161", "0x0a.0.0.1", "10.0.0.1 ", " 10.0.0.1", "10. 0.0.1", "10.0.0.1\n", "10.0.0.1\u0000", "１0.0.0.1",
            "fe80::1%eth0", "fe80::1%1", "10.0.0.1%1", "[::1]", "[::1", "::1]", ":", ":::", "::1::", "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9", "12345::", "g::1", "::1 ", " ::1", "::10.0.0", "::ffff:10.0.0.256", "10.0.0.1:80", "[::1]:80",
            "http://10.0.0.1" })
    void isRefusedIfItIsNoAddress(String text) {
        assertThat(AddressRange.parse(text)).isEmpty();
        assertThat(range("0.0.0.0/0").contains(text)).isFalse();
        assertThat(range("::/0").contains(text)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
            "10.0.0.0/8, 10.0.0.0, true",
            "10.0.0.0/8, 10.255.255.255, true",
            "10.0.0.0/8, 9.255.255.255, false",
            "10.0.0.0/8, 11.0.0.0, false",
            "192.0.2.0/25, 192.0.2.127, true",
            "192.0.2.0/25, 192.0.2.128, false",
            "192.0.2.1, 192.0.2.1, true",
            "192.0.2.1, 192.0.2.0, false",
            "0.0.0.0/0, 255.255.255.255, true",
            "0.0.0.0/0, 2001:db8::1, false",
            "0.0.0.0/0, ::1, false",
            "2001:db8::/32, 2001:db8:ffff:ffff:ffff:ffff:ffff:ffff, true",
            "2001:db8::/32, 2001:db9::, false",
            "2001:db8::/32, 2001:DB8::1, true",
            "2001:db8::/32, 10.0.0.1, false",
            "::1, ::1, true",
            "::1, 127.0.0.1, false",
            "10.0.0.0/8, ::ffff:10.0.0.1, true",
            "10.0.0.0/8, ::ffff:a00:1, true",
            "10.0.0.0/8, ::ffff:11.0.0.1, false",
            "::ffff:10.0.0.0/104, 10.1.2.3, true"
    })
    void knowsWhichAddressesAreInIt(String range, String address, boolean contains) {
        assertThat(range(range).contains(address)).isEqualTo(contains);
    }

    @ParameterizedTest
    @CsvSource({
            "10.0.0.0/8, 10.0.0.0/8, true",
            "10.0.0.0/8, 10.1.0.0/16, true",
            "10.0.0.0/8, 10.1.2.3, true",
            "10.1.0.0/16, 10.0.0.0/8, false",
            "10.0.0.0/8, 10.0.0.0/7, false",
            "10.0.0.0/8, 11.0.0.0/16, false",
            "0.0.0.0/0, ::/0, false",
            "0.0.0.0/0, 2001:db8::/32, false",
            "2001:db8::/32, 2001:db8:1::/48, true",
            "2001:db8:1::/48, 2001:db8::/32, false",
            "2001:db8::/32, 10.0.0.0/8, false",
            "10.0.0.0/8, ::ffff:10.1.0.0/112, true"
    })
    void knowsWhichRangesAreInIt(String range, String other, boolean contains) {
        assertThat(range(range).contains(range(other))).isEqualTo(contains);
    }

    @Test
    void containsExactlyWhatSharesItsPrefix() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            int bits = random.nextBoolean() ? 32 : 128;
            BigInteger address = new BigInteger(bits, random);
            int prefix = random.nextInt(bits + 1);
            BigInteger network = network(address, bits, prefix);
            AddressRange range = range(text(network, bits) + "/" + prefix);
            // Differs in one bit, which is as likely within the prefix as the prefix is long.
            BigInteger neighbour = address.flipBit(random.nextInt(bits));
            String told = "seed " + seed + ": " + text(neighbour, bits) + " in " + text(network, bits) + "/" + prefix;
            boolean shares = network(neighbour, bits, prefix).equals(network);
            assertThat(range.contains(text(neighbour, bits))).as(told).isEqualTo(shares);

            int otherPrefix = random.nextInt(bits + 1);
            AddressRange other = range(text(network(neighbour, bits, otherPrefix), bits) + "/" + otherPrefix);
            assertThat(range.contains(other)).as(told + ", as a /" + otherPrefix).isEqualTo(shares && otherPrefix >= prefix);
            assertThat(range(range.toString())).as(told).isEqualTo(range);
        }
    }

    private static BigInteger network(BigInteger address, int bits, int prefix) {
        return address.shiftRight(bits - prefix).shiftLeft(bits - prefix);
    }

    private static String text(BigInteger address, int bits) {
        if (bits == 32) {
            return IntStream.of(24, 16, 8, 0).mapToObj(shift -> "" + (address.intValue() >>> shift & 0xff))
                    .collect(Collectors.joining("."));
        }
        return IntStream.rangeClosed(0, 7)
                .mapToObj(group -> Integer.toHexString(address.shiftRight(112 - 16 * group).intValue() & 0xffff))
                .collect(Collectors.joining(":"));
    }

    private static AddressRange range(String text) {
        return AddressRange.parse(text).orElseThrow(() -> new AssertionError(text + " is no range"));
    }

    @ParameterizedTest
    @ValueSource(strings = { "010.0.0.1", "10.0.0.01", "10.00.0.1", "10.0.0.001", "::ffff:010.0.0.1", "::1.2.3.4",
            "64:ff9b::1.2.3.4" })
    void isRefusedInSpellingsThatOthersReadDifferently(String text) {
        assertThat(AddressRange.parse(text)).isEmpty();
    }

    @Test
    void ofAnyIpv6AddressHoldsNoIpv4Address() {
        AddressRange any = AddressRange.parse("::/0").orElseThrow();
        assertThat(any.contains("2001:db8::1")).isTrue();
        assertThat(any.contains("10.0.0.1")).isFalse();
        assertThat(any.contains("::ffff:10.0.0.1")).isFalse();
        assertThat(any.contains(AddressRange.parse("10.0.0.0/8").orElseThrow())).isFalse();
    }
}
