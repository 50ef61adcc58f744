package dev.latchkey.platform.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.jboss.logging.Logger;

import dev.latchkey.platform.StartupException;
import io.vertx.pgclient.SslMode;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/**
 * The PostgreSQL that the service brings along for a first run: a real one, a child process on a free port of 127.0.0.1,
 * its data kept across restarts and written durably.
 * <p>
 * The directory, which only its owner may enter, holds {@code postgres/} (the cluster), {@code binaries/},
 * {@code postgres-password} (of the superuser {@code postgres} and of the service's own user {@code latchkey}),
 * {@code secret} and {@code lock}. Whoever runs the service holds the lock on the latter; the kernel releases it when the
 * process dies, however it dies. A PostgreSQL that survived its service is therefore known by a running postmaster while
 * the lock is free, and is stopped before a new one is started.
 */
public final class EmbeddedDatabase implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(EmbeddedDatabase.class);
    private static final String NAME = "latchkey";
    private static final String USER = "latchkey";
    private static final Duration START_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);

    private final Path directory;
    private final FileChannel lockChannel;
    private EmbeddedPostgres postgres;
    private String password;

    private EmbeddedDatabase(Path directory, FileChannel lockChannel) {
        this.directory = directory;
        this.lockChannel = lockChannel;
    }

    /**
     * Starts PostgreSQL on the data in a directory, which is made if it does not exist.
     *
     * @throws StartupException if another process works on this directory, or PostgreSQL does not start
     */
    public static EmbeddedDatabase start(Path directory) {
        Path absolute = directory.toAbsolutePath().normalize();
        EmbeddedDatabase database;
        try {
            createPrivately(absolute);
            database = new EmbeddedDatabase(absolute, lock(absolute));
        } catch (IOException e) {
            throw new StartupException("the data directory " + absolute + " (latchkey.data.directory) cannot be used: " + e, e);
        }
        try {
            database.startPostgres();
            return database;
        } catch (IOException | SQLException | RuntimeException e) {
            database.close();
            if (e instanceof StartupException known) {
                throw known;
            }
            throw new StartupException("the embedded PostgreSQL in " + absolute + " does not start: " + e.getMessage()
                    + ". Its messages are in " + absolute.resolve("postgres.log"), e);
        }
    }

    /**
     * The database of a service that is running on this directory now, if one is: for commands beside a running service.
     */
    public static Optional<DatabaseSettings> running(Path directory) {
        Path absolute = directory.toAbsolutePath().normalize();
        try {
            Optional<Postmaster> postmaster = Postmaster.in(absolute.resolve("postgres"));
            if (postmaster.isEmpty() || holder(absolute).isEmpty()) {
                return Optional.empty();
            }
            String password = Files.readString(absolute.resolve("postgres-password")).strip();
            return Optional.of(settings(postmaster.get().port(), password));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public DatabaseSettings settings() {
        return settings(postgres.getPort(), password);
    }

    private static DatabaseSettings settings(int port, String password) {
        return new DatabaseSettings("127.0.0.1", port, NAME, USER, password, SslMode.DISABLE, Optional.empty());
    }

    /** The secret kept beside the data, made at the first start. */
    public static String secret(Path directory) {
        try {
            return keptRandom(directory.toAbsolutePath().normalize().resolve("secret"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void startPostgres() throws IOException, SQLException {
        Path cluster = directory.resolve("postgres");
        Optional<Postmaster> orphan = Postmaster.in(cluster);
        if (orphan.isPresent()) {
            LOG.infof("Stopping the PostgreSQL (process %d) that an earlier, killed service left behind", orphan.get().pid());
            orphan.get().stop(STOP_TIMEOUT);
        }
        // There from before initdb until the set-up is complete: what a first start left behind that was killed in between.
        Path unfinished = directory.resolve("unfinished");
        if (Files.exists(unfinished) && Files.exists(cluster)) {
            deleteRecursively(cluster);
        }
        boolean fresh = !Files.exists(cluster.resolve("PG_VERSION"));
        if (fresh) {
            Files.writeString(unfinished, "");
        }
        password = keptRandom(directory.resolve("postgres-password"));
        long start = System.nanoTime();
        EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                .setOverrideWorkingDirectory(directory.resolve("binaries").toFile())
                .setDataDirectory(cluster)
                .setCleanDataDirectory(false)
                .setRegisterShutdownHook(false)
                .setPGStartupWait(START_TIMEOUT)
                .setConnectConfig("password", password)
                .setOutputRedirector(ProcessBuilder.Redirect.appendTo(directory.resolve("postgres.log").toFile()))
                .setErrorRedirector(ProcessBuilder.Redirect.appendTo(directory.resolve("postgres.log").toFile()))
                // The library switches durability off, as tests want it; a service that keeps data must have it.
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on")
                .setServerConfig("listen_addresses", "127.0.0.1")
                .setServerConfig("unix_socket_directories", "''")
                .setServerConfig("password_encryption", "scram-sha-256")
                .setServerConfig("max_connections", "100");
        postgres = builder.start();
        if (fresh) {
            setUp(cluster);
            Files.delete(unfinished);
        }
        LOG.infof("Embedded PostgreSQL on 127.0.0.1:%d, data in %s, ready in %d ms", postgres.getPort(), directory,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    }

    /** The library's initdb lets everybody in who reaches the port: set passwords, then demand them. */
    private void setUp(Path cluster) throws IOException, SQLException {
        try (Connection connection = postgres.getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("ALTER ROLE postgres PASSWORD '" + password + "'");
            statement.execute("CREATE ROLE " + USER + " LOGIN PASSWORD '" + password + "'");
            statement.execute("CREATE DATABASE " + NAME + " OWNER " + USER);
            Files.writeString(cluster.resolve("pg_hba.conf"), "host all all 127.0.0.1/32 scram-sha-256\n");
            statement.execute("SELECT pg_reload_conf()");
        }
    }

    /** For the owner alone: the library unpacks programs where everybody may write, and then runs them. */
    private static void createPrivately(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory.getParent());
            Files.createDirectory(directory,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
    }

    private static FileChannel lock(Path directory) throws IOException {
        FileChannel channel = FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            String holder = Files.readString(directory.resolve("lock")).strip();
            channel.close();
            throw new StartupException("the data directory " + directory + " is in use by process " + holder
                    + ": stop that process, or give this one a directory of its own (LATCHKEY_DATA_DIRECTORY)");
        }
        channel.truncate(0);
        channel.write(StandardCharsets.US_ASCII.encode(Long.toString(ProcessHandle.current().pid())));
        channel.force(true);
        return channel;
    }

    private static Optional<String> holder(Path directory) throws IOException {
        Path file = directory.resolve("lock");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE); FileLock lock = channel.tryLock()) {
            return lock == null ? Optional.of(Files.readString(file).strip()) : Optional.empty();
        } catch (OverlappingFileLockException e) {
            return Optional.of(Files.readString(file).strip());
        }
    }

    /** 256 random bits in a file that only the owner may read. */
    private static String keptRandom(Path file) throws IOException {
        if (!Files.exists(file)) {
            byte[] bytes = new byte[32];
            new SecureRandom().nextBytes(bytes);
            Path draft = Files.createTempFile(file.getParent(), file.getFileName().toString(), ".tmp",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(draft, Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
            try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(draft, file);
        }
        return Files.readString(file).strip();
    }

    private static void deleteRecursively(Path path) throws IOException {
        try (var paths = Files.walk(path)) {
            for (Path each : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        }
    }

    @Override
    public void close() {
        try {
            if (postgres != null) {
                postgres.close();
                LOG.info("Embedded PostgreSQL stopped");
            }
            lockChannel.close();
        } catch (IOException e) {
            LOG.warn("the embedded PostgreSQL did not stop cleanly", e);
        }
    }

    /** A running PostgreSQL, as its {@code postmaster.pid} tells (lines 1 and 4: process id and port). */
    private record Postmaster(long pid, int port) {

        static Optional<Postmaster> in(Path cluster) throws IOException {
            Path file = cluster.resolve("postmaster.pid");
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            List<String> lines = Files.readAllLines(file);
            if (lines.size() < 4) {
                return Optional.empty();
            }
            Postmaster postmaster = new Postmaster(Long.parseLong(lines.get(0).strip()),
                    Integer.parseInt(lines.get(3).strip()));
            // The number may belong to another program by now.
            return ProcessHandle.of(postmaster.pid).filter(ProcessHandle::isAlive)
                    .filter(handle -> handle.info().arguments()
                            .map(arguments -> Arrays.asList(arguments).contains(cluster.toString()))
                            .orElse(true))
                    .map(handle -> postmaster);
        }

        /** Asks for a fast shutdown (SIGINT: sessions are ended, the data are written), then insists. */
        void stop(Duration timeout) throws IOException {
            ProcessHandle handle = ProcessHandle.of(pid).orElse(null);
            if (handle == null) {
                return;
            }
            new ProcessBuilder("kill", "-INT", Long.toString(pid)).inheritIO().start();
            try {
                handle.onExit().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                LOG.warnf("PostgreSQL (process %d) did not stop within %s and is killed; it recovers at its next start", pid,
                        timeout);
                handle.destroyForcibly();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while stopping PostgreSQL", e);
            } catch (ExecutionException e) {
                throw new IOException("waiting for PostgreSQL to stop", e);
            }
        }
    }
}
