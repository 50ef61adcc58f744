package dev.latchkey.testing;

import static io.restassured.RestAssured.given;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;

import dev.latchkey.account.Bootstrap;
import dev.latchkey.account.Passwords;
import dev.latchkey.platform.Ids;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;

/** Somebody with an account, a role and a session, made for one test. */
public final class Person {

    public static final String PASSWORD = "a password for tests";
    public static final String TOKENS = "/v3/personal-access-tokens";

    /** Hashing takes long: once for all. */
    private static final String PASSWORD_HASH = Passwords.hash(PASSWORD);
    private static final AtomicInteger NUMBER = new AtomicInteger();

    public final UUID accountId;
    public final UUID id;
    public final UUID roleId;
    public final String alias;
    public final String email;
    public final String session;
    public final String refreshToken;

    /** Who may change this person; null: nobody. */
    private final Person superior;

    private Person(Person superior, UUID accountId, String alias, UUID id, UUID roleId, String email) {
        this.superior = superior;
        this.accountId = accountId;
        this.alias = alias;
        this.id = id;
        this.roleId = roleId;
        this.email = email;
        Response signedIn = signIn(alias, email, PASSWORD);
        signedIn.then().statusCode(200);
        this.session = signedIn.path("accessToken");
        this.refreshToken = signedIn.path("refreshToken");
    }

    /** A super-admin of a new account. */
    public static Person superAdmin() {
        String alias = "account-" + NUMBER.incrementAndGet() + "-" + Long.toString(System.nanoTime(), 36);
        String email = "owner@" + alias + ".example";
        TestDatabase database = RunningService.database();
        try (Connection connection = database.connect()) {
            UUID account = new Bootstrap(connection)
                    .createAccount(alias, "Company", email, PASSWORD, RunningService.catalogue())
                    .orElseThrow();
            UUID id = database.value("SELECT id FROM app_user WHERE account_id = ?", account);
            UUID role = database.value("SELECT role_id FROM app_user WHERE id = ?", id);
            return new Person(null, account, alias, id, role, email);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A colleague in the same account, with a role of exactly these scopes. */
    public Person colleague(String... scopes) {
        UUID role = Ids.next();
        RunningService.database().execute(
                "INSERT INTO role (id, account_id, name, scopes, created_at, updated_at) VALUES (?, ?, ?, ?, now(), now())",
                role,
                accountId, "role-" + role, scopes);
        return with(role);
    }

    /** A colleague with a reserved role. */
    public Person colleagueWithRole(String name) {
        return with(RunningService.database().value("SELECT id FROM role WHERE account_id = ? AND name = ?", accountId, name));
    }

    private Person with(UUID role) {
        UUID user = Ids.next();
        String mail = "user-" + NUMBER.incrementAndGet() + "@" + alias + ".example";
        RunningService.database().execute("INSERT INTO app_user (id, account_id, role_id, email, password_hash, created_at, "
                + "updated_at) VALUES (?, ?, ?, ?, ?, now(), now())", user, accountId, role, mail, PASSWORD_HASH);
        return new Person(this, accountId, alias, user, role, mail);
    }

    /** What is changed through the service holds when it answers; by hand, a moment later. */
    public void shrinkRoleTo(String... scopes) {
        superior.asks().body(Map.of("claims", scopes)).patch("/v3/roles/" + roleId).then().statusCode(200);
    }

    public void disable() {
        RunningService.database().execute("UPDATE app_user SET disabled_at = now() WHERE id = ?", id);
    }

    public static Response signIn(String alias, String email, String password) {
        return given().contentType(ContentType.JSON)
                .body(Map.of("accountAlias", alias, "email", email, "password", password)).post("/v3/accounts/login");
    }

    /** A JSON request with this person's session. */
    public RequestSpecification asks() {
        return asking(session);
    }

    /** A JSON request with any bearer credential. */
    public static RequestSpecification asking(String credential) {
        return given().header("Authorization", "Bearer " + credential).contentType(ContentType.JSON);
    }

    /** A new token of this person's. */
    public Token token(String... scopes) {
        return create(session, scopes, Map.of());
    }

    public Token token(Map<String, ?> more, String... scopes) {
        return create(session, scopes, more);
    }

    /** A machine of this person's account that may introspect tokens, or act as a sidecar. */
    public Machine machine(String kind) {
        try (Connection connection = RunningService.database().connect()) {
            Bootstrap.ClientCredentials made = new Bootstrap(connection).createClient(alias, kind, "a machine").orElseThrow();
            return new Machine(made.id(), made.secret());
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A client as its operator knows it. */
    public record Machine(UUID id, String secret) {

        /** A form with its id and secret. */
        public RequestSpecification asks() {
            return given().auth().preemptive().basic(id.toString(), secret).contentType(ContentType.URLENC);
        }

        /** What it is told about a token. */
        public Response introspect(String token) {
            return asks().formParam("token", token).post("/oauth2/introspect");
        }
    }

    /** A new token, made with any credential. */
    public static Token create(String credential, String[] scopes, Map<String, ?> more) {
        Map<String, Object> body = new HashMap<>(Map.of("name", "a token", "scopes", Arrays.asList(scopes)));
        body.putAll(more);
        Response created = asking(credential).body(body).post(TOKENS);
        created.then().statusCode(201);
        return new Token(created.path("id"), created.path("token"));
    }

    /** A token as its owner knows it. */
    public record Token(String id, String secret) {

        public RequestSpecification asks() {
            return asking(secret);
        }

        /** What the service says about it now: 200, or why not. */
        public int status() {
            return asks().get("/v3/me").statusCode();
        }

        public String path() {
            return TOKENS + "/" + id;
        }

        public List<String> effectiveScopes() {
            return asks().get("/v3/me").path("scopes");
        }
    }
}
