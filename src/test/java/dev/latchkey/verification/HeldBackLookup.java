package dev.latchkey.verification;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import dev.latchkey.token.TokenDigest;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;

/** A source whose answers are on their way until the test lets them arrive. */
final class HeldBackLookup implements CredentialLookup {

    private final List<UniEmitter<? super Optional<TokenRecord>>> tokens = new ArrayList<>();
    private final List<UniEmitter<? super Optional<SessionRecord>>> sessions = new ArrayList<>();
    final List<Standing> standings = new ArrayList<>();
    int asked;

    @Override
    public Uni<Optional<TokenRecord>> token(TokenDigest digest, Standing standing) {
        return Uni.createFrom().emitter(emitter -> {
            asked++;
            standings.add(standing);
            tokens.add(emitter);
        });
    }

    @Override
    public Uni<Optional<SessionRecord>> session(UUID id, Standing standing) {
        return Uni.createFrom().emitter(emitter -> {
            asked++;
            standings.add(standing);
            sessions.add(emitter);
        });
    }

    /** The oldest answer about a token arrives. */
    void answer(TokenRecord record) {
        tokens.remove(0).complete(Optional.ofNullable(record));
    }

    void answerSession(SessionRecord record) {
        sessions.remove(0).complete(Optional.ofNullable(record));
    }

    void fail() {
        tokens.remove(0).fail(new IllegalStateException("the database does not answer"));
    }

    int underWay() {
        return tokens.size() + sessions.size();
    }
}
