package dev.latchkey.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;

/** A wrong value stops the start with a message that names the key, the value and what is allowed. */
class SettingsTest {

    @Test
    void withoutAnyConfigurationEverythingIsValid() {
        LatchkeyConfig config = config(Map.of());
        assertThatCode(() -> Settings.check(config)).doesNotThrowAnyException();
        assertThat(config.role()).isEqualTo(LatchkeyConfig.Role.SERVER);
        assertThat(config.publicUrl()).isEqualTo(URI.create("http://localhost:8080"));
        assertThat(config.secret()).isEmpty();
        assertThat(config.database().url()).isEmpty();
        assertThat(config.token().prefix()).isEqualTo("lkp");
        assertThat(config.scopes()).isEmpty();
        assertThat(config.session().accessTokenLifetime()).isEqualTo(Duration.ofMinutes(15));
        assertThat(config.session().idleTimeout()).isEqualTo(Duration.ofHours(12));
        assertThat(config.session().lifetime()).isEqualTo(Duration.ofDays(30));
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource(quoteCharacter = '"', value = {
            "latchkey.public-url, ftp://example.com, ftp://example.com, http:// or https://",
            "latchkey.public-url, localhost:8080, localhost:8080, http:// or https://",
            "latchkey.public-url, http:/example.com, http:/example.com, http:// or https://",
            "latchkey.public-url, https://example.com/, https://example.com/, nothing else",
            "latchkey.public-url, https://example.com/app, https://example.com/app, nothing else",
            "latchkey.public-url, https://example.com?a=b, https://example.com?a=b, nothing else",
            "latchkey.public-url, https://me@example.com, https://me@example.com, nothing else",
            "latchkey.token.prefix, l, l, 2 to 16 characters of a-z and 0-9",
            "latchkey.token.prefix, abcdefghijklmnopq, abcdefghijklmnopq, 2 to 16 characters of a-z and 0-9",
            "latchkey.token.prefix, LKP, LKP, 2 to 16 characters of a-z and 0-9",
            "latchkey.token.prefix, lk_p, lk_p, 2 to 16 characters of a-z and 0-9",
            "latchkey.token.prefix, lkp-, lkp-, 2 to 16 characters of a-z and 0-9",
            "latchkey.token.prefix, lkß, lkß, 2 to 16 characters of a-z and 0-9",
            "latchkey.admin.email, nobody, nobody, an e-mail address",
            "latchkey.admin.email, a b@example.com, a b@example.com, an e-mail address",
            "latchkey.database.start-timeout, 3601s, PT1H1S, 0s to 1h",
            "latchkey.database.start-timeout, -1s, PT-1S, 0s to 1h",
            "latchkey.webhook.allowed-networks, 10.0.0.1/8, 10.0.0.1/8, CIDR ranges",
            "latchkey.webhook.ca, no-such-file, no-such-file, a PEM file",
            "latchkey.webhook.concurrency, 0, 0, 1 to 1000",
            "latchkey.webhook.concurrency-per-webhook, 1001, 1001, 1 to 1000",
            "latchkey.webhook.timeout, 31s, PT31S, 0.1s to 30s",
            "latchkey.webhook.retry-after, 1ms, PT0.001S, 0.01s to 1h",
            "latchkey.webhook.retry-for, 169h, PT169H, 1s to 168h",
            "latchkey.webhook.retention, 1m, PT1M, 1h to 8760h",
            "latchkey.webhook.expiring-soon-days, 0, [0], 1 to 365",
            "latchkey.database.pool-size, 0, 0, 1 to 1000",
            "latchkey.database.pool-size, 1001, 1001, 1 to 1000",
            "latchkey.database.pool-queue, 0, 0, 1 to 1000000",
            "latchkey.database.pool-queue, 1000001, 1000001, 1 to 1000000",
            "latchkey.database.timeout, 99ms, PT0.099S, 0.1s to 1m",
            "latchkey.database.timeout, 61s, PT1M1S, 0.1s to 1m",
            "latchkey.database.lookup-timeout, 9ms, PT0.009S, 0.01s to 1s",
            "latchkey.database.lookup-timeout, 1001ms, PT1.001S, 0.01s to 1s",
            "latchkey.database.lookup-connections, 1, 1, 2 to 200", "latchkey.database.lookup-connections, 201, 201, 2 to 200",
            "latchkey.verification.lease, 499ms, PT0.499S, 0.5s to 1.5s",
            "latchkey.verification.lease, 1501ms, PT1.501S, 0.5s to 1.5s",
            "latchkey.verification.cache-size, 999, 999, 1000 to 100000000",
            "latchkey.verification.unknown-cache-size, 999, 999, 1000 to 100000000",
            "latchkey.verification.max-lookups, 1, 1, 2 to 100000",
            "latchkey.verification.unknown-per-minute, 0, 0, 1 to 10000000",
            "latchkey.event-log.retention-months, 0, 0, 1 to 1200",
            "latchkey.token.leak-reports-per-minute, 0, 0, 1 to 10000",
            "latchkey.verification.rate-limit-buckets, 999, 999, 1000 to 100000000",
            "latchkey.http.trusted-proxies, 10.0.0.1/8, 10.0.0.1/8, without host bits",
            "latchkey.http.trusted-proxies, proxy.example, proxy.example, IP addresses",
            "latchkey.gateway.port, 0, 0, 1 to 65535",
            "latchkey.proxy.port, 65536, 65536, 1 to 65535",
            "latchkey.proxy.upstream, https://api.example, https://api.example, http://host:port",
            "latchkey.proxy.upstream, http://api.example/v3, http://api.example/v3, http://host:port",
            "latchkey.proxy.connect-timeout, 5ms, PT0.005S, 0.01s to 1m",
            "latchkey.proxy.idle-timeout, 0s, PT0S, 1s to 24h",
            "latchkey.proxy.timeout, 25h, PT25H, 0s to 24h",
            "latchkey.proxy.pool-size, 0, 0, 1 to 100000",
            "latchkey.proxy.pool-queue, -1, -1, 0 to 1000000",
            "latchkey.oauth.audiences, a b, a b, visible ASCII",
            "latchkey.oauth.audiences, latchkey-session, latchkey-session, not latchkey-session",
            "latchkey.oauth.audiences, ü, ü, visible ASCII",
            "latchkey.oauth.exchange-lifetime, 999ms, PT0.999S, 1s to 15m",
            "latchkey.oauth.exchange-lifetime, 901s, PT15M1S, 1s to 15m",
            "latchkey.internal.port, 0, 0, 1 to 65535", "latchkey.internal.port, 65536, 65536, 1 to 65535",
            "latchkey.internal.max-streams, 0, 0, 1 to 100000",
            "latchkey.internal.max-streams, 100001, 100001, 1 to 100000",
            "latchkey.internal.tls.client-ca, no-such.pem, no-such.pem, a PEM file",
            "latchkey.session.access-token-lifetime, 59s, PT59S, 1m to 1h",
            "latchkey.session.access-token-lifetime, 61m, PT1H1M, 1m to 1h",
            "latchkey.session.idle-timeout, 14m, PT14M, 15m to 720h",
            "latchkey.session.idle-timeout, 721h, PT721H, 15m to 720h",
            "latchkey.session.lifetime, 14m, PT14M, 15m to 8760h",
            "latchkey.session.lifetime, 366d, PT8784H, 15m to 8760h",
            "latchkey.sign-in.failures-per-user, 0, 0, 1 to 10000",
            "latchkey.sign-in.failures-per-user, 10001, 10001, 1 to 10000",
            "latchkey.sign-in.attempts-per-address, 0, 0, 1 to 1000000",
            "latchkey.sign-in.attempts-per-address, 1000001, 1000001, 1 to 1000000",
            "latchkey.sign-in.window, 9s, PT9S, 10s to 24h",
            "latchkey.sign-in.window, 25h, PT25H, 10s to 24h",
            "latchkey.sign-in.concurrency, 0, 0, 1 to 64",
            "latchkey.sign-in.concurrency, 65, 65, 1 to 64",
            "latchkey.sign-in.queue, 0, 0, 1 to 10000",
            "latchkey.sign-in.queue, 10001, 10001, 1 to 10000"
    })
    void aWrongValueIsRefusedNamingKeyValueAndWhatIsAllowed(String key, String value, String shown, String allowed) {
        assertThatThrownBy(() -> check(Map.of(key, value))).isInstanceOf(StartupException.class)
                .hasMessageContaining(key + ": '" + shown + "'").hasMessageContaining("allowed: ")
                .hasMessageContaining(allowed);
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource({
            "latchkey.public-url, http://127.0.0.1", "latchkey.public-url, https://tokens.example.com:8443",
            "latchkey.public-url, https://[::1]:8443",
            "latchkey.token.prefix, ab", "latchkey.token.prefix, 0123456789abcdef",
            "latchkey.admin.email, admin@localhost",
            "latchkey.database.start-timeout, 0s", "latchkey.database.start-timeout, 1h",
            "latchkey.database.pool-size, 1", "latchkey.database.pool-size, 1000",
            "latchkey.database.pool-queue, 1", "latchkey.database.pool-queue, 1000000",
            "latchkey.database.timeout, 100ms", "latchkey.database.timeout, 1m",
            "latchkey.database.lookup-timeout, 10ms", "latchkey.database.lookup-timeout, 1s",
            "latchkey.verification.lease, 500ms", "latchkey.verification.lease, 1500ms",
            "latchkey.http.trusted-proxies, 10.0.0.0/8",
            "latchkey.oauth.audiences, https://api.example.com/v1", "latchkey.oauth.exchange-lifetime, 1s",
            "latchkey.oauth.exchange-lifetime, 15m",
            "latchkey.internal.port, 1", "latchkey.internal.port, 65535",
            "latchkey.internal.max-streams, 1", "latchkey.internal.max-streams, 100000",
            "latchkey.session.access-token-lifetime, 1m", "latchkey.session.access-token-lifetime, 1h",
            "latchkey.session.idle-timeout, 15m", "latchkey.session.idle-timeout, 30d",
            "latchkey.session.lifetime, 15m", "latchkey.session.lifetime, 365d",
            "latchkey.sign-in.failures-per-user, 1", "latchkey.sign-in.failures-per-user, 10000",
            "latchkey.sign-in.attempts-per-address, 1", "latchkey.sign-in.attempts-per-address, 1000000",
            "latchkey.sign-in.window, 10s", "latchkey.sign-in.window, 24h",
            "latchkey.sign-in.concurrency, 1", "latchkey.sign-in.concurrency, 64",
            "latchkey.sign-in.queue, 1", "latchkey.sign-in.queue, 10000"
    })
    void theLeastAndTheMostThatIsAllowedIsAccepted(String key, String value) {
        assertThatCode(() -> check(Map.of(key, value))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = { "latchkey.secret", "latchkey.secret-previous" })
    void aSecretThatIsTooShortIsRefusedWithoutBeingShown(String key) {
        assertThatThrownBy(() -> check(Map.of(key, "s".repeat(31)))).isInstanceOf(StartupException.class)
                .hasMessageContaining(key + ": ").hasMessageContaining("31").hasMessageContaining("32 or more")
                .hasMessageNotContaining("sss");
        assertThatCode(() -> check(Map.of(key, "s".repeat(32)))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(ints = { 11, 129 })
    void aPasswordOfTheWrongLengthIsRefusedWithoutBeingShown(int length) {
        assertThatThrownBy(() -> check(Map.of("latchkey.admin.password", "p".repeat(length))))
                .isInstanceOf(StartupException.class).hasMessageContaining("latchkey.admin.password: ")
                .hasMessageContaining(length + " characters").hasMessageContaining("12 to 128").hasMessageNotContaining("ppp");
    }

    @Test
    void theCharactersOfAPasswordAreCountedNotItsBytes() {
        String emoji = "\uD83D\uDE00";
        assertThatCode(() -> check(Map.of("latchkey.admin.password", emoji.repeat(12)))).doesNotThrowAnyException();
        assertThatCode(() -> check(Map.of("latchkey.admin.password", emoji.repeat(128)))).doesNotThrowAnyException();
        assertThatThrownBy(() -> check(Map.of("latchkey.admin.password", emoji.repeat(11))))
                .hasMessageContaining("11 characters");
    }

    @Test
    void allThatIsWrongIsNamedAtOnceOneLineEach() {
        StartupException refusal = catchThrowableOfType(StartupException.class,
                () -> check(Map.of("latchkey.public-url", "ftp://x", "latchkey.token.prefix", "X", "latchkey.secret", "short",
                        "latchkey.sign-in.queue", "0")));
        assertThat(refusal.getMessage().lines().skip(1)).hasSize(4)
                .anySatisfy(line -> assertThat(line).contains("latchkey.public-url: 'ftp://x'"))
                .anySatisfy(line -> assertThat(line).contains("latchkey.token.prefix: 'X'"))
                .anySatisfy(line -> assertThat(line).contains("latchkey.secret: "))
                .anySatisfy(line -> assertThat(line).contains("latchkey.sign-in.queue: '0'"));
    }

    @Test
    void aSidecarNeedsServersAndACredentialWhichIsNotShown() {
        String id = "0190a5e4-0000-7000-8000-000000000000";
        assertThatThrownBy(() -> check(Map.of("latchkey.role", "sidecar"))).isInstanceOf(StartupException.class)
                .hasMessageContaining("latchkey.server.url: is missing")
                .hasMessageContaining("latchkey.server.credential: is missing");
        for (String url : List.of("ftp://a:1", "http://a", "https://a:1/path", "https://A:1", "https://a:99999", "a:1")) {
            assertThatThrownBy(() -> check(sidecar(url, id + ":s"))).hasMessageContaining("latchkey.server.url: '" + url + "'")
                    .hasMessageContaining("a port");
        }
        for (String credential : List.of("a-secret", id, id + ":", ":a-secret", "id:a-secret")) {
            assertThatThrownBy(() -> check(sidecar("http://a:1", credential)))
                    .hasMessageContaining("latchkey.server.credential: is not").hasMessageNotContaining("a-secret");
        }
        assertThatCode(() -> check(sidecar("http://a:1,https://[::1]:8443", id + ":s:t"))).doesNotThrowAnyException();
        assertThatThrownBy(() -> check(Map.of("latchkey.role", "sidecar", "latchkey.server.url", "http://a:1",
                "latchkey.server.tls.certificate", "pom.xml", "latchkey.server.tls.key", "pom.xml")))
                .hasMessageContaining("https://");
        assertThatThrownBy(() -> check(Map.of("latchkey.internal.tls.key", "pom.xml")))
                .hasMessageContaining("set both or none");
        assertThatThrownBy(() -> check(Map.of("latchkey.internal.tls.client-ca", "pom.xml")))
                .hasMessageContaining("needs latchkey.internal.tls.certificate");
    }

    private static Map<String, String> sidecar(String url, String credential) {
        return Map.of("latchkey.role", "sidecar", "latchkey.server.url", url, "latchkey.server.credential", credential);
    }

    @Test
    void anOperatorsScopeIsReadByItsName() {
        assertThat(config(Map.of("latchkey.scopes.\"deployment:write\".description", "Deploy.")).scopes())
                .hasEntrySatisfying("deployment:write", scope -> assertThat(scope.description()).isEqualTo("Deploy."));
    }

    private static void check(Map<String, String> values) {
        Settings.check(config(values));
    }

    private static LatchkeyConfig config(Map<String, String> values) {
        return new SmallRyeConfigBuilder().withMapping(LatchkeyConfig.class).addDiscoveredConverters()
                .withSources(new PropertiesConfigSource(values, "test", 100)).build().getConfigMapping(LatchkeyConfig.class);
    }
}
