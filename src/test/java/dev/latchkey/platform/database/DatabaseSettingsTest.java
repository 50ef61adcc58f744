package dev.latchkey.platform.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.StartupException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;

/** One URL says where the database is, for both clients, and a wrong one is refused in words. */
class DatabaseSettingsTest {

    private static final String KEY = "latchkey.database.url";

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource({
            "postgresql://db.example.com:6543/latchkey, db.example.com, 6543, latchkey",
            "postgres://db.example.com:6543/latchkey, db.example.com, 6543, latchkey",
            "postgresql://db/latchkey, db, 5432, latchkey",
            "postgresql://10.0.0.1/l, 10.0.0.1, 5432, l",
            "postgresql://db/latch%20key, db, 5432, latch key",
            "postgresql://db/a+b, db, 5432, a+b",
            "postgresql://my_db/latchkey, my_db, 5432, latchkey",
            "postgresql://[::1]:5433/latchkey, [::1], 5433, latchkey"
    })
    void theUrlNamesHostPortAndDatabase(String url, String host, int port, String name) {
        DatabaseSettings settings = settings(url);
        assertThat(settings.host()).isEqualTo(host);
        assertThat(settings.port()).isEqualTo(port);
        assertThat(settings.name()).isEqualTo(name);
        assertThat(settings.user()).isEqualTo("me");
        assertThat(settings.password()).isEqualTo("open sesame");
        assertThat(settings.sslMode()).isEqualTo(SslMode.PREFER);
        assertThat(settings.sslRootCert()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "db", "db:5432/latchkey", "jdbc:postgresql://db/latchkey", "mysql://db/latchkey",
            "postgresql://db", "postgresql://db/", "postgresql:///latchkey", "postgresql:db", "postgresql://:5432/latchkey",
            "postgresql://user@db/latchkey", "postgresql://user:hunter2@db/latchkey", "POSTGRESQL://db/latchkey",
            "postgresql://db:port/latchkey", "postgresql://db/latchkey/more", "postgresql://db/latchkey#more",

            "postgresql://a b/latchkey" })
    void anotherFormIsRefusedAndTheRightOneShown(String url) {
        assertThatThrownBy(() -> settings(url)).isInstanceOf(StartupException.class).hasMessageContaining(KEY)
                .hasMessageNotContaining("hunter2");
        if (!url.isEmpty()) {
            assertThatThrownBy(() -> settings(url)).hasMessageContaining("postgresql://host:port/name");
        }
    }

    @ParameterizedTest
    @CsvSource({ "disable, DISABLE", "prefer, PREFER", "require, REQUIRE" })
    void theTlsModeIsNamedAsPostgresqlNamesIt(String name, SslMode mode) {
        assertThat(settings("postgresql://db/latchkey?sslmode=" + name).sslMode()).isEqualTo(mode);
    }

    @ParameterizedTest
    @CsvSource({ "verify-ca, VERIFY_CA", "verify-full, VERIFY_FULL" })
    void aModeThatVerifiesNeedsTheAuthoritiesToTrust(String name, SslMode mode) throws Exception {
        Path authorities = Files.writeString(directory.resolve("my ca.pem"), "");
        DatabaseSettings settings = settings(
                "postgresql://db/latchkey?sslmode=" + name + "&sslrootcert=" + authorities.toString().replace(" ", "%20"));
        assertThat(settings.sslMode()).isEqualTo(mode);
        assertThat(settings.sslRootCert()).contains(authorities);
        assertThatThrownBy(() -> settings("postgresql://db/latchkey?sslmode=" + name)).isInstanceOf(StartupException.class)
                .hasMessageContaining(KEY).hasMessageContaining("sslmode=" + name).hasMessageContaining("sslrootcert");
    }

    @ParameterizedTest
    @ValueSource(strings = { "", "sslmode=disable&", "sslmode=prefer&", "sslmode=require&" })
    void authoritiesThatNobodyWouldAskAreRefused(String mode) throws Exception {
        Path authorities = Files.writeString(directory.resolve("ca.pem"), "");
        assertThatThrownBy(() -> settings("postgresql://db/latchkey?" + mode + "sslrootcert=" + authorities))
                .isInstanceOf(StartupException.class).hasMessageContaining(KEY)
                .hasMessageContaining("sslrootcert is used with sslmode=verify-ca or verify-full only");
    }

    @Test
    void aFileThatCannotBeReadIsNamed() {
        assertThatThrownBy(() -> settings("postgresql://db/latchkey?sslmode=verify-full&sslrootcert=/no/such/file.pem"))
                .isInstanceOf(StartupException.class).hasMessageContaining(KEY).hasMessageContaining("/no/such/file.pem");
    }

    @ParameterizedTest
    @ValueSource(strings = { "allow", "verify", "VERIFY-FULL", "verify_full", "true", "" })
    void anUnknownModeIsRefusedAndTheKnownOnesShown(String mode) {
        assertThatThrownBy(() -> settings("postgresql://db/latchkey?sslmode=" + mode)).isInstanceOf(StartupException.class)
                .hasMessageContaining(KEY).hasMessageContaining("sslmode '" + mode + "'")
                .hasMessageContaining("disable|prefer|require|verify-ca|verify-full");
    }

    @ParameterizedTest
    @CsvSource({ "ssl=true, ssl", "sslMode=require, sslMode", "user=me, user",
            "sslmode=require&connect_timeout=5, connect_timeout" })
    void anUnknownParameterIsRefusedByItsName(String query, String name) {
        assertThatThrownBy(() -> settings("postgresql://db/latchkey?" + query)).isInstanceOf(StartupException.class)
                .hasMessageContaining(KEY).hasMessageContaining("'" + name + "'").hasMessageContaining("sslmode");
    }

    @Test
    void theUserIsRequiredAndThePasswordIsNot() {
        assertThatThrownBy(() -> DatabaseSettings.of(config(Map.of(KEY, "postgresql://db/latchkey"))))
                .isInstanceOf(StartupException.class).hasMessageContaining("latchkey.database.user")
                .hasMessageContaining("LATCHKEY_DATABASE_USER");
        assertThat(
                DatabaseSettings.of(config(Map.of(KEY, "postgresql://db/latchkey", "latchkey.database.user", "me"))).password())
                .isEmpty();
    }

    @Test
    void theTextTellsWhereButNotThePassword() {
        assertThat(settings("postgresql://db/latchkey")).hasToString("db:5432/latchkey");
    }

    @Test
    void bothClientsGoToTheSamePlace() {
        DatabaseSettings settings = settings("postgresql://db:6543/latchkey?sslmode=require");
        PgConnectOptions reactive = settings.reactive();
        assertThat(reactive.getHost()).isEqualTo("db");
        assertThat(reactive.getPort()).isEqualTo(6543);
        assertThat(reactive.getDatabase()).isEqualTo("latchkey");
        assertThat(reactive.getUser()).isEqualTo("me");
        assertThat(reactive.getPassword()).isEqualTo("open sesame");
        assertThat(reactive.getProperties()).containsEntry("application_name", "latchkey");
        PGSimpleDataSource blocking = (PGSimpleDataSource) settings.blocking();
        assertThat(blocking.getServerNames()).containsExactly("db");
        assertThat(blocking.getPortNumbers()).containsExactly(6543);
        assertThat(blocking.getDatabaseName()).isEqualTo("latchkey");
        assertThat(blocking.getUser()).isEqualTo("me");
        assertThat(blocking.getPassword()).isEqualTo("open sesame");
        assertThat(blocking.getSslMode()).isEqualTo("require");
    }

    @ParameterizedTest
    @ValueSource(strings = { "disable", "prefer", "require" })
    void withoutAuthoritiesNoCertificateIsVerified(String mode) {
        PgConnectOptions reactive = settings("postgresql://db/latchkey?sslmode=" + mode).reactive();
        assertThat(reactive.getSslMode()).isEqualTo(SslMode.of(mode));
        assertThat(reactive.isTrustAll()).isTrue();
        assertThat(reactive.getTrustOptions()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = { "verify-ca", "verify-full" })
    void withAuthoritiesTheirCertificatesAloneAreTrustedAndVerifyFullChecksTheName(String mode)
            throws Exception {
        Path authorities = Files.writeString(directory.resolve("ca.pem"), "");
        DatabaseSettings settings = settings("postgresql://db/latchkey?sslmode=" + mode + "&sslrootcert=" + authorities);
        PgConnectOptions reactive = settings.reactive();
        assertThat(reactive.getSslMode()).isEqualTo(SslMode.of(mode));
        assertThat(reactive.isTrustAll()).isFalse();
        assertThat(reactive.getTrustOptions())
                .isEqualTo(new PemTrustOptions().addCertPath(authorities.toString()));
        if (mode.equals("verify-full")) {
            assertThat(reactive.getHostnameVerificationAlgorithm()).isEqualTo("HTTPS");
        } else {
            assertThat(reactive.getHostnameVerificationAlgorithm()).isNullOrEmpty();
        }
        PGSimpleDataSource blocking = (PGSimpleDataSource) settings.blocking();
        assertThat(blocking.getSslMode()).isEqualTo(mode);
        assertThat(blocking.getSslRootCert()).isEqualTo(authorities.toString());
    }

    private static DatabaseSettings settings(String url) {
        return DatabaseSettings.of(
                config(Map.of(KEY, url, "latchkey.database.user", "me", "latchkey.database.password", "open sesame")));
    }

    private static LatchkeyConfig.Database config(Map<String, String> values) {
        return new SmallRyeConfigBuilder().withMapping(LatchkeyConfig.class).addDiscoveredConverters()
                .withSources(new PropertiesConfigSource(new HashMap<>(values), "test", 100)).build()
                .getConfigMapping(LatchkeyConfig.class).database();
    }

    @ParameterizedTest
    @CsvSource({ "postgresql://db:0/l, 1 to 65535", "postgresql://db:65536/l, 1 to 65535",
            "postgresql://db/%zz, encodes nothing", "postgresql://db/l?sslmode=%zz, encodes nothing",
            "postgresql://db/l?sslmode=require&sslmode=disable, twice",
            "postgresql://db/l?sslmode=verify-full&sslrootcert=, cannot be read",
            "postgresql://db/l?sslmode=verify-full&sslrootcert=%00, not the name of a file",
            "postgresql://db/l?sslmode=verify-full&sslrootcert=/, cannot be read" })
    void whatElseIsWrongIsNamed(String url, String problem) {
        assertThatThrownBy(() -> settings(url)).isInstanceOf(StartupException.class).hasMessageContaining(KEY)
                .hasMessageContaining(problem);
    }
}
