package dev.latchkey.verification;

import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;

import dev.latchkey.token.TokenDigest;
import io.smallrye.mutiny.Uni;

/** Asks the source at each use: never stale, at the price of one round trip. */
@ApplicationScoped
public class DirectTokenVerifier implements TokenVerifier {

    private static final Logger LOG = Logger.getLogger(DirectTokenVerifier.class);

    private final CredentialLookup lookup;
    private final VerificationListener listener;
    private final Clock clock;

    public DirectTokenVerifier(CredentialLookup lookup, VerificationListener listener, Clock clock) {
        this.lookup = lookup;
        this.listener = listener;
        this.clock = clock;
    }

    @Override
    public Uni<Verification> verify(TokenDigest digest, RequestFacts facts) {
        return answer(lookup.token(digest), found -> {
            Instant now = clock.instant();
            Verification decision = found.decide(now, facts);
            listener.judged(found.id(),
                    decision instanceof Rejection rejection ? rejection.name() : VerificationListener.ALLOWED, facts.address(),
                    now);
            return decision;
        });
    }

    @Override
    public Uni<Verification> verifySession(UUID sessionId) {
        return answer(lookup.session(sessionId), found -> found.decide(clock.instant()));
    }

    private static <R> Uni<Verification> answer(Uni<Optional<R>> asked, Function<R, Verification> decide) {
        return asked.map(found -> found.map(decide).orElse(Rejection.UNKNOWN))
                .onFailure().recoverWithItem(failure -> {
                    LOG.warnf("A credential could not be checked: %s", failure.toString());
                    return Rejection.UNAVAILABLE;
                });
    }
}
