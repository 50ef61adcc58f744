package dev.latchkey.platform;

/** 403: the caller tried to hand out more than they hold: a scope, a later expiry, a wider address range. */
public final class ScopeNotGrantable extends ApiException {

    public ScopeNotGrantable(String message) {
        super(403, "SCOPE_NOT_GRANTABLE", message);
    }
}
