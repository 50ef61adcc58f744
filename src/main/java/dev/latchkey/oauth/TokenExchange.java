package dev.latchkey.oauth;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.platform.Ids;
import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.scope.Scope;
import dev.latchkey.scope.ScopeCatalogue;
import dev.latchkey.signing.KeyPurpose;
import dev.latchkey.signing.TokenSigner;
import dev.latchkey.verification.Rejection;
import dev.latchkey.verification.RequestFacts;
import dev.latchkey.verification.Verification;
import dev.latchkey.verification.VerifiedToken;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;

/**
 * Exchanges a token for a JWT (RFC 8693) that says the same of the same or fewer scopes, to one API, for a short
 * time. Nobody can call it back before it expires, so it is short: a minute unless the operator says otherwise, and
 * never longer than the token itself.
 */
@ApplicationScoped
class TokenExchange {

    static final String GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange";

    static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";
    static final String JWT = "urn:ietf:params:oauth:token-type:jwt";

    private final Judge judge;
    private final TokenSigner signer;
    private final Clock clock;
    private final Set<String> audiences;
    private final Duration lifetime;

    TokenExchange(Judge judge, TokenSigner signer, Clock clock, LatchkeyConfig config) {
        this.judge = judge;
        this.signer = signer;
        this.clock = clock;
        this.audiences = config.oauth().audiences().orElse(List.of()).stream().map(String::strip)
                .collect(Collectors.toUnmodifiableSet());
        this.lifetime = config.oauth().exchangeLifetime();
    }

    /**
     * What is asked for.
     *
     * @param scopes empty: all that the token has
     */
    private record Wanted(String subject, String issuedType, String audience, Optional<SortedSet<String>> scopes) {

        /** Never the token. */
        @Override
        public String toString() {
            return "Wanted[" + audience + ", " + scopes + "]";
        }
    }

    /**
     * The answer of RFC 8693 section 2.2.1.
     *
     * @param address where the request comes from
     * @throws OAuthError if a parameter is missing or wrong
     */
    Uni<JsonObject> exchange(Form form, String address) {
        Wanted wanted = wanted(form);
        return judge.judge(wanted.subject, new RequestFacts(address)).chain(judged -> issue(wanted, accepted(judged)));
    }

    private Wanted wanted(Form form) {
        if (!form.require("grant_type").equals(GRANT_TYPE)) {
            throw OAuthError.of("unsupported_grant_type", "grant_type: must be " + GRANT_TYPE);
        }
        String subject = form.require("subject_token");
        if (!form.require("subject_token_type").equals(ACCESS_TOKEN)) {
            throw OAuthError.invalidRequest("subject_token_type: must be " + ACCESS_TOKEN);
        }
        for (String name : List.of("actor_token", "actor_token_type")) {
            if (form.get(name).isPresent()) {
                throw OAuthError.invalidRequest(name + ": is not supported: leave it away");
            }
        }
        String issuedType = form.get("requested_token_type").orElse(JWT);
        if (!issuedType.equals(JWT) && !issuedType.equals(ACCESS_TOKEN)) {
            throw OAuthError.invalidRequest("requested_token_type: must be " + JWT + " or " + ACCESS_TOKEN);
        }
        return new Wanted(subject, issuedType, audience(form), form.get("scope").map(TokenExchange::scopes));
    }

    /** One, of those that the operator names: whoever gets the JWT can use it wherever its audience is accepted. */
    private String audience(Form form) {
        if (!form.all("resource").isEmpty()) {
            throw OAuthError.of("invalid_target", "resource: is not supported: name the API by audience");
        }
        List<String> named = form.all("audience");
        if (named.size() != 1) {
            throw OAuthError.of("invalid_target", "audience: send exactly one, of those in latchkey.oauth.audiences");
        }
        if (!audiences.contains(named.get(0))) {
            throw OAuthError.of("invalid_target",
                    "audience: is not one of those in latchkey.oauth.audiences: ask the operator");
        }
        return named.get(0);
    }

    private static SortedSet<String> scopes(String text) {
        return Arrays.stream(text.split(" ")).filter(name -> !name.isEmpty()).map(ScopeCatalogue::canonical)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static VerifiedToken accepted(Verification judged) {
        if (judged instanceof VerifiedToken token) {
            return token;
        }
        String reason = judged instanceof Rejection rejection ? switch (rejection) {
            case EXPIRED -> "has expired";
            case REVOKED -> "was revoked";
            case OWNER_DISABLED -> "belongs to somebody who is disabled";
            case IP_NOT_ALLOWED -> "may not be used from this address";
            default -> "is not a valid personal access token";
        } : "is not a personal access token";
        throw OAuthError.of("invalid_grant", "subject_token: " + reason + ": use another");
    }

    private Uni<JsonObject> issue(Wanted wanted, VerifiedToken token) {
        SortedSet<String> scopes = wanted.scopes.orElseGet(() -> new TreeSet<>(token.scopes()));
        requireWithin(scopes, token);
        // Whole seconds, as a JWT has them, and never a later one.
        long now = clock.instant().getEpochSecond();
        long longest = now + lifetime.toSeconds();
        long end = token.validUntil().map(Instant::getEpochSecond).filter(expiry -> expiry < longest).orElse(longest);
        if (end <= now) {
            throw OAuthError.of("invalid_grant", "subject_token: expires within a second: use another");
        }
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("sub", token.userId().toString());
        claims.put("aud", wanted.audience);
        claims.put("exp", end);
        claims.put("iat", now);
        claims.put("jti", Ids.next().toString());
        claims.put("client_id", token.id().toString());
        claims.put("scope", String.join(" ", scopes));
        claims.put("account_id", token.accountId().toString());
        return signer.sign(KeyPurpose.EXCHANGE, claims)
                .map(jwt -> new JsonObject().put("access_token", jwt).put("issued_token_type", wanted.issuedType)
                        .put("token_type", "Bearer").put("expires_in", end - now).put("scope", String.join(" ", scopes)));
    }

    /** None at all is refused too: an API might take a JWT without scopes for one without limits. */
    private static void requireWithin(SortedSet<String> scopes, VerifiedToken token) {
        if (scopes.isEmpty()) {
            throw OAuthError.of("invalid_scope", "scope: the token has none: use another, or ask for the owner's role");
        }
        List<String> missing = scopes.stream().filter(name -> !token.scopes().contains(name)).toList();
        if (!missing.isEmpty()) {
            String named = missing.stream().filter(Scope::isValidName).limit(10).collect(Collectors.joining(", "));
            throw OAuthError.of("invalid_scope",
                    "scope: the token does not have " + (named.isEmpty() ? "these" : named) + ": ask for fewer");
        }
    }
}
