package dev.latchkey.platform.http;

import java.net.URI;
import java.util.UUID;
import java.util.function.Function;

import jakarta.ws.rs.core.Response;

import dev.latchkey.platform.Idempotency;

/** The answer to a POST that makes something. */
public final class Creation {

    private Creation() {
    }

    /** 201 with {@code Location}; or 200, and that nothing was made this time, if an earlier request made it. */
    public static <T> Response of(String path, Idempotency.Outcome<T> outcome, Function<T, UUID> id) {
        return outcome.replayed() ? Response.ok(outcome.value()).header(Idempotency.REPLAYED, true).build()
                : Response.created(URI.create(path + "/" + id.apply(outcome.value()))).entity(outcome.value()).build();
    }
}
