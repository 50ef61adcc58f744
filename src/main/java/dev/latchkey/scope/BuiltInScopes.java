package dev.latchkey.scope;

import java.util.List;

/** The 29 scopes of the licensing API whose clients exist already, with their published descriptions. */
final class BuiltInScopes {

    static final List<Scope> ALL = List.of(
            new Scope("account:read", "Read-only access to the account details."),
            new Scope("account:write", "Update and delete account."),
            new Scope("activation:read", "Read-only access to all the license activations."),
            new Scope("analytics:read", "Read-only access to analytics."),
            new Scope("eventLog:read", "Read-only access to event logs."),
            new Scope("invoice:read", "Read-only access to all the invoices."),
            new Scope("license:read", "Read-only access to all the licenses."),
            new Scope("license:write", "Create, update and delete licenses."),
            new Scope("licenseTemplate:read", "Read-only access to all the license templates."),
            new Scope("licenseTemplate:write", "Create, update and delete license templates."),
            new Scope("paymentMethod:read", "Read-only access to all the credit cards."),
            new Scope("paymentMethod:write", "Create, update and delete credit cards."),
            new Scope("personalAccessToken:write", "Create, revoke and delete personal access tokens."),
            new Scope("product:read", "Read-only access to all the products and related policies."),
            new Scope("product:write", "Create, update and delete products."),
            new Scope("release:read", "Read-only access to all the releases."),
            new Scope("release:write", "Create, update, publish and delete releases."),
            new Scope("role:read", "Read-only access to all the roles."),
            new Scope("role:write", "Create, update and delete roles."),
            new Scope("tag:read", "Read-only access to all the tags."),
            new Scope("tag:write", "Create, update and delete tags."),
            new Scope("trialActivation:read", "Read-only access to all the trial activations."),
            new Scope("trialActivation:write", "Extend and delete trial activations."),
            new Scope("trialPolicy:read", "Read-only access to all the trial policies."),
            new Scope("trialPolicy:write", "Create, update and delete trial policies."),
            new Scope("user:read", "Read-only access to all the users."),
            new Scope("user:write",
                    "Create, update and delete users. Generate password reset tokens for users with `USER` role."),
            new Scope("webhook:read", "Read-only access to all the webhooks."),
            new Scope("webhook:write", "Create, update and delete webhooks."));

    private BuiltInScopes() {
    }
}
