package dev.latchkey.bench;

import jakarta.annotation.security.PermitAll;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;

/** Two endpoints that answer 204 and do nothing else: one for anybody, one behind a scope. In benchmarks only. */
@Path("/bench")
@ApplicationScoped
public class BenchResource {

    @GET
    @Path("/open")
    @PermitAll
    public void open() {
    }

    @GET
    @Path("/guarded")
    @RolesAllowed("license:read")
    public void guarded() {
    }
}
