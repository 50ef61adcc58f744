package dev.latchkey.verification;

/** Why a credential is refused. */
public enum Rejection implements Verification {
    /** There is no such credential, or it is not well-formed. */
    UNKNOWN,
    EXPIRED,
    REVOKED,
    /** The owner or their account is disabled. */
    OWNER_DISABLED,
    IP_NOT_ALLOWED,
    /** The client's address presented too many tokens that do not exist. */
    RATE_LIMITED,
    /** It could not be checked: refused, and may be tried again. */
    UNAVAILABLE
}
