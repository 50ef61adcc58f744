package dev.latchkey;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

import org.jboss.logging.Logger;

import dev.latchkey.account.Account;
import dev.latchkey.account.Bootstrap;
import dev.latchkey.gateway.policy.PolicyException;
import dev.latchkey.gateway.policy.PolicySource;
import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.MemoryLimit;
import dev.latchkey.platform.SecretKeys;
import dev.latchkey.platform.Settings;
import dev.latchkey.platform.StartupException;
import dev.latchkey.platform.database.DatabaseSettings;
import dev.latchkey.platform.database.EmbeddedDatabase;
import dev.latchkey.platform.database.Migrations;
import dev.latchkey.scope.ScopeCatalogue;
import dev.latchkey.token.TokenFormat;
import dev.latchkey.webhook.StoredTokens;
import io.quarkus.runtime.ImageMode;

/**
 * Everything that is done before the service itself starts, in order: check the configuration, find or start the
 * database, bring its schema up to date, put in what the service needs. What went wrong is one {@link
 * StartupException} with the remedy.
 */
final class Startup implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Startup.class);
    private static final String DEFAULT_EMAIL = "admin@localhost";
    private static final long RETRY_MILLIS = 500;
    private static final long LEAST_MEMORY_NATIVE = 96L << 20;
    private static final long LEAST_MEMORY_JVM = 192L << 20;
    private static final List<String> TRACE_ENDPOINTS = List.of("quarkus.otel.exporter.otlp.endpoint",
            "quarkus.otel.exporter.otlp.traces.endpoint");

    private final LatchkeyConfig config;
    private final ScopeCatalogue catalogue;
    private final Map<String, String> properties = new LinkedHashMap<>();
    private EmbeddedDatabase embedded;

    private Startup(LatchkeyConfig config) {
        this.config = config;
        this.catalogue = new ScopeCatalogue(config.scopes());
        TokenFormat.of(config.token());
    }

    /** Prepares the service; afterwards the configuration says where everything is. */
    static Startup ofService() {
        Startup startup = new Startup(Settings.load());
        try {
            startup.checkMemory();
            startup.checkTemporaryDirectory();
            startup.decideOnTracing();
            startup.checkPolicy();
            if (startup.config.role() == LatchkeyConfig.Role.SIDECAR) {
                startup.withoutDatabase();
            } else if (startup.config.database().url().isPresent()) {
                startup.withDatabase(DatabaseSettings.of(startup.config.database()), true);
            } else {
                startup.withEmbeddedDatabase();
            }
            startup.properties.forEach(System::setProperty);
            return startup;
        } catch (RuntimeException e) {
            startup.close();
            throw e;
        }
    }

    /** Runs a command on the database of this configuration: beside a running service, or alone. */
    static int command(BiFunction<Bootstrap, ScopeCatalogue, Integer> work) {
        LatchkeyConfig config = Settings.load();
        if (config.role() == LatchkeyConfig.Role.SIDECAR) {
            throw new StartupException("a sidecar has no database: run this where LATCHKEY_ROLE is server");
        }
        try (Startup startup = new Startup(config)) {
            Optional<DatabaseSettings> running = config.database().url().isPresent() ? Optional.empty()
                    : EmbeddedDatabase.running(config.data().directory());
            DatabaseSettings database;
            if (config.database().url().isPresent()) {
                database = DatabaseSettings.of(config.database());
            } else if (running.isPresent()) {
                database = running.get();
            } else {
                database = startup.startEmbedded();
            }
            startup.await(database);
            if (config.database().migrate()) {
                Migrations.run(database);
            }
            try (Connection connection = database.blocking().getConnection()) {
                return work.apply(new Bootstrap(connection), startup.catalogue);
            } catch (SQLException e) {
                throw new StartupException("the database " + database + " does not answer: " + e.getMessage(), e);
            }
        }
    }

    /** The secret of this configuration: the operator's or, with the embedded database, the one kept beside it. */
    static SecretKeys secret() {
        LatchkeyConfig config = Settings.load();
        if (config.secret().isEmpty() && config.database().url().isPresent()) {
            throw new StartupException("LATCHKEY_SECRET is missing: set it to the one that the service runs with");
        }
        return new SecretKeys(config.secret().orElseGet(() -> EmbeddedDatabase.secret(config.data().directory())));
    }

    /** With less it would start, perhaps, and be killed without a word at the first load. */
    private void checkMemory() {
        long least = ImageMode.current() == ImageMode.NATIVE_RUN ? LEAST_MEMORY_NATIVE : LEAST_MEMORY_JVM;
        MemoryLimit.ofThisProcess().ifPresent(limit -> {
            if (limit < least) {
                throw new StartupException(
                        "this container or control group may use %d MiB of memory, and the service needs %d: raise the limit"
                                .formatted(limit >> 20, least >> 20));
            }
        });
    }

    /** Vert.x keeps there what it serves from the package. */
    private void checkTemporaryDirectory() {
        Path directory = Path.of(System.getProperty("java.io.tmpdir"));
        if (!Files.isDirectory(directory) || !Files.isWritable(directory)) {
            throw new StartupException(
                    "the directory for temporary files, " + directory + ", cannot be written: mount one there, or name"
                            + " another with -Djava.io.tmpdir=/dev/shm");
        }
    }

    /** Traces are sent when somebody says where to. */
    private void decideOnTracing() {
        if (TRACE_ENDPOINTS.stream().anyMatch(key -> Settings.value(key).isPresent())) {
            properties.put("quarkus.otel.sdk.disabled", "false");
        }
    }

    private void checkPolicy() {
        config.policy().ifPresent(name -> {
            try {
                new PolicySource(name, catalogue).read();
            } catch (PolicyException e) {
                throw new StartupException(e.getMessage());
            }
        });
    }

    private void withoutDatabase() {
        properties.put("quarkus.datasource.active", "false");
        properties.put("quarkus.hibernate-orm.active", "false");
        LOG.info("Sidecar: no database");
    }

    private void withEmbeddedDatabase() {
        DatabaseSettings database = startEmbedded();
        properties.put("latchkey.database.url", "postgresql://" + database);
        properties.put("latchkey.database.user", database.user());
        properties.put("latchkey.database.password", database.password());
        if (config.secret().isEmpty()) {
            properties.put("latchkey.secret", EmbeddedDatabase.secret(config.data().directory()));
        }
        // A service with generated secrets and a fresh password on the console is nobody else's business.
        setUnlessConfigured("quarkus.http.host", "127.0.0.1");
        setUnlessConfigured("quarkus.management.host", "127.0.0.1");
        setUnlessConfigured("latchkey.gateway.host", "127.0.0.1");
        setUnlessConfigured("latchkey.proxy.host", "127.0.0.1");
        setUnlessConfigured("latchkey.internal.host", "127.0.0.1");
        setUnlessConfigured("quarkus.log.console.json.enabled", "false");
        withDatabase(database, false);
    }

    private DatabaseSettings startEmbedded() {
        if (ImageMode.current() == ImageMode.NATIVE_RUN) {
            throw new StartupException(
                    "the native executable has no embedded database: set LATCHKEY_DATABASE_URL to a PostgreSQL of "
                            + "yours (postgresql://host:port/name), with LATCHKEY_DATABASE_USER and LATCHKEY_DATABASE_PASSWORD, or run the JVM "
                            + "package");
        }
        embedded = EmbeddedDatabase.start(config.data().directory());
        return embedded.settings();
    }

    private void withDatabase(DatabaseSettings database, boolean external) {
        List<String> missing = new ArrayList<>();
        Optional<String> secret = config.secret().or(() -> Optional.ofNullable(properties.get("latchkey.secret")));
        if (secret.isEmpty()) {
            missing.add("LATCHKEY_SECRET (32 characters or more, for example from: openssl rand -base64 32)");
        }
        await(database);
        try (Connection connection = database.blocking().getConnection()) {
            Bootstrap bootstrap = new Bootstrap(connection);
            boolean empty = bootstrap.isEmpty();
            if (empty && external) {
                if (config.admin().email().isEmpty()) {
                    missing.add("LATCHKEY_ADMIN_EMAIL (of the first administrator, because the database is empty)");
                }
                if (config.admin().password().isEmpty()) {
                    missing.add("LATCHKEY_ADMIN_PASSWORD (12 characters or more, because the database is empty)");
                }
            }
            if (!missing.isEmpty()) {
                throw new StartupException(
                        "with a database of your own these must be set:\n  - " + String.join("\n  - ", missing));
            }
            if (config.database().migrate()) {
                Migrations.run(database);
            }
            SecretKeys keys = new SecretKeys(secret.get());
            Optional<SecretKeys> previous = config.secretPrevious().map(SecretKeys::new);
            bootstrap.prepareSigningKeys(keys, previous);
            StoredTokens.reencrypt(connection, keys, previous);
            bootstrap.alignReservedRoles(catalogue);
            if (empty) {
                createAdministrator(bootstrap);
            }
        } catch (SQLException e) {
            throw new StartupException("the database " + database + " does not answer: " + e.getMessage(), e);
        }
    }

    private void createAdministrator(Bootstrap bootstrap) {
        String email = config.admin().email().orElse(DEFAULT_EMAIL);
        Optional<String> chosen = config.admin().password();
        String password = chosen.orElseGet(Startup::generatePassword);
        boolean made = bootstrap.createAccount(Account.DEFAULT_ALIAS, "Default", email, password, catalogue).isPresent();
        if (made && chosen.isEmpty()) {
            printBox(email, password);
        }
    }

    private static String generatePassword() {
        byte[] random = new byte[15];
        new SecureRandom().nextBytes(random);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    }

    /** On the console itself, not in the log: a log is kept and collected. */
    private static void printBox(String email, String password) {
        String line = "*".repeat(64);
        System.out.println();
        System.out.println(line);
        System.out.println("  The first administrator. This is shown once:");
        System.out.println();
        System.out.println("    e-mail:   " + email);
        System.out.println("    password: " + password);
        System.out.println();
        System.out.println(line);
        System.out.println();
        System.out.flush();
    }

    /** Waits for the database to answer: in a cluster it may start together with this process. */
    private void await(DatabaseSettings database) {
        long deadline = System.nanoTime() + config.database().startTimeout().toNanos();
        boolean told = false;
        while (true) {
            try (Connection connection = database.blocking().getConnection()) {
                return;
            } catch (SQLException e) {
                String state = e.getSQLState() == null ? "" : e.getSQLState();
                // 08: connection exception, 57P03: starting up, 53300: too many connections; all else does not get better by waiting.
                boolean temporary = state.startsWith("08") || state.equals("57P03") || state.equals("53300");
                if (!temporary || System.nanoTime() > deadline) {
                    throw new StartupException("the database " + database + " cannot be reached: " + e.getMessage()
                            + ". Check LATCHKEY_DATABASE_URL, LATCHKEY_DATABASE_USER and LATCHKEY_DATABASE_PASSWORD", e);
                }
                if (!told) {
                    LOG.warnf("The database %s does not answer yet (%s): waiting up to %s", database, e.getMessage(),
                            config.database().startTimeout());
                    told = true;
                }
            }
            try {
                Thread.sleep(RETRY_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StartupException("interrupted while waiting for the database", e);
            }
        }
    }

    private void setUnlessConfigured(String key, String value) {
        if (Settings.value(key).isEmpty()) {
            properties.put(key, value);
        }
    }

    /** Stops the embedded database, if there is one. */
    @Override
    public void close() {
        if (embedded != null) {
            embedded.close();
        }
    }
}
