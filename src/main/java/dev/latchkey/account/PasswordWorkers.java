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

    private static final int MAX_SIGNATURES_WAITING = 1000;

    private final ThreadPoolExecutor threads;
    /** Apart from the passwords: a flood of sign-ins must not fail a refresh whose token is already used up. */
    private final ThreadPoolExecutor signers;

    public PasswordWorkers(LatchkeyConfig config) {
        threads = threads("passwords", config.signIn().concurrency(), config.signIn().queue());
        signers = threads("signatures", 1, MAX_SIGNATURES_WAITING);
    }

    private static ThreadPoolExecutor threads(String name, int concurrency, int queue) {
        ThreadPoolExecutor threads = new ThreadPoolExecutor(concurrency, concurrency, 30, TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(queue), work -> {
                    Thread thread = new Thread(work, name);
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    /** Works with a password on one of the threads and answers where the caller is. */
    public <T> Uni<T> run(Callable<T> work) {
        return run(threads, work);
    }

    /** The same for a signature, which takes about a millisecond. */
    public <T> Uni<T> sign(Callable<T> work) {
        return run(signers, work);
    }

    private static <T> Uni<T> run(ThreadPoolExecutor threads, Callable<T> work) {
        return Uni.createFrom().<T> emitter(emitter -> {
            Context context = Vertx.currentContext();
            try {
                threads.execute(() -> {
                    try {
                        T result = work.call();
                        resume(context, () -> emitter.complete(result));
                    } catch (Throwable e) {
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
        signers.shutdown();
    }
}
