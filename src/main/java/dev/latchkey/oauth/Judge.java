package dev.latchkey.oauth;

import java.util.Optional;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.platform.http.RequestContext;
import dev.latchkey.token.TokenDigest;
import dev.latchkey.token.TokenFormat;
import dev.latchkey.verification.RateLimited;
import dev.latchkey.verification.Rejection;
import dev.latchkey.verification.RequestFacts;
import dev.latchkey.verification.TokenVerifier;
import dev.latchkey.verification.Verification;
import io.smallrye.mutiny.Uni;

/** Says what a text is, as everybody else is told who presents it. */
@ApplicationScoped
class Judge {

    private final TokenFormat format;
    private final TokenVerifier verifier;

    Judge(TokenFormat format, TokenVerifier verifier) {
        this.format = format;
        this.verifier = verifier;
    }

    /**
     * A token's state; what cannot be one is {@link Rejection#UNKNOWN} at once. Fails with {@link OAuthError} 503
     * if it cannot be checked, and 429 if it was used as often as it may be, or too many that do not exist were asked about.
     * Goes on
     * where the request is handled.
     */
    Uni<Verification> judge(String token, RequestFacts facts) {
        return state(token, facts).invoke(judged -> {
            if (judged instanceof RateLimited limited) {
                throw OAuthError.tooMany(limited.rate().remedy(), limited.rate().seconds());
            }
        });
    }

    /** The same, but one that was used too often is a {@link RateLimited}. */
    Uni<Verification> state(String token, RequestFacts facts) {
        if (!format.isWellFormed(token)) {
            return Uni.createFrom().item(Rejection.UNKNOWN);
        }
        TokenDigest digest = TokenDigest.of(token);
        Optional<Verification> recalled = verifier.recall(digest, facts);
        Uni<Verification> judged = recalled.map(known -> Uni.createFrom().item(known))
                .orElseGet(() -> verifier.ask(digest, facts).emitOn(RequestContext.current()));
        return judged.invoke(Judge::requireAnswer);
    }

    private static void requireAnswer(Verification verification) {
        if (verification == Rejection.UNAVAILABLE) {
            throw OAuthError.unavailable("the token cannot be checked at the moment: try again", 1);
        }
        if (verification == Rejection.RATE_LIMITED) {
            throw OAuthError.tooMany("too many tokens that do not exist came from this address: try again in a second", 1);
        }
    }
}
