package dev.latchkey.testing;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.latchkey.account.Account;
import dev.latchkey.account.Bootstrap;
import dev.latchkey.platform.SecretKeys;
import dev.latchkey.platform.database.Migrations;
import dev.latchkey.scope.ScopeCatalogue;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.restassured.RestAssured;

/** Gives the service under test a database with its first administrator, and the tests the way to that database. */
public final class RunningService implements QuarkusTestResourceLifecycleManager {

    public static final String SECRET = "a secret for tests alone, of more than 32 characters";
    public static final String ADMIN_EMAIL = "admin@example.com";
    public static final String ADMIN_PASSWORD = "correct horse battery staple";
    public static final String PUBLIC_URL = "http://latchkey.example";

    /** Whom tokens can be exchanged for a JWT for. */
    public static final String AUDIENCE = "https://api.example";
    public static final String OTHER_AUDIENCE = "reports";

    /** The operator's own scope. */
    public static final String EXTRA_SCOPE = "deployment:write";

    /** The default of quarkus.http.test-port. REST Assured learns of it too late for what is made before a test. */
    private static final int PORT = 8081;

    public static final int MANAGEMENT_PORT = 9001;

    private static TestDatabase database;

    public static TestDatabase database() {
        return database;
    }

    @Override
    public Map<String, String> start() {
        RestAssured.port = PORT;
        database = TestDatabase.create();
        prepare(database);
        Map<String, String> configuration = new HashMap<>(database.configuration());
        configuration.put("latchkey.secret", SECRET);
        configuration.put("latchkey.public-url", PUBLIC_URL);
        configuration.put("latchkey.oauth.audiences", AUDIENCE + ", " + OTHER_AUDIENCE);
        configuration.put("quarkus.management.port", Integer.toString(MANAGEMENT_PORT));
        configuration.put("latchkey.token.idle-check-interval", "1s");
        configuration.put("latchkey.token.leak-reports-per-minute", "40");
        configuration.put("latchkey.token.foreign.legacy.prefix", "old_");
        configuration.put("latchkey.token.foreign.legacy.alphabet", "hex");
        configuration.put("latchkey.token.foreign.legacy.length", "40");
        // All tests come from one address.
        configuration.put("latchkey.sign-in.attempts-per-address", "1000000");
        // Receivers of webhooks are in the tests themselves.
        configuration.put("latchkey.webhook.allow-http", "true");
        configuration.put("latchkey.webhook.allowed-networks", "127.0.0.1");
        configuration.put("latchkey.webhook.retry-after", "100ms");
        configuration.put("latchkey.webhook.timeout", "2s");
        configuration.put("latchkey.scopes.\"" + EXTRA_SCOPE + "\".description", "Start deployments.");
        return configuration;
    }

    /** What {@code Startup} does in the program, which a test inside the JVM does not run. */
    private static void prepare(TestDatabase database) {
        Migrations.run(database.settings());
        try (Connection connection = database.connect()) {
            Bootstrap bootstrap = new Bootstrap(connection);
            bootstrap.prepareSigningKeys(new SecretKeys(SECRET), Optional.empty());
            bootstrap.createAccount(Account.DEFAULT_ALIAS, "Default", ADMIN_EMAIL, ADMIN_PASSWORD, catalogue());
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public static ScopeCatalogue catalogue() {
        return new ScopeCatalogue(Map.of(EXTRA_SCOPE, () -> "Start deployments."));
    }

    @Override
    public void stop() {
        // The database goes with the JVM.
    }

    /** All scopes of the catalogue, the operator's included. */
    public static List<String> allScopes() {
        return List.copyOf(catalogue().names());
    }
}
