package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Webhooks go to the public Internet, and nowhere else unless the operator says so. */
class AddressGuardTest {

    private final AddressGuard guard = new AddressGuard(List.of());

    @ParameterizedTest
    @ValueSource(strings = { "1.1.1.1", "9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255",
            "100.63.255.255", "100.128.0.0", "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::1", "::ffff:1.1.1.1",
            "2001:200::1" })
    void whatIsPublicIsAllowed(String address) {
        assertThat(guard.allows(address)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = { "0.0.0.0", "0.1.2.3", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1",
            "127.255.255.255", "169.254.0.1", "169.254.169.254", "172.16.0.0", "172.31.255.255", "192.0.0.8", "192.0.2.1",
            "192.88.99.1", "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
            "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
            "::", "::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:a9fe:a9fe", "::10.0.0.1", "64:ff9b::a00:1",
            "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:a00:1::1", "3fff::1", "5f00::1",
            "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1" })
    void whatIsNotPublicIsRefused(String address) {
        assertThat(guard.allows(address)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "localhost", "fe80::1%eth0", "2606:4700::1111%1", "1.1.1", "01.1.1.1", "[::1]", "1.1.1.1/32" })
    void whatIsNoAddressIsRefused(String address) {
        assertThat(guard.allows(address)).isFalse();
    }

    @Test
    void theOperatorAllowsMore() {
        AddressGuard wider = new AddressGuard(List.of("10.1.0.0/16", " fd00::/8", "127.0.0.1"));
        assertThat(List.of("10.1.2.3", "::ffff:10.1.2.3", "fd00::7", "127.0.0.1", "1.1.1.1")).allMatch(wider::allows);
        assertThat(List.of("10.2.0.1", "fc00::7", "127.0.0.2", "::1")).noneMatch(wider::allows);
    }
}
