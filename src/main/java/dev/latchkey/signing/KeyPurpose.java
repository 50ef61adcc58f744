package dev.latchkey.signing;

import java.net.URI;

/** What a key signs. Each purpose has its own key, issuer and type. */
public enum KeyPurpose {

    /** Who makes a request, told to the upstream that serves it. */
    UPSTREAM("upstream", "latchkey-identity+jwt", "/upstream"),
    /** What a token is exchanged for: an access token as RFC 9068 has it. */
    EXCHANGE("exchange", "at+jwt", "");

    private final String stored;
    private final String type;
    private final String issuerPath;

    KeyPurpose(String stored, String type, String issuerPath) {
        this.stored = stored;
        this.type = type;
        this.issuerPath = issuerPath;
    }

    /** Its name in the table signing_key, and in the derivation of the key that encrypts it. */
    public String stored() {
        return stored;
    }

    /** The header {@code typ}. */
    public String type() {
        return type;
    }

    /**
     * The claim {@code iss}.
     *
     * @param publicUrl {@code latchkey.public-url}
     */
    public String issuer(URI publicUrl) {
        return publicUrl + issuerPath;
    }
}
