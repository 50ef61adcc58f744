package dev.latchkey.verification;

/** Why a credential is refused. */
public enum Rejection implements Verification {
    /** There is no such credential, or it is not well-formed. */
    UNKNOWN("INVALID_TOKEN", "the credential is not valid: check that it was sent whole, once, as Bearer"),
    EXPIRED("TOKEN_EXPIRED", "the credential has expired: create or rotate a token, or sign in again"),
    REVOKED("TOKEN_REVOKED", "the credential was revoked or signed out: use another"),
    /** The owner or their account is disabled. */
    OWNER_DISABLED("OWNER_DISABLED", "the owner of the credential is disabled: ask an administrator"),
    IP_NOT_ALLOWED("IP_NOT_ALLOWED",
            "the token may not be used from this address: change its allowedIps, or call from one of them"),
    /**
     * The client's address presented too many tokens that do not exist; or, counted under the same name, {@link RateLimited}.
     */
    RATE_LIMITED("TOO_MANY_REQUESTS", "too many tokens that do not exist came from this address: try again in a second"),
    /** It could not be checked: refused, and may be tried again. */
    UNAVAILABLE("UNAVAILABLE", "the credential cannot be checked at the moment: try again");

    private final String code;
    private final String remedy;

    Rejection(String code, String remedy) {
        this.code = code;
        this.remedy = remedy;
    }

    /** For programs, as in every error body. */
    public String code() {
        return code;
    }

    /** For a person, in ASCII without quotes: what is wrong, and what to do. */
    public String remedy() {
        return remedy;
    }
}
