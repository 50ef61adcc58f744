package dev.latchkey.oauth;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** An error as OAuth words it, in the description of the API. */
@Schema(name = "OAuthError", description = "An error as RFC 6749 section 5.2 words it")
record OAuthErrorBody(@Schema(examples = "invalid_request") String error,
        @Schema(examples = "token: is missing: send it in the body") String error_description) {

    static final String TAG = "OAuth 2";
    static final String TAG_DESCRIPTION = "Introspection, revocation, exchange and metadata, with the bodies of errors that OAuth gives them";
    static final String BAD_REQUEST = "A parameter is missing, wrong or repeated";
    static final String TOO_MANY = "Too many tokens that do not exist; Retry-After says when to try again";
    static final String UNAVAILABLE = "Cannot be answered now; Retry-After says when to try again";
}
