package dev.latchkey;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import java.util.concurrent.Callable;

import dev.latchkey.command.AccountCommand;
import dev.latchkey.command.ClientCommand;
import dev.latchkey.command.HealthCommand;
import dev.latchkey.command.KeysCommand;
import dev.latchkey.command.PolicyCommand;
import dev.latchkey.platform.Settings;
import dev.latchkey.platform.StartupException;
import io.quarkus.runtime.Application;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The program: without a command it is the service, with one it does that and ends. */
@QuarkusMain
@Command(name = "latchkey", mixinStandardHelpOptions = true, versionProvider = Latchkey.Version.class, description = {
        "Personal access tokens for any HTTP API.", "Without a command: starts the service.",
        "Configuration: environment variables LATCHKEY_*, or -Dlatchkey.*, or config/application.properties." })
public class Latchkey implements Callable<Integer> {

    public static void main(String... args) {
        try {
            Settings.readSecretFiles();
        } catch (StartupException e) {
            System.err.println("latchkey: " + e.getMessage());
            System.exit(CommandLine.ExitCode.SOFTWARE);
        }
        int exitCode = commandLine().execute(args);
        if (exitCode != 0) {
            System.exit(exitCode);
        }
    }

    private static CommandLine commandLine() {
        return new CommandLine(new Latchkey())
                .addSubcommand(new AccountCommand(Startup::command))
                .addSubcommand(new ClientCommand(Startup::command))
                .addSubcommand(new KeysCommand(Startup::command, Startup::secret))
                .addSubcommand(new PolicyCommand(Settings::load))
                .addSubcommand(new HealthCommand())
                .setExecutionExceptionHandler((failure, commandLine, parsed) -> {
                    if (failure instanceof StartupException) {
                        System.err.println("latchkey: " + failure.getMessage());
                        return CommandLine.ExitCode.SOFTWARE;
                    }
                    throw failure;
                });
    }

    /** Starts the service and stays until it ends. */
    @Override
    public Integer call() {
        Startup startup = Startup.ofService();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            Application service = Application.currentApplication();
            if (service != null) {
                // The service stops at the same signal, and what it still has to write needs the database.
                service.awaitShutdown();
            }
            startup.close();
        }, "stop-embedded-database"));
        Quarkus.run();
        return CommandLine.ExitCode.OK;
    }

    /** From the build. */
    static final class Version implements CommandLine.IVersionProvider {

        @Override
        public String[] getVersion() throws IOException {
            Properties properties = new Properties();
            try (InputStream file = Latchkey.class.getResourceAsStream("version.properties")) {
                properties.load(file);
            }
            return new String[] { "latchkey " + properties.getProperty("version") };
        }
    }
}
