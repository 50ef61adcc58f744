package dev.latchkey.signing;

import io.vertx.core.json.JsonObject;

/** What others need to verify what is signed here. */
public interface JsonWebKeys {

    /**
     * The current and the recently retired public keys of all purposes as a JSON Web Key Set (RFC 7517 section 5).
     * The keys of people's sessions are never among them.
     */
    JsonObject jwks();
}
