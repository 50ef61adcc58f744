package dev.latchkey.security;

import dev.latchkey.verification.Rejection;

/** A refused credential, as the security framework wants to be told. Has no stack trace: refusing is not exceptional. */
final class RejectedCredential extends SecurityException {

    private final Rejection rejection;

    RejectedCredential(Rejection rejection) {
        super(rejection.name());
        this.rejection = rejection;
    }

    Rejection rejection() {
        return rejection;
    }

    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
