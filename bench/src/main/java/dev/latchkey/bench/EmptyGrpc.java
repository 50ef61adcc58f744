package dev.latchkey.bench;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import org.eclipse.microprofile.config.inject.ConfigProperty;

import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.grpc.server.GrpcServer;

/** A gRPC service that answers every call with an empty message: what a call costs by itself. */
@ApplicationScoped
public class EmptyGrpc {

    void start(@Observes StartupEvent event, @ConfigProperty(name = "bench.grpc.port", defaultValue = "18093") int port) {
        Vertx vertx = Vertx.vertx();
        GrpcServer server = GrpcServer.server(vertx)
                .callHandler(call -> call.handler(message -> call.response().end(Buffer.buffer())));
        vertx.createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(port)).requestHandler(server).listen();
    }
}
