package dev.latchkey.command;

import java.util.concurrent.Callable;
import java.util.function.Supplier;

import dev.latchkey.gateway.policy.Demand;
import dev.latchkey.gateway.policy.DryRun;
import dev.latchkey.gateway.policy.PolicyException;
import dev.latchkey.gateway.policy.PolicySource;
import dev.latchkey.gateway.policy.RoutePolicy;
import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.StartupException;
import dev.latchkey.scope.ScopeCatalogue;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code latchkey policy check} and {@code latchkey policy test}: no service and no database is needed. */
@Command(name = "policy", description = "Checks and tries route policies.", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND")
public class PolicyCommand implements Callable<Integer> {

    private static final String FILE = "A YAML file, or " + PolicySource.CRYPTLEX_V3 + " (default: latchkey.policy).";

    private final Supplier<LatchkeyConfig> config;

    @Spec
    CommandSpec spec;

    public PolicyCommand(Supplier<LatchkeyConfig> config) {
        this.config = config;
    }

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "Missing command: check or test");
    }

    @Command(name = "check", mixinStandardHelpOptions = true, description = "Says whether a route policy is valid, and what is wrong in which line.")
    int check(@Option(names = "--policy", description = FILE) String policy) {
        System.out.println("valid: " + read(policy).rules().size() + " rules");
        return CommandLine.ExitCode.OK;
    }

    @Command(name = "test", mixinStandardHelpOptions = true, description = "Says which rule a request meets, and what it demands.")
    int test(@Option(names = "--policy", description = FILE) String policy,
            @Parameters(paramLabel = "METHOD", description = "Such as GET.") String method,
            @Parameters(paramLabel = "PATH", description = "Such as /v3/licenses.") String path) {
        RoutePolicy rules = read(policy);
        try {
            DryRun result = DryRun.of(rules, method, path);
            System.out.println("path:    " + result.canonicalPath());
            System.out.println("rule:    "
                    + (result.rule() == null ? "none" : result.rule().name() + " (line " + result.rule().line() + ")"));
            System.out.println("demands: " + switch (result.outcome()) {
                case PUBLIC -> "nothing";
                case ANY_TOKEN -> "any token";
                case SCOPES -> new Demand.Scopes(result.rule().require(), result.rule().anyOf()).toString();
                case DENIED -> "denied";
            });
            return CommandLine.ExitCode.OK;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.subcommands().get("test"), "PATH: " + e.getMessage());
        }
    }

    private RoutePolicy read(String given) {
        LatchkeyConfig settings = config.get();
        String name = given != null ? given
                : settings.policy().orElseThrow(() -> new StartupException(
                        "no route policy is configured: set LATCHKEY_POLICY, or use --policy"));
        try {
            return new PolicySource(name, new ScopeCatalogue(settings.scopes())).read();
        } catch (PolicyException e) {
            throw new StartupException(e.getMessage());
        }
    }
}
