package dev.latchkey.signing;

import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.LatchkeyConfig;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;

/**
 * Signs on threads of its own, half as many as there are processors: a signature takes some tenths of a
 * millisecond, too long for an event loop, too short to wait behind passwords. At most {@link #MAX_WAITING} wait;
 * beyond it 503.
 */
@ApplicationScoped
public class SigningThreads implements TokenSigner {

    static final int MAX_WAITING = 1_000;

    private final SigningKeys keys;
    private final LatchkeyConfig config;
    private final ThreadPoolExecutor threads;

    public SigningThreads(SigningKeys keys, LatchkeyConfig config) {
        this.keys = keys;
        this.config = config;
        int concurrency = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        threads = new ThreadPoolExecutor(concurrency, concurrency, 30, TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_WAITING), work -> {
                    Thread thread = new Thread(work, "signing");
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public Uni<String> sign(KeyPurpose purpose, Map<String, Object> claims) {
        return Uni.createFrom().emitter(emitter -> {
            Context context = Vertx.currentContext();
            try {
                threads.execute(() -> {
                    try {
                        String jwt = signNow(purpose, claims);
                        resume(context, () -> emitter.complete(jwt));
                    } catch (Throwable e) {
                        resume(context, () -> emitter.fail(e));
                    }
                });
            } catch (RejectedExecutionException e) {
                emitter.fail(ApiException.unavailable("too much is to be signed at once: try again in a moment"));
            }
        });
    }

    private String signNow(KeyPurpose purpose, Map<String, Object> claims) {
        KeyRing.Key key = keys.signing(purpose)
                .orElseThrow(() -> ApiException.unavailable("there is no key to sign with here: ask a server that has one"));
        JsonObject header = new JsonObject().put("typ", purpose.type()).put("alg", Es256.ALGORITHM).put("kid", key.id());
        JsonObject all = new JsonObject().put("iss", purpose.issuer(config.publicUrl()));
        claims.forEach((name, value) -> {
            if (!name.equals("iss")) {
                all.put(name, value);
            }
        });
        return Es256.sign(key.privateKey().orElseThrow(), header, all);
    }

    private static void resume(Context context, Runnable continuation) {
        if (context == null) {
            continuation.run();
        } else {
            context.runOnContext(ignored -> continuation.run());
        }
    }

    @PreDestroy
    void stop() {
        threads.shutdown();
    }
}
