package dev.latchkey.security;

import java.security.Permission;
import java.security.Principal;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

import dev.latchkey.platform.Caller;
import io.quarkus.security.credential.Credential;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;

/**
 * A {@link Caller} as the framework's identity: roles are the effective scopes and the kind of credential. Made for
 * each request, so it holds nothing but references; the framework's own builder would copy each set.
 *
 * @param kind of {@link dev.latchkey.platform.Credentials}
 */
record CallerIdentity(Caller caller, String kind) implements SecurityIdentity {

    /** Attributes by which others find what the identity stands for. */
    static final String CALLER = "latchkey.caller";
    static final String TOKEN_ID = "tokenId";
    static final String USER_ID = "userId";
    static final String ACCOUNT_ID = "accountId";

    @Override
    public Principal getPrincipal() {
        return () -> caller.userId().toString();
    }

    @Override
    public boolean isAnonymous() {
        return false;
    }

    @Override
    public Set<String> getRoles() {
        Set<String> roles = new HashSet<>(caller.scopes());
        roles.add(kind);
        return roles;
    }

    @Override
    public boolean hasRole(String role) {
        return caller.scopes().contains(role) || kind.equals(role);
    }

    /** None: what was presented is not kept. */
    @Override
    public <T extends Credential> T getCredential(Class<T> type) {
        return null;
    }

    @Override
    public Set<Credential> getCredentials() {
        return Set.of();
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T> T getAttribute(String name) {
        return (T) switch (name) {
            case CALLER -> caller;
            case USER_ID -> caller.userId();
            case ACCOUNT_ID -> caller.accountId();
            case TOKEN_ID -> caller.token().map(Caller.Token::id).orElse(null);
            default -> null;
        };
    }

    @Override
    public Map<String, Object> getAttributes() {
        Map<String, Object> attributes = new HashMap<>(
                Map.of(CALLER, caller, USER_ID, caller.userId(), ACCOUNT_ID, caller.accountId()));
        caller.token().ifPresent(token -> attributes.put(TOKEN_ID, token.id()));
        return attributes;
    }

    /** There are no permissions but roles. */
    @Override
    public Set<Permission> getPermissions() {
        return Set.of();
    }

    @Override
    public Uni<Boolean> checkPermission(Permission permission) {
        return Uni.createFrom().item(false);
    }
}
