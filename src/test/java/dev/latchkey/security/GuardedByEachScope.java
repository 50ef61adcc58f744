package dev.latchkey.security;

import java.util.Arrays;
import java.util.List;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;

/**
 * Stands in for the APIs that tokens open: one resource for each scope, guarded as ours are. (An annotation takes a
 * constant, so there is a method for each.)
 */
@Path("/guarded")
public class GuardedByEachScope {

    /** The scopes that have a resource here. */
    static List<String> scopes() {
        return Arrays.stream(GuardedByEachScope.class.getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(RolesAllowed.class))
                .map(method -> method.getAnnotation(RolesAllowed.class).value()[0]).sorted().toList();
    }

    @GET
    @Path("account/read")
    @RolesAllowed("account:read")
    public String accountRead() {
        return "account:read";
    }

    @GET
    @Path("account/write")
    @RolesAllowed("account:write")
    public String accountWrite() {
        return "account:write";
    }

    @GET
    @Path("activation/read")
    @RolesAllowed("activation:read")
    public String activationRead() {
        return "activation:read";
    }

    @GET
    @Path("analytics/read")
    @RolesAllowed("analytics:read")
    public String analyticsRead() {
        return "analytics:read";
    }

    @GET
    @Path("eventLog/read")
    @RolesAllowed("eventLog:read")
    public String eventLogRead() {
        return "eventLog:read";
    }

    @GET
    @Path("invoice/read")
    @RolesAllowed("invoice:read")
    public String invoiceRead() {
        return "invoice:read";
    }

    @GET
    @Path("license/read")
    @RolesAllowed("license:read")
    public String licenseRead() {
        return "license:read";
    }

    @GET
    @Path("license/write")
    @RolesAllowed("license:write")
    public String licenseWrite() {
        return "license:write";
    }

    @GET
    @Path("licenseTemplate/read")
    @RolesAllowed("licenseTemplate:read")
    public String licenseTemplateRead() {
        return "licenseTemplate:read";
    }

    @GET
    @Path("licenseTemplate/write")
    @RolesAllowed("licenseTemplate:write")
    public String licenseTemplateWrite() {
        return "licenseTemplate:write";
    }

    @GET
    @Path("paymentMethod/read")
    @RolesAllowed("paymentMethod:read")
    public String paymentMethodRead() {
        return "paymentMethod:read";
    }

    @GET
    @Path("paymentMethod/write")
    @RolesAllowed("paymentMethod:write")
    public String paymentMethodWrite() {
        return "paymentMethod:write";
    }

    @GET
    @Path("personalAccessToken/write")
    @RolesAllowed("personalAccessToken:write")
    public String personalAccessTokenWrite() {
        return "personalAccessToken:write";
    }

    @GET
    @Path("product/read")
    @RolesAllowed("product:read")
    public String productRead() {
        return "product:read";
    }

    @GET
    @Path("product/write")
    @RolesAllowed("product:write")
    public String productWrite() {
        return "product:write";
    }

    @GET
    @Path("release/read")
    @RolesAllowed("release:read")
    public String releaseRead() {
        return "release:read";
    }

    @GET
    @Path("release/write")
    @RolesAllowed("release:write")
    public String releaseWrite() {
        return "release:write";
    }

    @GET
    @Path("role/read")
    @RolesAllowed("role:read")
    public String roleRead() {
        return "role:read";
    }

    @GET
    @Path("role/write")
    @RolesAllowed("role:write")
    public String roleWrite() {
        return "role:write";
    }

    @GET
    @Path("tag/read")
    @RolesAllowed("tag:read")
    public String tagRead() {
        return "tag:read";
    }

    @GET
    @Path("tag/write")
    @RolesAllowed("tag:write")
    public String tagWrite() {
        return "tag:write";
    }

    @GET
    @Path("trialActivation/read")
    @RolesAllowed("trialActivation:read")
    public String trialActivationRead() {
        return "trialActivation:read";
    }

    @GET
    @Path("trialActivation/write")
    @RolesAllowed("trialActivation:write")
    public String trialActivationWrite() {
        return "trialActivation:write";
    }

    @GET
    @Path("trialPolicy/read")
    @RolesAllowed("trialPolicy:read")
    public String trialPolicyRead() {
        return "trialPolicy:read";
    }

    @GET
    @Path("trialPolicy/write")
    @RolesAllowed("trialPolicy:write")
    public String trialPolicyWrite() {
        return "trialPolicy:write";
    }

    @GET
    @Path("user/read")
    @RolesAllowed("user:read")
    public String userRead() {
        return "user:read";
    }

    @GET
    @Path("user/write")
    @RolesAllowed("user:write")
    public String userWrite() {
        return "user:write";
    }

    @GET
    @Path("webhook/read")
    @RolesAllowed("webhook:read")
    public String webhookRead() {
        return "webhook:read";
    }

    @GET
    @Path("webhook/write")
    @RolesAllowed("webhook:write")
    public String webhookWrite() {
        return "webhook:write";
    }

    @GET
    @Path("deployment/write")
    @RolesAllowed("deployment:write")
    public String deploymentWrite() {
        return "deployment:write";
    }
}
