package dev.latchkey.gateway.proxy;

import java.util.concurrent.TimeoutException;

import dev.latchkey.gateway.Decision.Refused;
import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.http.ConnectionPoolTooBusyException;

/** What is answered when the API behind does not answer as it should. */
final class UpstreamFailure {

    static final Refused TIMED_OUT = Refused.of(504, "UPSTREAM_TIMEOUT",
            "the API behind did not answer in time: try again later", "", 0);
    private static final Refused BUSY = Refused.of(503, "UPSTREAM_BUSY",
            "too many requests wait for the API behind: try again", "", 1);
    private static final Refused FAILED = Refused.of(502, "UPSTREAM_FAILED",
            "the API behind cannot be reached, or its answer is not HTTP: try again later", "", 0);

    private UpstreamFailure() {
    }

    static Refused of(Throwable failure) {
        if (failure instanceof ConnectionPoolTooBusyException) {
            return BUSY;
        }
        return failure instanceof TimeoutException || failure instanceof ConnectTimeoutException ? TIMED_OUT : FAILED;
    }
}
