package dev.latchkey.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.awaitility.Awaitility;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/** A PostgreSQL of one test alone, to be stopped, killed and suspended. Durable, as one in production is. */
public final class FragileDatabase implements AutoCloseable {

    private final Path directory;
    private EmbeddedPostgres postgres;
    private final int port;

    public FragileDatabase() {
        try {
            this.directory = Files.createTempDirectory("latchkey-fragile-postgres");
            this.postgres = start(0);
            this.port = postgres.getPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private EmbeddedPostgres start(int wantedPort) throws IOException {
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder().setDataDirectory(directory).setCleanDataDirectory(false)
                .setServerConfig("fsync", "on").setServerConfig("synchronous_commit", "on");
        if (wantedPort != 0) {
            builder.setPort(wantedPort);
        }
        return builder.start();
    }

    public Map<String, String> environment() {
        return TestDatabase.environment(port, "postgres");
    }

    /** Stops and starts it in the ordinary way. */
    public void restart() {
        again(() -> {
        });
    }

    /** Kills all of its processes (SIGKILL) and starts it anew. */
    public void killAndStart() {
        again(() -> {
            List<ProcessHandle> all = processes();
            Signals.send("KILL", all);
            Awaitility.await().until(() -> all.stream().noneMatch(ProcessHandle::isAlive));
        });
    }

    private void again(Runnable before) {
        try {
            before.run();
            postgres.close();
            postgres = start(port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Keeps all of its processes from running (SIGSTOP), until {@link #resume}. */
    public void suspend() {
        Signals.send("STOP", processes());
    }

    public void resume() {
        Signals.send("CONT", processes());
    }

    private List<ProcessHandle> processes() {
        try {
            long pid = Long.parseLong(Files.readAllLines(directory.resolve("postmaster.pid")).get(0).strip());
            ProcessHandle postmaster = ProcessHandle.of(pid).orElseThrow();
            List<ProcessHandle> all = new ArrayList<>(List.of(postmaster));
            postmaster.descendants().forEach(all::add);
            return all;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Demands a synchronous standby that does not exist, as on a primary that was cut off from it; or no longer. */
    public void loseStandby(boolean lost) {
        // Not a transaction that waits for the standby: ALTER SYSTEM writes a file.
        execute("ALTER SYSTEM SET synchronous_standby_names = '" + (lost ? "gone" : "") + "'");
        execute("SELECT pg_reload_conf()");
    }

    /** From now on, sessions that do not insist on it wait neither for the disk nor for a standby. */
    public void defaultToAsynchronousCommits() {
        execute("ALTER ROLE postgres SET synchronous_commit = off");
        execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'latchkey%'");
    }

    public void execute(String sql) {
        try (Connection connection = connect(); Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public long count(String sql) {
        try (Connection connection = connect(); ResultSet rows = connection.createStatement().executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private Connection connect() throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres?socketTimeout=20", "postgres",
                "");
    }

    @Override
    public void close() {
        try {
            postgres.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
