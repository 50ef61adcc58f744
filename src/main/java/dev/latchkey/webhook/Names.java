package dev.latchkey.webhook;

import java.net.InetAddress;
import java.util.List;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;

/** What names mean. */
interface Names {

    /** How many names are asked for at once: Java waits for each. */
    int THREADS = 8;

    /**
     * The addresses of a host, in text form, in the system's order; of an address itself.
     *
     * @return fails with {@link java.net.UnknownHostException} if there is none
     */
    Future<List<String>> resolve(String host);

    /** As the system resolves names, on threads of its own: a name server may take its time. */
    static Names ofSystem(Vertx vertx) {
        WorkerExecutor threads = vertx.createSharedWorkerExecutor("webhook-names", THREADS);
        return host -> threads.executeBlocking(() -> List.of(InetAddress.getAllByName(host)), false)
                .map(addresses -> addresses.stream().map(InetAddress::getHostAddress).toList());
    }
}
