package dev.latchkey.gateway.policy;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;

import io.smallrye.health.api.Wellness;

/**
 * Whether the route policy in force is the one that its file holds. In the wellness group ({@code /q/health/well}) and not in
 * readiness: replicas that enforce the last good policy are better than none.
 */
@Wellness
public class PolicyHealth implements HealthCheck {

    private final ActivePolicy policy;

    public PolicyHealth(ActivePolicy policy) {
        this.policy = policy;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("route policy").status(policy.problem().isEmpty())
                .withData("rules", policy.current().map(rules -> rules.rules().size()).orElse(0))
                .withData("problem", policy.problem().orElse("none")).build();
    }
}
