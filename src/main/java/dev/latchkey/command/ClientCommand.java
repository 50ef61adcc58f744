package dev.latchkey.command;

import java.util.Optional;
import java.util.concurrent.Callable;

import dev.latchkey.account.Account;
import dev.latchkey.account.Bootstrap;
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
            @Option(names = "--name", defaultValue = "", description = "What it is for, to tell it from others.") String name) {
        return database.run((bootstrap, catalogue) -> {
            Optional<Bootstrap.ClientCredentials> client = bootstrap.createClient(alias, kind.name(), name);
            if (client.isEmpty()) {
                System.err.println("latchkey: there is no account '" + alias + "': see latchkey account create");
                return CommandLine.ExitCode.SOFTWARE;
            }
            System.out.println("id:     " + client.get().id());
            System.out.println("secret: " + client.get().secret());
            return CommandLine.ExitCode.OK;
        });
    }
}
