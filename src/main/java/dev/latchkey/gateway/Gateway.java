package dev.latchkey.gateway;

import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

import jakarta.inject.Singleton;

import org.jboss.logging.Logger;

import dev.latchkey.gateway.Decision.Allowed;
import dev.latchkey.gateway.Decision.Refused;
import dev.latchkey.gateway.policy.ActivePolicy;
import dev.latchkey.gateway.policy.CanonicalPath;
import dev.latchkey.gateway.policy.Demand;
import dev.latchkey.gateway.policy.JudgedPath;
import dev.latchkey.gateway.policy.RoutePolicy;
import dev.latchkey.gateway.policy.RoutePolicy.UpstreamAuthorization;
import dev.latchkey.gateway.policy.RouteRule;
import dev.latchkey.gateway.policy.UnacceptablePath;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.http.Bearer;
import dev.latchkey.token.TokenDigest;
import dev.latchkey.token.TokenFormat;
import dev.latchkey.verification.RateLimited;
import dev.latchkey.verification.Rejection;
import dev.latchkey.verification.RequestFacts;
import dev.latchkey.verification.TokenVerifier;
import dev.latchkey.verification.Verification;
import dev.latchkey.verification.VerifiedToken;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;

/**
 * Decides whether a request may pass: the one decision behind all doors, which only translate. In order: is the request one
 * that everybody understands alike, which rule is it for, who calls, and do they hold what the rule demands.
 */
// Not behind a proxy: it is asked for each request.
@Singleton
public class Gateway {

    private static final Logger LOG = Logger.getLogger(Gateway.class);
    /** CONNECT makes a tunnel of a connection, TRACE repeats headers that the client must not see. */
    private static final Set<String> NEVER = Set.of("CONNECT", "TRACE");

    private final ActivePolicy policy;
    private final TokenFormat format;
    private final TokenVerifier verifier;
    private final UpstreamIdentity identity;

    public Gateway(ActivePolicy policy, TokenFormat format, TokenVerifier verifier, UpstreamIdentity identity) {
        this.policy = policy;
        this.format = format;
        this.verifier = verifier;
        this.identity = identity;
    }

    /**
     * Decides; never fails. Must be called on an event loop: what is in memory is answered at once, anything else later, on the
     * same event loop.
     */
    public void decide(RequestLine request, Handler<Decision> then) {
        new Judgement(request, then).step(this::findRule);
    }

    /**
     * Whether what was allowed would be allowed again, for an exchange that goes on. Not counted as a use of the token.
     *
     * @return empty if it cannot be told from memory; {@link #askAgain} asks
     */
    public Optional<Boolean> stillAllows(Allowed allowed, String address) {
        return verifier.recall(presented(allowed), RequestFacts.again(address)).map(answer -> isMet(allowed.rule(), answer));
    }

    /** Asks; fails if it cannot be told at the moment. May complete on any thread. */
    public Uni<Boolean> askAgain(Allowed allowed, String address) {
        return verifier.ask(presented(allowed), RequestFacts.again(address)).map(answer -> {
            if (answer == Rejection.UNAVAILABLE) {
                throw new IllegalStateException(Rejection.UNAVAILABLE.remedy());
            }
            return isMet(allowed.rule(), answer);
        });
    }

    private static TokenDigest presented(Allowed allowed) {
        return allowed.token().orElseThrow().presented();
    }

    private static boolean isMet(RouteRule rule, Verification answer) {
        return answer instanceof VerifiedToken token
                && !(rule.demand() instanceof Demand.Scopes scopes && !scopes.isMetBy(token.scopes()));
    }

    /** RFC 9110 section 9.1 allows more, but a lower-case method is one that somebody wants taken for another. */
    private static boolean isMethod(String method) {
        for (int i = 0; i < method.length(); i++) {
            char c = method.charAt(i);
            if ((c < 'A' || c > 'Z') && (c != '-' || i == 0)) {
                return false;
            }
        }
        return !method.isEmpty();
    }

    /** Visible ASCII without a fragment: on HTTP/2 anything may come, and must not become part of a request line behind. */
    private static boolean isTarget(String target) {
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c <= ' ' || c >= 0x7f || c == '#') {
                return false;
            }
        }
        return true;
    }

    /** Each step answers a decision, or null if another step will. */
    private interface Step {
        Decision take(Judgement judgement);
    }

    private Decision findRule(Judgement judgement) {
        RequestLine request = judgement.request;
        Optional<RoutePolicy> current = policy.current();
        if (current.isEmpty()) {
            return Refused.NO_POLICY;
        }
        judgement.policy = current.get();
        if (!isMethod(request.method())) {
            return Refused.badRequest("method", "must be upper-case letters, such as GET");
        }
        if (NEVER.contains(request.method())) {
            return Refused.badRequest("method", "is not for an API: neither a tunnel nor an echo of headers is passed on");
        }
        UpstreamHeaders.Misleading misleading = request.misleading();
        if (!misleading.overrides().isEmpty() && !judgement.policy.passesOverrides()) {
            return Refused.badRequest(misleading.overrides().get(0),
                    "would change what the request is after it was judged: send it without this header");
        }
        if (!misleading.imitations().isEmpty() && request.form() == RequestLine.Form.AS_SENT) {
            return Refused.badRequest(misleading.imitations().get(0),
                    "could be taken for a header of the gateway: send it without this header");
        }
        if (!isTarget(request.target())) {
            return Refused.badRequest("path",
                    "has a fragment, or a character that must be percent-encoded, in the path or the query");
        }
        int query = request.target().indexOf('?');
        JudgedPath judged = CanonicalPath.of(query < 0 ? request.target() : request.target().substring(0, query));
        if (judged instanceof UnacceptablePath unacceptable) {
            return Refused.badRequest("path", unacceptable.problem());
        }
        CanonicalPath path = (CanonicalPath) judged;
        if (!path.isAsSent() && request.form() == RequestLine.Form.AS_SENT) {
            return Refused.badRequest("path",
                    "can be written in a simpler way, and must be: without dot segments, doubled slashes and needless encoding");
        }
        Optional<RouteRule> rule = judgement.policy.match(request.method(), path);
        if (rule.isEmpty()) {
            return Refused.NO_RULE;
        }
        judgement.path = path.text();
        judgement.rule = rule.get();
        if (rule.get().demand() instanceof Demand.Nothing) {
            boolean passes = judgement.policy.upstream().authorization() == UpstreamAuthorization.PASS;
            return judgement.allowed(Optional.empty(),
                    passes ? request.authorization().stream().findFirst() : Optional.empty());
        }
        return verify(judgement);
    }

    private Decision verify(Judgement judgement) {
        RequestLine request = judgement.request;
        if (request.authorization().isEmpty()) {
            return Refused.noCredential(judgement.rule.demand());
        }
        Optional<String> credential = Bearer.credential(request.authorization());
        if (credential.isEmpty() || !format.isWellFormed(credential.get())) {
            return Refused.of(Rejection.UNKNOWN);
        }
        TokenDigest digest = TokenDigest.of(credential.get());
        Optional<Verification> recalled = verifier.recall(digest, request.facts());
        if (recalled.isPresent()) {
            return weigh(judgement, recalled.get());
        }
        judgement.await(verifier.ask(digest, request.facts()), answer -> weigh(judgement, answer));
        return null;
    }

    private Decision weigh(Judgement judgement, Verification answer) {
        if (answer instanceof Rejection rejection) {
            return Refused.of(rejection);
        }
        if (answer instanceof RateLimited limited) {
            return Refused.of(limited.rate());
        }
        VerifiedToken token = (VerifiedToken) answer;
        if (judgement.rule.demand() instanceof Demand.Scopes scopes && !scopes.isMetBy(token.scopes())) {
            return Refused.insufficientScope(scopes);
        }
        Optional<VerifiedToken> caller = Optional.of(token);
        return switch (judgement.policy.upstream().authorization()) {
            case REMOVE -> judgement.allowed(caller, Optional.empty());
            case PASS -> judgement.allowed(caller, Optional.of(judgement.request.authorization().get(0)));
            case JWT -> {
                String audience = judgement.policy.upstream().audience();
                Optional<String> known = identity.recall(token, audience);
                if (known.isPresent()) {
                    yield judgement.allowed(caller, known);
                }
                judgement.await(identity.ask(token, audience), signed -> judgement.allowed(caller, Optional.of(signed)));
                yield null;
            }
        };
    }

    /** A request on its way to a decision. */
    private static final class Judgement {

        private final RequestLine request;
        private final Handler<Decision> then;
        private RoutePolicy policy;
        private RouteRule rule;
        private String path;

        Judgement(RequestLine request, Handler<Decision> then) {
            this.request = request;
            this.then = then;
        }

        void step(Step step) {
            Decision decision;
            try {
                decision = step.take(this);
            } catch (RuntimeException e) {
                decision = failed(e);
            }
            if (decision != null) {
                then.handle(decision);
            }
        }

        /** Goes on when the answer is there, on the event loop of this call. */
        <T> void await(Uni<T> answer, Function<T, Decision> next) {
            Context context = Vertx.currentContext();
            answer.subscribe().with(
                    item -> context.runOnContext(ignored -> step(judgement -> next.apply(item))),
                    failure -> context.runOnContext(ignored -> then.handle(failed(failure))));
        }

        Allowed allowed(Optional<VerifiedToken> caller, Optional<String> authorization) {
            return new Allowed(rule, caller, path, authorization);
        }

        private static Refused failed(Throwable failure) {
            if (failure instanceof ApiException known) {
                return Refused.of(known.status(), known.code(), known.getMessage(), "",
                        (int) known.retryAfterSeconds().orElse(0));
            }
            LOG.error("A request could not be judged, and is refused", failure);
            return Refused.FAILED;
        }
    }
}
