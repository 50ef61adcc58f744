package dev.latchkey.bench.jwt;

import jakarta.annotation.security.PermitAll;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;

/** Two endpoints that answer 204 and do nothing else: one for anybody, one behind a scope.  */
@Path("/bench")
@ApplicationScoped
public class JwtResource {

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
