package dev.latchkey.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.awaitility.Awaitility;

import io.vertx.core.json.JsonObject;

/** The packaged program, jar or executable, as a process of its own: to be started, watched, and killed. */
public final class LatchkeyProcess implements AutoCloseable {

    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final HttpClient HTTP = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    private final Process process;
    private final Path output;
    private final int port;
    private final int managementPort;

    private final int gatewayPort;
    private final int proxyPort;

    private LatchkeyProcess(Process process, Path output, int[] ports) {
        this.process = process;
        this.output = output;
        this.port = ports[0];
        this.managementPort = ports[1];
        this.gatewayPort = ports[2];
        this.proxyPort = ports[3];
    }

    /** Whether the native executable is what is tested. */
    public static boolean isNative() {
        return Boolean.getBoolean("latchkey.native");
    }

    /**
     * Starts the program in a directory, with nothing of this process's environment but what every program needs.
     *
     * @param environment in whose values {@code {port}} stands for that of the API
     */
    public static LatchkeyProcess start(Path directory, Map<String, String> environment, String... arguments) {
        List<String> program = isNative() ? List.of(System.getProperty("native.image.path"))
                : List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-jar",
                        TARGET.resolve("quarkus-app/quarkus-run.jar").toString());
        return start(program, directory, environment, arguments);
    }

    /** The same, where the program is not simply started: within another that becomes it. */
    public static LatchkeyProcess start(List<String> program, Path directory, Map<String, String> environment,
            String... arguments) {
        try {
            int[] ports = freePorts(4);
            List<String> command = new ArrayList<>(program);
            command.addAll(Arrays.asList(arguments));
            Path output = Files.createTempFile(directory, "output", ".log");
            ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            Map<String, String> own = builder.environment();
            Map<String, String> kept = new HashMap<>(own);
            kept.keySet().retainAll(List.of("PATH", "HOME", "TMPDIR", "LANG", "USER"));
            own.clear();
            own.putAll(kept);
            own.put("QUARKUS_HTTP_PORT", Integer.toString(ports[0]));
            own.put("QUARKUS_MANAGEMENT_PORT", Integer.toString(ports[1]));
            own.put("LATCHKEY_GATEWAY_PORT", Integer.toString(ports[2]));
            own.put("LATCHKEY_PROXY_PORT", Integer.toString(ports[3]));
            environment.forEach((name, value) -> own.put(name, value.replace("{port}", Integer.toString(ports[0]))));
            return new LatchkeyProcess(builder.start(), output, ports);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Different ones: all are held until the last is known. */
    public static int[] freePorts(int count) throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0));
            }
            return sockets.stream().mapToInt(ServerSocket::getLocalPort).toArray();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }

    /** Starts a sidecar, which asks the server that listens on this port. */
    public static LatchkeyProcess startSidecar(Path directory, int internalPort, String credential,
            Map<String, String> more) {
        Map<String, String> environment = new HashMap<>(more);
        environment.put("LATCHKEY_ROLE", "sidecar");
        environment.put("LATCHKEY_SERVER_URL", "http://127.0.0.1:" + internalPort);
        environment.put("LATCHKEY_SERVER_CREDENTIAL", credential);
        return start(directory, environment);
    }

    /** Of the API. */
    public int port() {
        return port;
    }

    /** Of health and metrics. */
    public int managementPort() {
        return managementPort;
    }

    /** Of the doors, if there is a policy. */
    public int gatewayPort() {
        return gatewayPort;
    }

    /** Of the reverse proxy, if there is an upstream. */
    public int proxyPort() {
        return proxyPort;
    }

    /** Waits until the service says that it is ready. */
    public LatchkeyProcess ready() {
        Awaitility.await("ready").atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(100)).until(() -> {
            if (!process.isAlive()) {
                throw new AssertionError("the service ended with " + process.exitValue() + ":\n" + output());
            }
            return management("/q/health/ready") == 200;
        });
        return this;
    }

    /** Waits for the program to end; answers its exit code. */
    public int exitCode() {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError("the program does not end:\n" + output());
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    /** All that the program printed so far. */
    public String output() {
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void kill() {
        process.destroyForcibly();
        exitCode();
    }

    /** Stops it from running at all (SIGSTOP), until {@link #resume}. */
    public void suspend() {
        Signals.send("STOP", List.of(process.toHandle()));
    }

    public void resume() {
        Signals.send("CONT", List.of(process.toHandle()));
    }

    /** Asks it to stop (SIGTERM) and waits; answers its exit code. */
    public int stop() {
        process.destroy();
        return exitCode();
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            stop();
        }
    }

    /** An answer of the service; status 0 if it cannot be reached. */
    public record Answer(int status, String body, Map<String, List<String>> headers) {
        public JsonObject json() {
            return new JsonObject(body);
        }
    }

    public Answer get(String path, String credential) {
        return send(request(port, path).header("Authorization", "Bearer " + credential).GET());
    }

    public Answer get(String path) {
        return send(request(port, path).GET());
    }

    public Answer post(String path, String credential, JsonObject body) {
        HttpRequest.Builder request = request(port, path).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.encode()));
        return send(credential == null ? request : request.header("Authorization", "Bearer " + credential));
    }

    public Answer patch(String path, String credential, JsonObject body) {
        return send(request(port, path).header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + credential)
                .method("PATCH", HttpRequest.BodyPublishers.ofString(body.encode())));
    }

    /** A form with any Authorization header; null for none. */
    public Answer form(String path, String authorization, String form) {
        HttpRequest.Builder request = request(port, path).header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form));
        return send(authorization == null ? request : request.header("Authorization", authorization));
    }

    public Answer delete(String path, String credential) {
        return send(request(port, path).header("Authorization", "Bearer " + credential).DELETE());
    }

    public int management(String path) {
        return send(request(managementPort, path).GET()).status();
    }

    /** What a metric says now, summed over its tags; not a number if it says nothing. */
    public double metric(String name) {
        return managementAnswer("/q/metrics").body().lines()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .reduce(Double::sum).orElse(Double.NaN);
    }

    public Answer managementAnswer(String path) {
        return send(request(managementPort, path).GET());
    }

    private static HttpRequest.Builder request(int port, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).timeout(Duration.ofSeconds(20));
    }

    private static Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body(), response.headers().map());
        } catch (IOException e) {
            return new Answer(0, e.toString(), Map.of());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /**
     * What verification alone says of a token without the scope personalAccessToken:write: 200, or why not. Asks
     * for what needs that scope: an accepted token is told so, and nothing else is asked of the database.
     */
    public int judge(String token) {
        int status = delete("/v3/personal-access-tokens/00000000-0000-7000-8000-000000000000", token).status();
        return status == 403 ? 200 : status;
    }

    /** Signs in; answers the session's JWT. */
    public String signIn(String alias, String email, String password) {
        Answer answer = post("/v3/accounts/login", null,
                new JsonObject().put("accountAlias", alias).put("email", email).put("password", password));
        if (answer.status() != 200) {
            throw new AssertionError(answer + "\n" + output());
        }
        return answer.json().getString("accessToken");
    }

    /** Makes a client of kind introspection with the command line; answers what it sends as Authorization. */
    public static String introspectionClient(Path directory, Map<String, String> environment) {
        LatchkeyProcess command = start(directory, environment, "client", "create", "--kind", "introspection");
        if (command.exitCode() != 0) {
            throw new AssertionError(command.output());
        }
        String id = command.output().replaceAll("(?s).*id:\\s+(\\S+).*", "$1");
        String secret = command.output().replaceAll("(?s).*secret:\\s+(\\S+).*", "$1");
        return "Basic " + Base64.getEncoder().encodeToString((id + ":" + secret).getBytes(StandardCharsets.US_ASCII));
    }

    /** Makes a token; answers its text. */
    public String createToken(String session, String name) {
        return createToken(session, new JsonObject().put("name", name).put("scopes", List.of("license:read")));
    }

    /** Makes a token as the body describes it; answers its text. */
    public String createToken(String session, JsonObject body) {
        Answer answer = post("/v3/personal-access-tokens", session, body);
        if (answer.status() != 201) {
            throw new AssertionError(answer + "\n" + output());
        }
        return answer.json().getString("token");
    }
}
