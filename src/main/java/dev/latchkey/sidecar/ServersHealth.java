package dev.latchkey.sidecar;

import jakarta.enterprise.context.ApplicationScoped;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.LatchkeyConfig.Role;

/**
 * A sidecar is ready while its stream stands, or a lookup was answered within the last ten seconds: while neither is true
 * it refuses everything. A server does not depend on servers.
 */
@Readiness
@ApplicationScoped
public class ServersHealth implements HealthCheck {

    private final LatchkeyConfig config;
    private final SidecarLink link;

    public ServersHealth(LatchkeyConfig config, SidecarLink link) {
        this.config = config;
        this.link = link;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("servers").status(config.role() == Role.SERVER || link.works()).build();
    }
}
