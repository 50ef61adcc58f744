package dev.latchkey.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

import dev.latchkey.platform.Ids;
import dev.latchkey.platform.database.DatabaseSettings;
import io.vertx.pgclient.SslMode;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/** The one PostgreSQL of a test run: real, on a free port, started once for each JVM, its data thrown away. */
public final class TestDatabase {

    private static final EmbeddedPostgres POSTGRES = start();
    private static final AtomicInteger DATABASES = new AtomicInteger();

    private final String name;

    private TestDatabase(String name) {
        this.name = name;
    }

    private static EmbeddedPostgres start() {
        try {
            Path directory = Files.createTempDirectory("latchkey-test-postgres");
            return EmbeddedPostgres.builder()
                    .setDataDirectory(directory)
                    .setCleanDataDirectory(true)
                    .setServerConfig("max_connections", "300")
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A new, empty database. */
    public static TestDatabase create() {
        String name = "test_" + DATABASES.incrementAndGet();
        try (Connection connection = DriverManager.getConnection(url("postgres"), "postgres", "");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return new TestDatabase(name);
    }

    private static String url(String name) {
        return "jdbc:postgresql://127.0.0.1:" + POSTGRES.getPort() + "/" + name;
    }

    /** What the program needs to use this database, and a first administrator in it: as environment variables. */
    public Map<String, String> environment() {
        return environment(port());
    }

    /** The same by way of another port, of a {@link DatabaseProxy}. */
    public Map<String, String> environment(int port) {
        return environment(port, name);
    }

    static Map<String, String> environment(int port, String database) {
        return Map.of("LATCHKEY_DATABASE_URL", "postgresql://127.0.0.1:" + port + "/" + database + "?sslmode=disable",
                "LATCHKEY_DATABASE_USER", "postgres", "LATCHKEY_DATABASE_PASSWORD", "none",
                "LATCHKEY_SECRET", RunningService.SECRET, "LATCHKEY_ADMIN_EMAIL", RunningService.ADMIN_EMAIL,
                "LATCHKEY_ADMIN_PASSWORD", RunningService.ADMIN_PASSWORD);
    }

    /** What a service needs to use this database. */
    public Map<String, String> configuration() {
        return Map.of("latchkey.database.url", "postgresql://127.0.0.1:" + POSTGRES.getPort() + "/" + name,
                "latchkey.database.user", "postgres",
                "latchkey.database.password", "none");
    }

    public DatabaseSettings settings() {
        return new DatabaseSettings("127.0.0.1", POSTGRES.getPort(), name, "postgres", "none", SslMode.DISABLE,
                Optional.empty());
    }

    public int port() {
        return POSTGRES.getPort();
    }

    public Connection connect() throws SQLException {
        return DriverManager.getConnection(url(name), "postgres", "none");
    }

    /** Runs SQL with parameters; answers how many rows it changed. */
    public int execute(String sql, Object... parameters) {
        try (Connection connection = connect(); PreparedStatement statement = prepare(connection, sql, parameters)) {
            statement.execute();
            return statement.getUpdateCount();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The first column of the first row; null if there is no row. */
    @SuppressWarnings("unchecked")
    public <T> T value(String sql, Object... parameters) {
        try (Connection connection = connect();
                PreparedStatement statement = prepare(connection, sql, parameters);
                ResultSet rows = statement.executeQuery()) {
            return rows.next() ? (T) rows.getObject(1) : null;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Makes a client of the first account's for sidecars; answers {@code id:secret}. */
    public String createSidecarClient() {
        UUID id = Ids.next();
        String secret = "a secret of a sidecar in tests";
        execute("INSERT INTO client (id, account_id, kind, name, secret_digest, created_at) "
                + "SELECT ?, id, 'sidecar', '', sha256(?::bytea), now() FROM account ORDER BY id LIMIT 1", id, secret);
        return id + ":" + secret;
    }

    private static PreparedStatement prepare(Connection connection, String sql, Object... parameters) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < parameters.length; i++) {
            Object value = parameters[i] instanceof String[] strings ? connection.createArrayOf("text", strings)
                    : parameters[i];
            statement.setObject(i + 1, value);
        }
        return statement;
    }
}
