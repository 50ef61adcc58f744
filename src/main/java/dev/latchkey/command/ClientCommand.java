package dev.latchkey.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.concurrent.Callable;

import dev.latchkey.account.Account;
import dev.latchkey.account.Bootstrap;
import dev.latchkey.platform.StartupException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code latchkey client create}. */
@Command(name = "client", description = "Manages clients: machines that introspect tokens or act as sidecars.", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND")
public class ClientCommand implements Callable<Integer> {

    /** What a client may do. */
    enum Kind {
        introspection,
        sidecar
    }

    private final DatabaseCommand database;

    @Spec
    CommandSpec spec;

    public ClientCommand(DatabaseCommand database) {
        this.database = database;
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "Missing command: create");
    }

    @Command(name = "create", mixinStandardHelpOptions = true, description = "Makes a client and prints its id and secret, once.")
    int create(@Option(names = "--kind", required = true, description = "${COMPLETION-CANDIDATES}") Kind kind,
            @Option(names = "--account", defaultValue = Account.DEFAULT_ALIAS, description = "Alias of its account (default: ${DEFAULT-VALUE}).") String alias,
            @Option(names = "--name", defaultValue = "", description = "What it is for, to tell it from others.") String name,
            @Option(names = "--credential-file", paramLabel = "FILE", description = {
                    "Writes id:secret into this file instead, which only its owner and group read.",
                    "If it is there already, nothing is made." }) Path file) {
        if (file != null && Files.exists(file)) {
            System.out.println("nothing to do: " + file + " is there");
            return CommandLine.ExitCode.OK;
        }
        return database.run((bootstrap, catalogue) -> {
            Optional<Bootstrap.ClientCredentials> client = bootstrap.createClient(alias, kind.name(), name);
            if (client.isEmpty()) {
                System.err.println("latchkey: there is no account '" + alias + "': see latchkey account create");
                return CommandLine.ExitCode.SOFTWARE;
            }
            System.out.println("id:     " + client.get().id());
            if (file == null) {
                System.out.println("secret: " + client.get().secret());
            } else {
                write(file, client.get().id() + ":" + client.get().secret());
            }
            return CommandLine.ExitCode.OK;
        });
    }

    /** It is never there in part, nor for others to read. */
    private static void write(Path file, String credential) {
        try {
            Path part = Files.createTempFile(file.toAbsolutePath().getParent(), ".latchkey", "",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(part, credential);
            Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("rw-r-----"));
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new StartupException("the credential cannot be written to " + file + ": " + e
                    + ". The client was made: its secret is lost, make another.");
        }
    }
}
