package dev.latchkey.security;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.verification.TokenVerifier;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.IdentityProvider;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;

/** The identity behind a personal access token: roles are its effective scopes. */
@ApplicationScoped
public class PersonalAccessTokenIdentityProvider implements IdentityProvider<PersonalAccessTokenRequest> {

    private final TokenVerifier verifier;

    public PersonalAccessTokenIdentityProvider(TokenVerifier verifier) {
        this.verifier = verifier;
    }

    @Override
    public Class<PersonalAccessTokenRequest> getRequestType() {
        return PersonalAccessTokenRequest.class;
    }

    @Override
    public Uni<SecurityIdentity> authenticate(PersonalAccessTokenRequest request, AuthenticationRequestContext context) {
        return verifier.verify(request.digest(), request.facts())
                .emitOn(RequestContext.current()).map(Identities::of);
    }
}
