package dev.latchkey.process;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

import com.microsoft.playwright.options.ColorScheme;

import dev.latchkey.account.Passwords;
import dev.latchkey.platform.Ids;
import dev.latchkey.testing.Chromium;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.RunningService;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.Visit;
import io.vertx.core.json.JsonObject;

/** The portal of the packaged service in the system's browser, with an account of its own for each class. */
abstract class PortalInChromium {

    static final String PASSWORD = RunningService.ADMIN_PASSWORD;
    static final String EMAIL = RunningService.ADMIN_EMAIL;
    static final String TOKENS = "/v3/personal-access-tokens";

    @TempDir
    static Path directory;

    static TestDatabase database;
    static LatchkeyProcess latchkey;
    static Chromium chromium;
    static String session;
    private static String passwordHash;

    @BeforeAll
    static void start() {
        Assumptions.assumeTrue(Chromium.isInstalled(), "Chromium is not installed");
        database = TestDatabase.create();
        Map<String, String> environment = new HashMap<>(database.environment());
        environment.put("LATCHKEY_PUBLIC_URL", "http://localhost:{port}");
        environment.put("LATCHKEY_POLICY", "cryptlex-v3");
        // Everybody comes from one address.
        environment.put("LATCHKEY_SIGN_IN_ATTEMPTS_PER_ADDRESS", "100000");
        latchkey = LatchkeyProcess.start(directory, environment);
        chromium = new Chromium();
        latchkey.ready();
        session = latchkey.signIn("default", EMAIL, PASSWORD);
        passwordHash = Passwords.hash(PASSWORD);
    }

    @AfterAll
    static void stop() {
        if (chromium != null) {
            chromium.close();
        }
        if (latchkey != null) {
            latchkey.close();
        }
    }

    static String address() {
        return "http://localhost:" + latchkey.port();
    }

    static Visit visit() {
        return chromium.visit(address());
    }

    /** The administrator's visit, signed in, on a page. */
    static Visit admin(String path) {
        return signedIn(visit(), EMAIL, path);
    }

    static Visit admin(String path, int width, ColorScheme theme) {
        return signedIn(chromium.visit(address(), width, theme), EMAIL, path);
    }

    static Visit signedIn(Visit visit, String email, String path) {
        return visit.go("/sign-in?from=" + path).signIn(email, PASSWORD);
    }

    /** Somebody else in the account, with a role of these scopes; answers the e-mail address. */
    static String colleague(String name, String... scopes) {
        UUID account = database.value("SELECT id FROM account");
        UUID role = Ids.next();
        String email = name + "@example.com";
        database.execute(
                "INSERT INTO role (id, account_id, name, scopes, created_at, updated_at) VALUES (?, ?, ?, ?, now(), now())",
                role, account, "role of " + name, scopes);
        database.execute("INSERT INTO app_user (id, account_id, role_id, email, password_hash, created_at, updated_at) "
                + "VALUES (?, ?, ?, ?, ?, now(), now())", Ids.next(), account, role, email, passwordHash);
        return email;
    }

    /** A token of the administrator's. */
    static String token(String name, String... scopes) {
        return latchkey.createToken(session, new JsonObject().put("name", name).put("scopes", List.of(scopes)));
    }

    static String idOf(String name) {
        return database
                .<UUID> value("SELECT id FROM personal_access_token WHERE name = ? ORDER BY created_at DESC LIMIT 1", name)
                .toString();
    }
}
