package dev.latchkey.command;

import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;

import dev.latchkey.platform.EmailAddress;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code latchkey account create}. */
@Command(name = "account", description = "Manages accounts.", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND")
public class AccountCommand implements Callable<Integer> {

    private static final Pattern ALIAS = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    private final DatabaseCommand database;

    @Spec
    CommandSpec spec;

    public AccountCommand(DatabaseCommand database) {
        this.database = database;
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "Missing command: create");
    }

    @Command(name = "create", mixinStandardHelpOptions = true, description = "Makes an account with its first super-admin.")
    int create(
            @Option(names = "--alias", required = true, description = "What people name it by at sign-in: a-z, 0-9 and -.") String alias,
            @Option(names = "--company", required = true, description = "Its name.") String company,
            @Option(names = "--email", required = true, description = "Of the first super-admin.") String email,
            @Option(names = "--password", required = true, interactive = true, arity = "0..1", description = "Of the first super-admin, 12 to 128 characters; without a value it is asked for.") String password) {
        CommandLine commandLine = spec.subcommands().get("create");
        if (!ALIAS.matcher(alias).matches()) {
            throw new ParameterException(commandLine, "--alias: 1 to 63 of a-z, 0-9 and -, not - at either end");
        }
        if (company.isBlank() || company.length() > 255) {
            throw new ParameterException(commandLine, "--company: 1 to 255 characters");
        }
        if (!EmailAddress.isValid(email)) {
            throw new ParameterException(commandLine, "--email: not an e-mail address");
        }
        int length = password.codePointCount(0, password.length());
        if (length < 12 || length > 128) {
            throw new ParameterException(commandLine, "--password: 12 to 128 characters");
        }
        return database.run((bootstrap, catalogue) -> {
            Optional<UUID> account = bootstrap.createAccount(alias, company.strip(), email, password, catalogue);
            if (account.isEmpty()) {
                System.err.println("latchkey: there is an account '" + alias + "' already: choose another alias");
                return CommandLine.ExitCode.SOFTWARE;
            }
            System.out.println("account: " + account.get());
            System.out.println("alias:   " + alias);
            return CommandLine.ExitCode.OK;
        });
    }
}
