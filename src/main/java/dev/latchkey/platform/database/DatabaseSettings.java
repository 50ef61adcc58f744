package dev.latchkey.platform.database;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import javax.sql.DataSource;

import org.postgresql.ds.PGSimpleDataSource;

import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.StartupException;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;

/**
 * Where the database is and how to reach it, read from {@code latchkey.database.*} for both clients: JDBC at start and the
 * reactive client afterwards.
 *
 * @param host name or address
 * @param port TCP port
 * @param name of the database
 * @param sslMode TLS mode, as PostgreSQL names it (PostgreSQL documentation, "SSL Support", table 34.1)
 * @param sslRootCert the PEM file of the authorities to trust
 */
public record DatabaseSettings(String host, int port, String name, String user, String password, SslMode sslMode,
        Optional<Path> sslRootCert) {

    private static final String KEY = "latchkey.database.url";
    private static final String FORM = "allowed: postgresql://host:port/name, optionally with ?sslmode=disable|prefer|require|"
            + "verify-ca|verify-full&sslrootcert=/path/to/ca.pem; user and password have keys of their own";
    private static final List<SslMode> MODES = List.of(SslMode.DISABLE, SslMode.PREFER, SslMode.REQUIRE, SslMode.VERIFY_CA,
            SslMode.VERIFY_FULL);

    private static final int CONNECT_TIMEOUT_SECONDS = 5;
    /** A migration of a large table takes its time. */
    private static final int ANSWER_TIMEOUT_SECONDS = 3600;

    /**
     * Reads {@code latchkey.database.*}.
     *
     * @throws StartupException if the URL is not one, or a file it names cannot be read
     */
    public static DatabaseSettings of(LatchkeyConfig.Database config) {
        String url = config.url().orElseThrow(() -> new StartupException(KEY + " is missing"));
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            throw new StartupException(KEY + " is not a URL (" + e.getReason() + "); " + FORM);
        }
        boolean scheme = "postgresql".equals(uri.getScheme()) || "postgres".equals(uri.getScheme());
        if (!scheme || uri.getHost() == null || uri.getUserInfo() != null || uri.getPath() == null
                || uri.getPath().length() < 2) {
            throw new StartupException(KEY + " has not the expected form; " + FORM);
        }
        SslMode mode = SslMode.PREFER;
        Optional<Path> rootCert = Optional.empty();
        for (String parameter : uri.getRawQuery() == null ? new String[0] : uri.getRawQuery().split("&")) {
            int equals = parameter.indexOf('=');
            String name = equals < 0 ? parameter : parameter.substring(0, equals);
            String value = equals < 0 ? "" : URLDecoder.decode(parameter.substring(equals + 1), StandardCharsets.UTF_8);
            switch (name) {
                case "sslmode" -> mode = MODES.stream().filter(candidate -> nameOf(candidate).equals(value)).findFirst()
                        .orElseThrow(() -> new StartupException(KEY + ": sslmode '" + value + "' is not known; " + FORM));
                case "sslrootcert" -> rootCert = Optional.of(Path.of(value));
                default -> throw new StartupException(KEY + ": parameter '" + name + "' is not known; " + FORM);
            }
        }
        boolean verifies = mode == SslMode.VERIFY_CA || mode == SslMode.VERIFY_FULL;
        if (verifies && rootCert.isEmpty()) {
            throw new StartupException(KEY + ": sslmode=" + nameOf(mode) + " needs sslrootcert; " + FORM);
        }
        if (!verifies && rootCert.isPresent()) {
            throw new StartupException(KEY + ": sslrootcert is used with sslmode=verify-ca or verify-full only; " + FORM);
        }
        rootCert.filter(file -> !Files.isReadable(file)).ifPresent(file -> {
            throw new StartupException(KEY + ": the file sslrootcert=" + file + " cannot be read");
        });
        String user = config.user().orElseThrow(() -> new StartupException(
                "latchkey.database.user is missing: set LATCHKEY_DATABASE_USER to the database user"));
        return new DatabaseSettings(uri.getHost(), uri.getPort() < 0 ? 5432 : uri.getPort(), uri.getPath().substring(1), user,
                config.password().orElse(""), mode, rootCert);
    }

    /** As PostgreSQL writes it. */
    private static String nameOf(SslMode mode) {
        return mode.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Blocking connections without a pool, for the start only. */
    public DataSource blocking() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] { host });
        source.setPortNumbers(new int[] { port });
        source.setDatabaseName(name);
        source.setUser(user);
        source.setPassword(password);
        source.setSslMode(nameOf(sslMode));
        sslRootCert.ifPresent(file -> source.setSslRootCert(file.toString()));
        source.setApplicationName("latchkey-start");
        source.setConnectTimeout(CONNECT_TIMEOUT_SECONDS);
        source.setSocketTimeout(ANSWER_TIMEOUT_SECONDS);
        return source;
    }

    /** The same for the reactive client. */
    public PgConnectOptions reactive() {
        PgConnectOptions options = new PgConnectOptions().setHost(host).setPort(port).setDatabase(name).setUser(user)
                .setPassword(password).setSslMode(sslMode);
        switch (sslMode) {
            case VERIFY_CA -> options.setHostnameVerificationAlgorithm("");
            case VERIFY_FULL -> options.setHostnameVerificationAlgorithm("HTTPS");
            default -> options.setTrustAll(true);
        }
        sslRootCert.ifPresent(file -> options.setPemTrustOptions(new PemTrustOptions().addCertPath(file.toString())));
        options.addProperty("application_name", "latchkey");
        return options;
    }

    @Override
    public String toString() {
        return host + ":" + port + "/" + name;
    }
}
