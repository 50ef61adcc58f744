package dev.latchkey.gateway.policy;

import java.util.List;
import java.util.Optional;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

import com.fasterxml.jackson.annotation.JsonInclude;

/** What a route policy makes of a request that nobody sends. */
@Schema(name = "PolicyTestResult")
public record DryRun(
        @Schema(description = "The path in the form in which it is judged") String canonicalPath,
        @Schema(description = "DENIED: no rule matches") Outcome outcome,
        @Schema(description = "The rule that decides") @JsonInclude(JsonInclude.Include.NON_NULL) MatchedRule rule) {

    /** Whether a request meets a rule, and what that demands. */
    public enum Outcome {
        PUBLIC,
        ANY_TOKEN,
        SCOPES,
        DENIED
    }

    /** A rule as it is in the policy. */
    public record MatchedRule(String name, @Schema(description = "In the policy's file") int line, List<String> methods,
            String path,
            @Schema(description = "Scopes that are all needed") List<String> require,
            @Schema(description = "Scopes of which one is needed") List<String> anyOf) {
    }

    /**
     * Tries a request.
     *
     * @param target path; a query is ignored
     * @throws IllegalArgumentException if every door refuses the path, saying why
     */
    public static DryRun of(RoutePolicy policy, String method, String target) {
        int query = target.indexOf('?');
        JudgedPath judged = CanonicalPath.of(query < 0 ? target : target.substring(0, query));
        if (judged instanceof UnacceptablePath unacceptable) {
            throw new IllegalArgumentException(unacceptable.problem() + ": every door refuses it");
        }
        CanonicalPath path = (CanonicalPath) judged;
        Optional<RouteRule> rule = policy.match(method, path);
        return new DryRun(path.text(), rule.map(it -> outcome(it.demand())).orElse(Outcome.DENIED),
                rule.map(DryRun::view).orElse(null));
    }

    private static Outcome outcome(Demand demand) {
        return demand instanceof Demand.Nothing ? Outcome.PUBLIC
                : demand instanceof Demand.AnyToken ? Outcome.ANY_TOKEN : Outcome.SCOPES;
    }

    private static MatchedRule view(RouteRule rule) {
        Demand.Scopes scopes = rule.demand() instanceof Demand.Scopes some ? some : new Demand.Scopes(List.of(), List.of());
        return new MatchedRule(rule.name(), rule.line(), rule.methods().stream().sorted().toList(), rule.path().text(),
                scopes.all(), scopes.anyOf());
    }
}
