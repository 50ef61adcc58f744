package dev.latchkey.command;

import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

import dev.latchkey.platform.SecretKeys;
import dev.latchkey.signing.KeyPurpose;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code latchkey keys rotate}. */
@Command(name = "keys", description = "Manages the keys that sign what others verify.", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND")
public class KeysCommand implements Callable<Integer> {

    /** Whose key. */
    enum Purpose {
        upstream(KeyPurpose.UPSTREAM),
        exchange(KeyPurpose.EXCHANGE);

        private final KeyPurpose purpose;

        Purpose(KeyPurpose purpose) {
            this.purpose = purpose;
        }
    }

    private final DatabaseCommand database;
    private final Supplier<SecretKeys> secret;

    @Spec
    CommandSpec spec;

    /** @param secret the one that encrypts the keys; asked when there is a database */
    public KeysCommand(DatabaseCommand database, Supplier<SecretKeys> secret) {
        this.database = database;
        this.secret = secret;
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "Missing command: rotate");
    }

    @Command(name = "rotate", mixinStandardHelpOptions = true, description = {
            "Makes new keys and retires the current ones.",
            "Servers that run publish the new ones within 10 seconds and sign with them after 20; the old ones are published for another 24 hours." })
    int rotate(
            @Option(names = "--purpose", description = "${COMPLETION-CANDIDATES} (default: both).") Purpose purpose) {
        Set<KeyPurpose> purposes = purpose == null ? EnumSet.allOf(KeyPurpose.class) : EnumSet.of(purpose.purpose);
        return database.run((bootstrap, catalogue) -> {
            bootstrap.rotateKeys(purposes, secret.get()).forEach((each, rotation) -> {
                System.out.println("purpose: " + each.stored());
                System.out.println("new:     " + rotation.created());
                System.out.println("old:     " + rotation.retired().map(Object::toString).orElse("none"));
            });
            return CommandLine.ExitCode.OK;
        });
    }
}
