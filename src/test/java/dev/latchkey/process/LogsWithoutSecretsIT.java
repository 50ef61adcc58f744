package dev.latchkey.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.TestDatabase;
import io.vertx.core.json.JsonObject;

/** Tokens, passwords and JWTs are in no log, at any level, nor in the metrics. */
class LogsWithoutSecretsIT {

    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final String PASSWORD = "a password for tests";
    private static final String TOKENS = "/v3/personal-access-tokens";

    @TempDir
    Path directory;

    /** By all roads, the wrong ones too; answers what was secret about it. */
    private static List<String> setPasswords(LatchkeyProcess service, String administrator) {
        JsonObject user = new JsonObject().put("email", "grace@example.com").put("password", "the first of her passwords");
        String path = "/v3/users/" + service.post("/v3/users", administrator, user).json().getString("id");
        service.post("/v3/users", administrator, user);
        service.post("/v3/users", administrator, user.copy().put("colour", "red"));
        service.patch(path + "/update-password", administrator,
                new JsonObject().put("newPassword", "the second of her passwords"));
        service.patch(path + "/update-password", administrator, new JsonObject().put("newPassword", "too short"));
        JsonObject link = service.post(path + "/reset-password-token", administrator, new JsonObject()).json();
        JsonObject reset = new JsonObject().put("token", link.getString("token")).put("newPassword",
                "the third of her passwords");
        service.post(path + "/reset-password", null, reset.copy().put("colour", "red"));
        assertThat(service.post(path + "/reset-password", null, reset).status()).isEqualTo(204);
        service.post(path + "/reset-password", null, reset);
        JsonObject invited = service.post("/v3/users", administrator, new JsonObject().put("email", "joan@example.com")).json();
        return List.of("the first of her passwords", "the second of her passwords", "the third of her passwords", "too short",
                link.getString("token"), invited.getJsonObject("invitation").getString("token"));
    }

    @Test
    void withTraceOnNoSecretIsLogged() {
        Map<String, String> environment = new HashMap<>();
        TestDatabase.create().configuration()
                .forEach((key, value) -> environment.put(key.toUpperCase().replace('.', '_'), value));
        environment
                .putAll(Map.of("LATCHKEY_SECRET", SECRET, "LATCHKEY_ADMIN_EMAIL", "ada@example.com", "LATCHKEY_ADMIN_PASSWORD",
                        PASSWORD, "QUARKUS_LOG_LEVEL", "TRACE", "QUARKUS_LOG_CONSOLE_LEVEL", "TRACE",
                        "LATCHKEY_OAUTH_AUDIENCES", "api"));
        List<String> secrets = new ArrayList<>(List.of(SECRET, PASSWORD, "wrong password typed"));
        try (LatchkeyProcess service = LatchkeyProcess.start(directory, environment).ready()) {
            JsonObject login = new JsonObject().put("email", "ada@example.com").put("password", PASSWORD);
            JsonObject session = service.post("/v3/accounts/login", null, login).json();
            String jwt = session.getString("accessToken");
            service.post("/v3/accounts/login", null, login.copy().put("password", "wrong password typed"));
            service.post("/v3/accounts/login", null, login.copy().put("password", "wrong password typed").put("colour", "red"));
            JsonObject refreshed = service.post("/v3/accounts/refresh", null,
                    new JsonObject().put("refreshToken", session.getString("refreshToken"))).json();
            String token = service.createToken(jwt, "a token");
            assertThat(service.get("/v3/me", token).status()).isEqualTo(200);
            String rotated = service.post(TOKENS + "/self/rotate", token, new JsonObject()).json().getString("token");
            service.get("/v3/me", token);
            service.get("/v3/me", rotated.substring(0, 39) + (rotated.endsWith("0") ? "1" : "0"));
            service.get("/v3/me", jwt.substring(0, jwt.length() - 2));
            service.get("/v3/me", jwt.substring(jwt.indexOf('.')));
            service.post(TOKENS, rotated, new JsonObject().put("name", "n").put("scopes", List.of("no:such")));
            secrets.addAll(List.of(jwt, jwt.substring(jwt.lastIndexOf('.') + 1), session.getString("refreshToken"),
                    refreshed.getString("accessToken"), refreshed.getString("refreshToken"), token, rotated,
                    jwt.substring(0, jwt.length() - 2), rotated.substring(0, 39), token.substring(9)));
            secrets.addAll(setPasswords(service, jwt));
            String exchange = "grant_type=urn:ietf:params:oauth:grant-type:token-exchange&audience=api&subject_token=" + rotated
                    + "&subject_token_type=urn:ietf:params:oauth:token-type:access_token";
            String exchanged = service.form("/oauth2/token", null, exchange).json().getString("access_token");
            service.form("/oauth2/token", null, exchange + "&scope=no:such");
            service.get("/v3/me", exchanged);
            Map<String, String> quiet = new HashMap<>(environment);
            quiet.keySet().removeAll(List.of("QUARKUS_LOG_LEVEL", "QUARKUS_LOG_CONSOLE_LEVEL"));
            String client = LatchkeyProcess.introspectionClient(directory, quiet);
            assertThat(service.form("/oauth2/introspect", client, "token=" + rotated).json().getBoolean("active")).isTrue();
            for (String body : List.of("token=" + exchanged, "token=" + rotated + "&token=x", "token=" + rotated + "&x=%zz")) {
                service.form("/oauth2/introspect", client, body);
                service.form("/oauth2/introspect", client.substring(0, client.length() - 4), body);
                service.form("/oauth2/introspect", "Bearer " + rotated, body);
            }
            service.post("/oauth2/revoke", null, new JsonObject().put("token", rotated));
            assertThat(service.form("/oauth2/revoke", null, "token=" + rotated).status()).isEqualTo(200);
            String clientPair = new String(Base64.getDecoder().decode(client.substring(6)), StandardCharsets.US_ASCII);
            secrets.addAll(List.of(exchanged, exchanged.substring(exchanged.lastIndexOf('.') + 1), client.substring(6),
                    clientPair.substring(clientPair.indexOf(':') + 1)));
            secrets.forEach(secret -> assertThat(service.managementAnswer("/q/metrics").body()).doesNotContain(secret));
            assertThat(service.output()).as("TRACE is on").contains("\"level\":\"TRACE\"");
            for (String secret : secrets) {
                assertThat(service.output().lines().filter(line -> line.contains(secret))
                        .map(line -> line.replaceAll(".*\"loggerName\":\"([^\"]+)\".*", "$1")).distinct())
                        .as(secret.substring(0, 6) + "…")
                        .isEmpty();
            }
        }
    }
}
