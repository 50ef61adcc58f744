package dev.latchkey.security;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;

/** A resource whose author forgot who may call it. */
@Path("/unannotated")
public class Unannotated {

    @GET
    public String open() {
        return "open";
    }
}
