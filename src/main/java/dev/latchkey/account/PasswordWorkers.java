package dev.latchkey.account;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
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

/**
 * Threads for what costs much processor time and memory: hashing passwords, signing. Only a few at once
 * ({@code latchkey.sign-in.concurrency}), a bounded number waiting ({@code latchkey.sign-in.queue}); beyond it 503.
 */
@ApplicationScoped
public class PasswordWorkers {

    private final ThreadPoolExecutor threads;

    public PasswordWorkers(LatchkeyConfig config) {
        int concurrency = config.signIn().concurrency();
        threads = new ThreadPoolExecutor(concurrency, concurrency, 30, TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(config.signIn().queue()), work -> {
                    Thread thread = new Thread(work, "passwords");
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    /** Does the work on one of the threads and answers where the caller is. */
    public <T> Uni<T> run(Callable<T> work) {
        return Uni.createFrom().<T> emitter(emitter -> {
            Context context = Vertx.currentContext();
            try {
                threads.execute(() -> {
                    try {
                        T result = work.call();
                        resume(context, () -> emitter.complete(result));
                    } catch (Exception e) {
                        resume(context, () -> emitter.fail(e));
                    }
                });
            } catch (RejectedExecutionException e) {
                emitter.fail(ApiException.unavailable("too many sign-ins at once: try again in a moment"));
            }
        });
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
