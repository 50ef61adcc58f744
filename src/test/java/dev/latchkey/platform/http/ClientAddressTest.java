package dev.latchkey.platform.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.eclipse.microprofile.config.spi.Converter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import dev.latchkey.platform.LatchkeyConfig;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.MultiMap;

/** Where a request comes from is what the connection says, or what trusted proxies say in the header that was agreed on. */
class ClientAddressTest {

    private static final String PROXY = "10.0.0.5";

    private final ClientAddress direct = with("", "x-forwarded-for");
    private final ClientAddress behind = with("10.0.0.0/8,2001:db8::1", "x-forwarded-for");
    private final ClientAddress forwarded = with("10.0.0.0/8", "forwarded");

    @Test
    void withoutTrustedProxiesNoHeaderIsRead() {
        assertThat(direct.of(PROXY, header("X-Forwarded-For", "192.0.2.1"))).isEqualTo(PROXY);
        assertThat(direct.of("fe80::1%eth0", header("X-Forwarded-For", "192.0.2.1"))).isEqualTo("fe80::1");
        assertThat(direct.of("0:0:0:0:0:0:0:1", MultiMap.caseInsensitiveMultiMap())).as("as RFC 5952 writes it")
                .isEqualTo("::1");
        assertThat(direct.of("::ffff:192.0.2.1", MultiMap.caseInsensitiveMultiMap())).isEqualTo("192.0.2.1");
        assertThat(direct.of(null, MultiMap.caseInsensitiveMultiMap())).isEqualTo("unknown");
    }

    @ParameterizedTest(name = "{0} says {1}: {2}")
    @CsvSource(delimiter = '|', quoteCharacter = '\'', value = {
            "192.0.2.9 | 198.51.100.1 | 192.0.2.9",
            "10.0.0.5 | 198.51.100.1 | 198.51.100.1",
            "2001:db8::1 | 198.51.100.1 | 198.51.100.1",
            "::ffff:10.0.0.5 | 198.51.100.1 | 198.51.100.1",
            "10.0.0.5 | 203.0.113.7, 198.51.100.1 | 198.51.100.1",
            "10.0.0.5 | 203.0.113.7, 198.51.100.1, 10.1.2.3 | 198.51.100.1",
            "10.0.0.5 | 10.9.9.9 | 10.9.9.9",
            "10.0.0.5 | 198.51.100.1:4711 | 198.51.100.1",
            "10.0.0.5 | [2001:DB8:0:0::7]:4711 | 2001:db8::7",
            "10.0.0.5 | 2001:db8::7 | 2001:db8::7",
            "10.0.0.5 | ::ffff:198.51.100.1 | 198.51.100.1",
            "10.0.0.5 | [10.1.2.3]\", 198.51.100.1 | 198.51.100.1",
            "10.0.0.5 | 10.1.2.3:\", 198.51.100.1 | 198.51.100.1",
            "10.0.0.5 | \", 198.51.100.1 | 198.51.100.1",
            "10.0.0.5 | [198.51.100.1]x | unknown",
            "10.0.0.5 | 198.51.100.1:x | unknown",
            "10.0.0.5 | unknown | unknown",
            "10.0.0.5 | 198.51.100.1, nonsense | unknown",
            "10.0.0.5 | 198.51.100.1, | unknown",
            "10.0.0.5 | 0198.51.100.1 | unknown" })
    void eachAddressIsBelievedOnlyIfTheOneThatReportsItIsTrusted(String socket, String header, String client) {
        assertThat(behind.of(socket, header("X-Forwarded-For", header))).isEqualTo(client);
    }

    @Test
    void severalLinesAreOneList() {
        MultiMap headers = header("X-Forwarded-For", "203.0.113.7");
        headers.add("x-forwarded-for", "198.51.100.1");
        assertThat(behind.of(PROXY, headers)).isEqualTo("198.51.100.1");
    }

    @Test
    void aTrustedProxyThatSaysNothingIsTheClient() {
        assertThat(behind.of(PROXY, MultiMap.caseInsensitiveMultiMap())).isEqualTo(PROXY);
    }

    @Test
    void onlyTheHeaderThatWasAgreedOnIsRead() {
        assertThat(behind.of(PROXY, header("Forwarded", "for=198.51.100.1"))).isEqualTo(PROXY);
        assertThat(forwarded.of(PROXY, header("X-Forwarded-For", "198.51.100.1"))).isEqualTo(PROXY);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', quoteCharacter = '\'', value = {
            "for=198.51.100.1 | 198.51.100.1",
            "For=198.51.100.1;proto=http;by=203.0.113.43 | 198.51.100.1",
            "proto=https; for=\"[2001:db8:cafe::17]:4711\" | 2001:db8:cafe::17",
            "for=203.0.113.7, for=198.51.100.1 | 198.51.100.1",
            "for=203.0.113.7, for=198.51.100.1, for=10.1.2.3 | 198.51.100.1",
            "for=\"a,for=203.0.113.7\" | unknown",
            "for=10.1.2.3;x=\", for=198.51.100.1 | unknown",
            "for=\"10.1.2.3, for=198.51.100.1 | unknown",
            "for=_hidden | unknown",
            "for=unknown | unknown",
            "by=203.0.113.43 | unknown" })
    void forwardedIsReadAsItsRfcSays(String header, String client) {
        assertThat(forwarded.of(PROXY, header("Forwarded", header))).isEqualTo(client);
    }

    private static MultiMap header(String name, String value) {
        return MultiMap.caseInsensitiveMultiMap().add(name, value);
    }

    private static ClientAddress with(String trusted, String header) {
        return new ClientAddress(new SmallRyeConfigBuilder().addDefaultInterceptors()
                .withDefaultValue("latchkey.http.trusted-proxies", trusted)
                .withDefaultValue("latchkey.http.client-address-header", header)
                .withConverters(new Converter<?>[] { new DurationConverter() })
                .withMapping(LatchkeyConfig.class).build().getConfigMapping(LatchkeyConfig.class));
    }
}
