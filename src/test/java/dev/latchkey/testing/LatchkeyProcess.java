package dev.latchkey.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
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

    private LatchkeyProcess(Process process, Path output, int port, int managementPort) {
        this.process = process;
        this.output = output;
        this.port = port;
        this.managementPort = managementPort;
    }

    /** Whether the native executable is what is tested. */
    public static boolean isNative() {
        return Boolean.getBoolean("latchkey.native");
    }

    /** Starts the program in a directory, with nothing of this process's environment but what every program needs. */
    public static LatchkeyProcess start(Path directory, Map<String, String> environment, String... arguments) {
        try {
            int port = freePort();
            int managementPort = freePort();
            List<String> command = new ArrayList<>();
            if (isNative()) {
                command.add(System.getProperty("native.image.path"));
            } else {
                command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
                command.addAll(List.of("-jar", TARGET.resolve("quarkus-app/quarkus-run.jar").toString()));
            }
            command.addAll(Arrays.asList(arguments));
            Path output = Files.createTempFile(directory, "output", ".log");
            ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            Map<String, String> own = builder.environment();
            Map<String, String> kept = new HashMap<>(own);
            kept.keySet().retainAll(List.of("PATH", "HOME", "TMPDIR", "LANG", "USER"));
            own.clear();
            own.putAll(kept);
            own.put("QUARKUS_HTTP_PORT", Integer.toString(port));
            own.put("QUARKUS_MANAGEMENT_PORT", Integer.toString(managementPort));
            own.putAll(environment);
            return new LatchkeyProcess(builder.start(), output, port, managementPort);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
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

    /** Asks it to stop (SIGTERM) and waits. */
    public void stop() {
        process.destroy();
        exitCode();
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

    /** Makes a token; answers its text. */
    public String createToken(String session, String name) {
        Answer answer = post("/v3/personal-access-tokens", session,
                new JsonObject().put("name", name).put("scopes", List.of("license:read")));
        if (answer.status() != 201) {
            throw new AssertionError(answer + "\n" + output());
        }
        return answer.json().getString("token");
    }
}
