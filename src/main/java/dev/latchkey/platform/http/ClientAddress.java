package dev.latchkey.platform.http;

import jakarta.enterprise.context.ApplicationScoped;

import io.vertx.core.http.HttpServerRequest;

/** The one place that says where a request comes from: the address of the connection. */
@ApplicationScoped
public class ClientAddress {

    /** The client's IP address in text form. */
    public String of(HttpServerRequest request) {
        return request.remoteAddress() == null ? "" : request.remoteAddress().hostAddress();
    }
}
