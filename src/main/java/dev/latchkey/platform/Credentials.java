package dev.latchkey.platform;

/** What a resource can demand of the kind of credential; no scope can have these names. */
public final class Credentials {

    /** A personal access token, whatever its scopes. */
    public static final String TOKEN = "*token";

    /** A person's session. */
    public static final String SESSION = "*session";

    private Credentials() {
    }
}
