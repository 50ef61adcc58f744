package dev.latchkey.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.awaitility.Awaitility;

/** A real proxy in front of an API, with the very configuration that is in {@code docker/}, but for the addresses. */
public final class FrontProxy implements AutoCloseable {

    private final Process process;
    private final Path directory;
    private final int port;

    private FrontProxy(Process process, Path directory, int port) {
        this.process = process;
        this.directory = directory;
        this.port = port;
    }

    /** Whether the program is installed. */
    public static boolean isInstalled(String program) {
        return find(program) != null;
    }

    private static Path find(String program) {
        return Stream.of("/usr/sbin", "/usr/bin", "/usr/local/bin").map(bin -> Path.of(bin, program))
                .filter(Files::isExecutable)
                .findFirst().orElse(null);
    }

    /** nginx with {@code docker/nginx/nginx.conf}. */
    public static FrontProxy nginx(int latchkey, int api, String... replacements) {
        return start("nginx", Path.of("docker/nginx/nginx.conf"), latchkey, api, replacements,
                (file, directory) -> List.of("-p", directory.toString(), "-c", file.toString(), "-e",
                        directory.resolve("error.log").toString(), "-g",
                        "daemon off; pid " + directory.resolve("pid") + ";"));
    }

    /** Caddy with {@code docker/caddy/Caddyfile}. */
    public static FrontProxy caddy(int latchkey, int api, String... replacements) {
        return start("caddy", Path.of("docker/caddy/Caddyfile"), latchkey, api, replacements,
                (file, directory) -> List.of("run", "--config", file.toString(), "--adapter", "caddyfile"));
    }

    private interface Arguments {
        List<String> of(Path file, Path directory);
    }

    private static FrontProxy start(String program, Path example, int latchkey, int api, String[] replacements,
            Arguments arguments) {
        try {
            int port = LatchkeyProcess.freePorts(1)[0];
            Path directory = Files.createTempDirectory("latchkey-" + program);
            String text = Files.readString(example).replace("latchkey:8090", "127.0.0.1:" + latchkey)
                    .replace("api:3000", "127.0.0.1:" + api).replace("listen 8080", "listen 127.0.0.1:" + port)
                    .replace(":8080 {", "{\n\tadmin off\n}\n:" + port + " {\n\tbind 127.0.0.1");
            for (int i = 0; i < replacements.length; i += 2) {
                if (!text.contains(replacements[i])) {
                    throw new IllegalArgumentException(example + " has no " + replacements[i]);
                }
                text = text.replace(replacements[i], replacements[i + 1]);
            }
            Path file = Files.writeString(directory.resolve(example.getFileName()), text);
            List<String> command = new ArrayList<>(List.of(find(program).toString()));
            command.addAll(arguments.of(file, directory));
            ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true)
                    .redirectOutput(directory.resolve("output.log").toFile());
            builder.environment().put("XDG_DATA_HOME", directory.toString());
            builder.environment().put("XDG_CONFIG_HOME", directory.toString());
            FrontProxy proxy = new FrontProxy(builder.start(), directory, port);
            Awaitility.await(program).atMost(Duration.ofSeconds(15)).until(proxy::accepts);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean accepts() throws IOException {
        if (!process.isAlive()) {
            throw new AssertionError("it ended: " + Files.readString(directory.resolve("output.log")));
        }
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 500);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    public int port() {
        return port;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
