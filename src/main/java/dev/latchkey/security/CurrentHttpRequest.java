package dev.latchkey.security;

import java.util.Optional;

import jakarta.enterprise.context.RequestScoped;

import dev.latchkey.platform.Caller;
import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.http.ClientAddress;
import dev.latchkey.platform.http.HttpEdge;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;

/** The current request as features see it; in what the service does by itself there is none. */
@RequestScoped
public class CurrentHttpRequest implements CurrentRequest {

    private static final int MAX_USER_AGENT = 255;

    /** Null: nobody asked. */
    private final RoutingContext context;
    private final SecurityIdentity identity;
    private final ClientAddress addresses;

    public CurrentHttpRequest(CurrentVertxRequest current, SecurityIdentity identity, ClientAddress addresses) {
        this.context = current.getCurrent();
        this.identity = identity;
        this.addresses = addresses;
    }

    @Override
    public Caller caller() {
        return callerIfAny().orElseThrow(() -> new IllegalStateException("the resource does not demand authentication"));
    }

    @Override
    public Optional<Caller> callerIfAny() {
        return Optional.ofNullable(identity.getAttribute(CallerIdentity.CALLER));
    }

    @Override
    public String id() {
        return context == null ? null : HttpEdge.requestId(context);
    }

    @Override
    public String address() {
        return context == null ? null : addresses.of(context.request());
    }

    @Override
    public String userAgent() {
        if (context == null) {
            return null;
        }
        String userAgent = context.request().getHeader(HttpHeaders.USER_AGENT);
        if (userAgent == null) {
            return "";
        }
        return userAgent.length() > MAX_USER_AGENT ? userAgent.substring(0, MAX_USER_AGENT) : userAgent;
    }
}
