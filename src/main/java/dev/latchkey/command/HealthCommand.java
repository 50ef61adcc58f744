package dev.latchkey.command;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.util.concurrent.Callable;

import dev.latchkey.platform.Settings;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code latchkey health}: what a container without a shell asks of the service in it. */
@Command(name = "health", description = { "Asks the service on this machine whether it is ready.",
        "Ends with 0 if it is, and with 1 if it is not or does not answer within two seconds." }, mixinStandardHelpOptions = true)
public class HealthCommand implements Callable<Integer> {

    private static final int TIMEOUT_MILLIS = 2_000;
    private static final String DEFAULT_PORT = "9000";

    @Option(names = "--live", description = "Asks only whether the process works.")
    private boolean live;

    @Override
    public Integer call() throws IOException {
        String port = Settings.value("quarkus.management.port").orElse(DEFAULT_PORT);
        URL url = URI.create("http://127.0.0.1:" + port + "/q/health/" + (live ? "live" : "ready")).toURL();
        HttpURLConnection connection = (HttpURLConnection) url.openConnection();
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        try {
            int status = connection.getResponseCode();
            System.out.println(status == HttpURLConnection.HTTP_OK ? "ready" : "not ready: " + url + " answers " + status);
            return status == HttpURLConnection.HTTP_OK ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
        } catch (IOException e) {
            System.err.println("latchkey: " + url + " does not answer: " + e.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        } finally {
            connection.disconnect();
        }
    }
}
