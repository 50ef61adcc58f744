package dev.latchkey;

import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;

import org.jboss.logging.Logger;

import dev.latchkey.command.AccountCommand;
import dev.latchkey.command.ClientCommand;
import dev.latchkey.command.HealthCommand;
import dev.latchkey.command.KeysCommand;
import dev.latchkey.command.PolicyCommand;
import dev.latchkey.platform.Settings;
import dev.latchkey.platform.StartupException;
import io.quarkus.runtime.Application;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusBindException;
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
        AtomicInteger exitCode = new AtomicInteger(CommandLine.ExitCode.OK);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            Application service = Application.currentApplication();
            if (service != null) {
                // The service stops at the same signal, and what it still has to write needs the database.
                service.awaitShutdown();
            }
            startup.close();
            if (exitCode.get() == CommandLine.ExitCode.OK) {
                // Else the JVM ends with 128 and the signal's number.
                Runtime.getRuntime().halt(CommandLine.ExitCode.OK);
            }
        }, "stop"));
        Quarkus.run(null, (code, failure) -> {
            // Without a failure the code is that of the signal: a service that was asked to stop has not failed.
            int end = failure == null ? CommandLine.ExitCode.OK : code;
            exitCode.set(end);
            explain(failure);
            System.exit(end);
        });
        return exitCode.get();
    }

    /** Why the service did not start: what its operator can mend in one line, a defect with its trace. */
    private static void explain(Throwable failure) {
        for (Throwable each = failure; each != null; each = each.getCause()) {
            if (each instanceof StartupException) {
                System.err.println("latchkey: " + each.getMessage());
                return;
            }
            if (each instanceof QuarkusBindException taken) {
                System.err.printf("latchkey: cannot listen on %s:%d: something else does, or this machine has no such address."
                        + " Set QUARKUS_HTTP_PORT or QUARKUS_MANAGEMENT_PORT, or stop the other%n", taken.getHost(),
                        taken.getPort());
                return;
            }
        }
        if (failure != null) {
            Logger.getLogger(Latchkey.class).error("The service cannot start", failure);
        }
    }

    /** Of the program that runs. */
    static final class Version implements CommandLine.IVersionProvider {

        @Override
        public String[] getVersion() {
            Build build = Build.ofThisProgram();
            return new String[] { "latchkey " + build.version() + " (commit " + build.commit() + ")" };
        }
    }
}
