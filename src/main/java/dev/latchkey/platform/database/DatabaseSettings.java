package dev.latchkey.platform.database;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

    private static final List<String> PARAMETERS = List.of("sslmode", "sslrootcert");
    /** Host (brackets around an IPv6 address), port, name, query. Not java.net.URI, which knows no host with an underscore. */
    private static final Pattern URL = Pattern
            .compile("postgres(?:ql)?://(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?/([^/?#@]+)(?:\\?([^#]*))?");
    private static final int DEFAULT_PORT = 5432;
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
        Matcher parts = URL.matcher(url);
        if (!parts.matches()) {
            throw new StartupException(KEY + " has not the expected form; " + FORM);
        }
        int port = parts.group(2) == null ? DEFAULT_PORT : Integer.parseInt(parts.group(2));
        if (port < 1 || port > 65_535) {
            throw new StartupException(KEY + ": port " + port + " is not allowed; allowed: 1 to 65535");
        }
        Map<String, String> parameters = parameters(parts.group(4));
        SslMode mode = SslMode.PREFER;
        if (parameters.containsKey("sslmode")) {
            String name = parameters.get("sslmode");
            mode = MODES.stream().filter(candidate -> nameOf(candidate).equals(name)).findFirst()
                    .orElseThrow(() -> new StartupException(KEY + ": sslmode '" + name + "' is not known; " + FORM));
        }
        Optional<Path> rootCert = Optional.ofNullable(parameters.get("sslrootcert")).map(DatabaseSettings::file);
        boolean verifies = mode == SslMode.VERIFY_CA || mode == SslMode.VERIFY_FULL;
        if (verifies && rootCert.isEmpty()) {
            throw new StartupException(KEY + ": sslmode=" + nameOf(mode) + " needs sslrootcert; " + FORM);
        }
        if (!verifies && rootCert.isPresent()) {
            throw new StartupException(KEY + ": sslrootcert is used with sslmode=verify-ca or verify-full only; " + FORM);
        }
        String user = config.user().orElseThrow(() -> new StartupException(
                "latchkey.database.user is missing: set LATCHKEY_DATABASE_USER to the database user"));
        return new DatabaseSettings(parts.group(1), port, decode(parts.group(3)), user,
                config.password().orElse(""), mode, rootCert);
    }

    private static Map<String, String> parameters(String query) {
        Map<String, String> parameters = new HashMap<>();
        for (String parameter : query == null || query.isEmpty() ? new String[0] : query.split("&", -1)) {
            int equals = parameter.indexOf('=');
            String name = equals < 0 ? parameter : parameter.substring(0, equals);
            String value = equals < 0 ? "" : decode(parameter.substring(equals + 1));
            if (!PARAMETERS.contains(name)) {
                throw new StartupException(KEY + ": parameter '" + name + "' is not known; " + FORM);
            }
            if (parameters.put(name, value) != null) {
                throw new StartupException(KEY + ": parameter '" + name + "' is given twice");
            }
        }
        return parameters;
    }

    /** Percent-encoding alone: a plus sign is itself (RFC 3986), other than in a form. */
    private static String decode(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new StartupException(KEY + ": '" + text + "' has a % that encodes nothing; " + FORM);
        }
    }

    private static Path file(String name) {
        try {
            Path file = Path.of(name);
            if (Files.isRegularFile(file) && Files.isReadable(file)) {
                return file;
            }
        } catch (InvalidPathException e) {
            throw new StartupException(KEY + ": sslrootcert is not the name of a file: " + e.getReason());
        }
        throw new StartupException(KEY + ": the file sslrootcert=" + name + " cannot be read");
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
        PgConnectOptions options = new PgConnectOptions().setHost(host.replaceAll("[\\[\\]]", "")).setPort(port)
                .setDatabase(name).setUser(user)
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
