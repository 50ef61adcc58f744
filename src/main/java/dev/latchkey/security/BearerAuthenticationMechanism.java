package dev.latchkey.security;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

import jakarta.enterprise.context.ApplicationScoped;

import org.eclipse.microprofile.jwt.JsonWebToken;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Ids;
import dev.latchkey.platform.http.Bearer;
import dev.latchkey.platform.http.Challenge;
import dev.latchkey.platform.http.ClientAddress;
import dev.latchkey.platform.http.RateLimitHeaders;
import dev.latchkey.platform.http.RequestContext;
import dev.latchkey.token.TokenDigest;
import dev.latchkey.token.TokenFormat;
import dev.latchkey.verification.RateLimited;
import dev.latchkey.verification.Rejection;
import dev.latchkey.verification.RequestFacts;
import dev.latchkey.verification.TokenVerifier;
import dev.latchkey.verification.Verification;
import dev.latchkey.verification.VerifiedToken;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.security.identity.request.TokenAuthenticationRequest;
import io.quarkus.smallrye.jwt.runtime.auth.JsonWebTokenCredential;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.quarkus.vertx.http.runtime.security.HttpCredentialTransport;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;

/**
 * {@code Authorization: Bearer …} (RFC 6750 section 2.1) for both kinds of credential: the prefix decides whether it is a
 * personal access token, or a session's JWT, whose signature SmallRye JWT checks. A browser sends its session in a cookie
 * instead. An {@code Authorization} header decides alone: with one that is refused, the cookie is not looked at.
 */
@ApplicationScoped
public class BearerAuthenticationMechanism implements HttpAuthenticationMechanism {

    /** Before SmallRye JWT's own mechanism, which then finds nothing left to do. */
    private static final int PRIORITY = DEFAULT_PRIORITY + 1000;

    private final TokenFormat format;
    private final TokenVerifier verifier;
    private final SessionCookies cookies;
    private final ClientAddress addresses;

    public BearerAuthenticationMechanism(TokenFormat format, TokenVerifier verifier, SessionCookies cookies,
            ClientAddress addresses) {
        this.format = format;
        this.verifier = verifier;
        this.cookies = cookies;
        this.addresses = addresses;
    }

    @Override
    public Uni<SecurityIdentity> authenticate(RoutingContext context, IdentityProviderManager providers) {
        List<String> authorization = context.request().headers().getAll(HttpHeaders.AUTHORIZATION);
        if (authorization.isEmpty()) {
            Optional<String> cookie = cookies.access(context);
            if (cookie.isEmpty()) {
                return Uni.createFrom().nullItem();
            }
            return Uni.createFrom().deferred(() -> {
                cookies.requireOurPages(context);
                return session(cookie.get(), providers);
            });
        }
        Optional<String> presented = Bearer.credential(authorization);
        if (presented.isEmpty()) {
            return refused();
        }
        String credential = presented.get();
        if (!format.hasPrefix(credential)) {
            return session(credential, providers);
        }
        if (!format.isWellFormed(credential)) {
            return refused();
        }
        TokenDigest digest = TokenDigest.of(credential);
        RequestFacts facts = new RequestFacts(addresses.of(context.request()));
        return identity(verifier.recall(digest, facts).map(known -> tell(context, known)),
                () -> verifier.ask(digest, facts).invoke(answer -> tell(context, answer)));
    }

    /** What is left of the token's rate limit goes with whatever becomes of the request. */
    private static Verification tell(RoutingContext context, Verification answer) {
        if (answer instanceof VerifiedToken token && token.rate().isPresent()) {
            RateLimitHeaders.add(token.rate().get(), context.response().headers());
        } else if (answer instanceof RateLimited limited) {
            RateLimitHeaders.add(limited.rate(), context.response().headers());
        }
        return answer;
    }

    /** Most requests end here, with what is in memory: without another step than is needed. */
    private static Uni<SecurityIdentity> identity(Optional<Verification> recalled, Supplier<Uni<Verification>> ask) {
        if (recalled.isEmpty()) {
            return ask.get().emitOn(RequestContext.current()).map(Identities::of);
        }
        try {
            return Uni.createFrom().item(Identities.of(recalled.get()));
        } catch (RejectedCredential | ApiException refused) {
            return Uni.createFrom().failure(refused);
        }
    }

    private Uni<SecurityIdentity> session(String jwt, IdentityProviderManager providers) {
        return providers.authenticate(new TokenAuthenticationRequest(new JsonWebTokenCredential(jwt)))
                .flatMap(genuine -> {
                    JsonWebToken claims = (JsonWebToken) genuine.getPrincipal();
                    Optional<UUID> id = Ids.parse(String.valueOf(claims.<Object> getClaim(SessionTokens.SESSION_CLAIM)));
                    return id.isEmpty() ? refused()
                            : identity(verifier.recallSession(id.get()), () -> verifier.askSession(id.get()));
                });
    }

    private static Uni<SecurityIdentity> refused() {
        return Uni.createFrom().failure(() -> new RejectedCredential(Rejection.UNKNOWN));
    }

    @Override
    public Uni<ChallengeData> getChallenge(RoutingContext context) {
        return Uni.createFrom().item(new ChallengeData(401, "WWW-Authenticate", Challenge.PLAIN));
    }

    @Override
    public Set<Class<? extends AuthenticationRequest>> getCredentialTypes() {
        return Set.of(TokenAuthenticationRequest.class);
    }

    @Override
    public Uni<HttpCredentialTransport> getCredentialTransport(RoutingContext context) {
        return Uni.createFrom().item(new HttpCredentialTransport(HttpCredentialTransport.Type.AUTHORIZATION, "bearer"));
    }

    @Override
    public int getPriority() {
        return PRIORITY;
    }
}
