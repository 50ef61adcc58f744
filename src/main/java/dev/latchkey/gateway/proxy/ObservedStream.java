package dev.latchkey.gateway.proxy;

import java.util.function.Consumer;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;

/** A stream that tells somebody of what passes. */
final class ObservedStream implements ReadStream<Buffer> {

    private final ReadStream<Buffer> stream;
    private final Consumer<Buffer> observer;

    ObservedStream(ReadStream<Buffer> stream, Consumer<Buffer> observer) {
        this.stream = stream;
        this.observer = observer;
    }

    @Override
    public ReadStream<Buffer> handler(Handler<Buffer> handler) {
        stream.handler(handler == null ? null : buffer -> {
            observer.accept(buffer);
            handler.handle(buffer);
        });
        return this;
    }

    @Override
    public ReadStream<Buffer> exceptionHandler(Handler<Throwable> handler) {
        stream.exceptionHandler(handler);
        return this;
    }

    @Override
    public ReadStream<Buffer> pause() {
        stream.pause();
        return this;
    }

    @Override
    public ReadStream<Buffer> resume() {
        stream.resume();
        return this;
    }

    @Override
    public ReadStream<Buffer> fetch(long amount) {
        stream.fetch(amount);
        return this;
    }

    @Override
    public ReadStream<Buffer> endHandler(Handler<Void> handler) {
        stream.endHandler(handler);
        return this;
    }
}
