package dev.latchkey.platform.database;

import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.resource.LoadableResource;

import dev.latchkey.platform.StartupException;
import io.quarkus.runtime.annotations.RegisterForReflection;

/**
 * The schema, version by version. Flyway holds a lock in the database while it works, so several replicas may start
 * at once.
 * <p>
 * The scripts are named here instead of found by scanning, which a native executable cannot do.
 */
@RegisterForReflection(classNames = "org.flywaydb.core.internal.logging.slf4j.Slf4jLogCreator")
public final class Migrations {

    static final String DIRECTORY = "db/migration/";
    static final List<String> SCRIPTS = List.of("V1__foundation.sql", "V2__change_feed.sql",
            "V3__changes_by_account.sql", "V4__lists_and_analytics.sql", "V5__people_and_tags.sql",
            "V6__accounts_and_two_factor.sql", "V7__webhooks.sql", "V8__rate_limits.sql", "V9__event_log_by_month.sql");

    private Migrations() {
    }

    /**
     * Brings the schema up to date.
     *
     * @throws StartupException if a script fails, one that was run before has changed since, or the schema is of a newer
     *         program
     */
    public static void run(DatabaseSettings database) {
        try {
            Flyway flyway = Flyway.configure(Migrations.class.getClassLoader())
                    .dataSource(database.blocking())
                    .resourceProvider(new Scripts())
                    .javaMigrationClassProvider(List::of)
                    .loggers("slf4j")
                    .connectRetries(0)
                    .load();
            refuseNewer(database, flyway);
            flyway.migrate();
        } catch (FlywayException e) {
            throw new StartupException(
                    "the schema of the database " + database + " cannot be brought up to date: " + e.getMessage(),
                    e);
        }
    }

    /** What a newer program wrote, this one would not understand, or would undo. */
    private static void refuseNewer(DatabaseSettings database, Flyway flyway) {
        MigrationInfo current = flyway.info().current();
        if (current != null && current.getState() == MigrationState.FUTURE_SUCCESS) {
            throw new StartupException("the schema of the database " + database + " is version " + current.getVersion()
                    + ", and this program knows version " + SCRIPTS.size()
                    + ": start the newer program, or restore the backup from before"
                    + " the upgrade");
        }
    }

    private static final class Scripts implements ResourceProvider {

        @Override
        public LoadableResource getResource(String name) {
            return SCRIPTS.contains(name) ? new Script(name) : null;
        }

        @Override
        public Collection<LoadableResource> getResources(String prefix, String... suffixes) {
            return SCRIPTS.stream()
                    .filter(name -> name.startsWith(prefix) && Arrays.stream(suffixes).anyMatch(name::endsWith))
                    .<LoadableResource> map(Script::new)
                    .toList();
        }
    }

    private static final class Script extends LoadableResource {

        private final String name;

        Script(String name) {
            this.name = name;
        }

        @Override
        public Reader read() {
            InputStream stream = Migrations.class.getClassLoader().getResourceAsStream(DIRECTORY + name);
            if (stream == null) {
                throw new IllegalStateException("the migration " + name + " is not in the package");
            }
            return new InputStreamReader(stream, StandardCharsets.UTF_8);
        }

        @Override
        public String getAbsolutePath() {
            return DIRECTORY + name;
        }

        @Override
        public String getAbsolutePathOnDisk() {
            return getAbsolutePath();
        }

        @Override
        public String getFilename() {
            return name;
        }

        @Override
        public String getRelativePath() {
            return name;
        }
    }
}
