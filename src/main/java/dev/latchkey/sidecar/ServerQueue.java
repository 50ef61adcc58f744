package dev.latchkey.sidecar;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;

import org.jboss.logging.Logger;

import dev.latchkey.platform.ApiException;
import dev.latchkey.sidecar.LookupMessages.Answers;
import dev.latchkey.sidecar.LookupMessages.Asked;
import dev.latchkey.sidecar.ServerConnections.Answer;
import dev.latchkey.sidecar.ServerConnections.Exchange;
import dev.latchkey.token.TokenDigest;
import dev.latchkey.verification.ChangeListener;
import dev.latchkey.verification.CredentialLookup.Standing;
import dev.latchkey.verification.SharedScopes;
import dev.latchkey.verification.TokenRecord;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;

/**
 * The lookups of a sidecar. Alone a digest is asked for at once; while a request is under way those that come meanwhile gather,
 * and go together with the next. A request that is not answered for {@link #LATE} holds up nobody any more: its server is
 * suspect, and others are asked first; one that is not answered for {@link #GIVEN_UP} is ended, and what it asked is asked
 * elsewhere. After {@link #TIMEOUT} in all a lookup fails.
 * <p>
 * Bounded: {@link #MOST_WAITING} lookups wait; further ones fail at once. All of it runs on one event loop.
 */
final class ServerQueue {

    static final Duration TIMEOUT = Duration.ofSeconds(1);
    private static final Duration GIVEN_UP = Duration.ofMillis(400);
    private static final Duration LATE = Duration.ofMillis(150);
    private static final int MOST_WAITING = 10_000;
    private static final int MOST_UNDER_WAY = 8;
    /** Full requests that may be under way before any of them is late: what a server allows a client of new tokens. */
    private static final int MOST_FULL = 2;
    private static final long WATCH_MILLIS = 25;
    /** Before a server that has just failed is asked again, when no other is left. */
    private static final long PAUSE_NANOS = Duration.ofMillis(50).toNanos();
    /** For so long after an answer lookups count as working. */
    private static final long WORKS_NANOS = Duration.ofSeconds(10).toNanos();
    private static final Logger LOG = Logger.getLogger(ServerQueue.class);

    private final Vertx vertx;
    private final Context context;
    private final Servers servers;
    private final ServerConnections connections;
    private final ChangeListener listener;
    private final SharedScopes shared = new SharedScopes();
    private final ArrayDeque<Question> waiting = new ArrayDeque<>();
    private final Set<Batch> underWay = new HashSet<>();
    private boolean isWatching;
    private boolean told;
    private volatile long failures;
    private volatile long answeredAt = System.nanoTime() - WORKS_NANOS;

    ServerQueue(Vertx vertx, Context context, Servers servers, ServerConnections connections, ChangeListener listener) {
        this.vertx = vertx;
        this.context = context;
        this.servers = servers;
        this.connections = connections;
        this.listener = listener;
    }

    private record Question(Asked asked, long since, UniEmitter<? super Optional<TokenRecord>> emitter) {
    }

    private static final class Batch {

        private final Server server;
        private final List<Question> questions;
        private final long since = System.nanoTime();
        private final Exchange exchange;
        private boolean isLate;

        Batch(Server server, List<Question> questions, Exchange exchange) {
            this.server = server;
            this.questions = questions;
            this.exchange = exchange;
        }
    }

    /** Completes on the event loop of this queue. */
    Uni<Optional<TokenRecord>> ask(TokenDigest digest, Standing standing) {
        return Uni.createFrom().emitter((UniEmitter<? super Optional<TokenRecord>> emitter) -> {
            Question question = new Question(new Asked(digest, standing), System.nanoTime(), emitter);
            context.runOnContext(ignored -> submit(question));
        });
    }

    /** Requests that a server did not answer. May be asked by any thread. */
    long failures() {
        return failures;
    }

    /** Whether a lookup was answered lately. May be asked by any thread. */
    boolean works() {
        return System.nanoTime() - answeredAt < WORKS_NANOS;
    }

    private void submit(Question question) {
        if (waiting.size() >= MOST_WAITING) {
            question.emitter.fail(ApiException.unavailable("too many lookups wait: try again"));
            return;
        }
        waiting.add(question);
        proceed();
        watch();
    }

    private void proceed() {
        while (!waiting.isEmpty() && maySend()) {
            Optional<Server> server = servers.best();
            if (server.isEmpty() || servers.isSuspect(server.get())
                    && System.nanoTime() - server.get().failedAt() < PAUSE_NANOS) {
                return;
            }
            send(server.get());
        }
    }

    private boolean maySend() {
        long fresh = underWay.stream().filter(batch -> !batch.isLate).count();
        return underWay.size() < MOST_UNDER_WAY
                && (fresh == 0 || fresh < MOST_FULL && waiting.size() >= LookupMessages.MOST);
    }

    private void send(Server server) {
        List<Question> questions = new ArrayList<>();
        while (questions.size() < LookupMessages.MOST && !waiting.isEmpty()) {
            questions.add(waiting.poll());
        }
        JsonObject body = LookupMessages.question(questions.stream().map(Question::asked).toList());
        Batch batch = new Batch(server, questions, connections.post(server, InternalApi.LOOKUP, body.toBuffer()));
        underWay.add(batch);
        batch.exchange.answer().onComplete(done -> {
            underWay.remove(batch);
            if (done.succeeded()) {
                answered(batch, done.result());
            } else {
                failed(batch, done.cause());
            }
            proceed();
        });
    }

    private void answered(Batch batch, Answer answer) {
        if (answer.status() != 200) {
            failed(batch, new IllegalStateException("status " + answer.status()));
            return;
        }
        Answers answers;
        try {
            answers = LookupMessages.answers(new JsonObject(answer.body()),
                    batch.questions.stream().map(question -> question.asked.digest()).toList(), shared);
        } catch (RuntimeException e) {
            // Whatever is wrong with it: DecodeException, ClassCastException, a range or an instant that cannot be read.
            failed(batch, new DecodeException("the answer is not well-formed: " + e.getMessage()));
            return;
        }
        batch.server.answered();
        boolean isSomeUnavailable = false;
        // An answer of a server that is perhaps connected to a former primary, and does not serve the stream which would tell.
        boolean isOnce = !answers.hasLease() && !servers.isOfStream(batch.server);
        for (int i = 0; i < batch.questions.size(); i++) {
            Question question = batch.questions.get(i);
            LookupMessages.Answer one = answers.answers().get(i);
            if (!one.isKnown()) {
                isSomeUnavailable = true;
                waiting.addFirst(question);
                continue;
            }
            question.emitter.complete(one.token());
            if (isOnce) {
                one.token().ifPresent(token -> listener.changed(token.accountId(), List.of(token.id())));
            }
        }
        if (isSomeUnavailable) {
            failures++;
            servers.failed(batch.server);
        } else {
            told = false;
            answeredAt = System.nanoTime();
        }
    }

    /** Asked again, of another server if there is one; in front of the others, in the same order. */
    private void failed(Batch batch, Throwable reason) {
        failures++;
        servers.failed(batch.server);
        if (!told) {
            told = true;
            LOG.warnf("%s does not answer lookups: %s", batch.server, reason.toString());
        }
        for (int i = batch.questions.size() - 1; i >= 0; i--) {
            waiting.addFirst(batch.questions.get(i));
        }
    }

    /** While there is something to watch. */
    private void watch() {
        if (isWatching || waiting.isEmpty() && underWay.isEmpty()) {
            return;
        }
        isWatching = true;
        vertx.setTimer(WATCH_MILLIS, ignored -> {
            isWatching = false;
            look(System.nanoTime());
            proceed();
            watch();
        });
    }

    private void look(long now) {
        for (Batch batch : List.copyOf(underWay)) {
            if (now - batch.since > GIVEN_UP.toNanos()) {
                batch.exchange.giveUp(new TimeoutException("no answer within " + GIVEN_UP));
            } else if (!batch.isLate && now - batch.since > LATE.toNanos()) {
                batch.isLate = true;
                servers.failed(batch.server);
            }
        }
        waiting.removeIf(question -> {
            boolean isOver = now - question.since > TIMEOUT.toNanos();
            if (isOver) {
                question.emitter.fail(new TimeoutException("no server answered within " + TIMEOUT));
            }
            return isOver;
        });
    }
}
