package dev.latchkey.sidecar;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;

import dev.latchkey.client.Client;
import dev.latchkey.client.Clients;
import dev.latchkey.verification.ChangeSource;
import io.vertx.core.Context;
import io.vertx.core.http.ServerWebSocket;

/**
 * The streams of one event loop, by account: one task tells all that it concerns. All but {@link #tell} and {@link
 * #tellAll} is called on that event loop.
 */
final class StreamLoop {

    private static final long SILENT_NANOS = Duration.ofSeconds(5).toNanos();

    private final Context context;
    private final ChangeSource source;
    private final Clients clients;
    private final SidecarCensus census;
    private final AtomicInteger open;
    private final Map<UUID, Set<SidecarStream>> streams = new HashMap<>();
    private boolean isChecking;

    /** @param open how many streams there are on all event loops; whoever calls {@link #add} has counted */
    StreamLoop(Context context, ChangeSource source, Clients clients, SidecarCensus census, AtomicInteger open) {
        this.context = context;
        this.source = source;
        this.clients = clients;
        this.census = census;
        this.open = open;
    }

    /** Registers a stream and then lets it begin: a change that is committed later finds it here. */
    void add(ServerWebSocket socket, Client client) {
        SidecarStream stream = new SidecarStream(socket, client, source, context);
        socket.closeHandler(closed -> remove(stream));
        if (socket.isClosed()) {
            open.decrementAndGet();
            return;
        }
        streams.computeIfAbsent(client.accountId(), ignored -> new HashSet<>()).add(stream);
        census.came(client.accountId());
        stream.start();
    }

    private void remove(SidecarStream stream) {
        Set<SidecarStream> ofAccount = streams.get(stream.accountId());
        if (ofAccount != null && ofAccount.remove(stream)) {
            open.decrementAndGet();
            census.went(stream.accountId());
            if (ofAccount.isEmpty()) {
                streams.remove(stream.accountId());
            }
        }
    }

    /** Tells the streams of an account, behind whatever was queued before. */
    void tell(UUID account, String text) {
        context.runOnContext(
                ignored -> List.copyOf(streams.getOrDefault(account, Set.of())).forEach(stream -> stream.tell(text)));
    }

    /** Tells all streams, behind whatever was queued before. */
    void tellAll(String text) {
        context.runOnContext(ignored -> all().forEach(stream -> stream.tell(text)));
    }

    private List<SidecarStream> all() {
        return streams.values().stream().flatMap(Set::stream).toList();
    }

    /** Each second: ends the streams of which nothing is heard, and those whose client may not have one any more. */
    void check() {
        cutIf(stream -> stream.isSilentFor(SILENT_NANOS));
        Set<UUID> asked = all().stream().map(SidecarStream::clientId).collect(Collectors.toSet());
        if (isChecking || asked.isEmpty()) {
            return;
        }
        isChecking = true;
        // While the database does not answer the streams stay: they will soon carry no evidence.
        clients.enabled(asked, Client.Kind.SIDECAR).onFailure().recoverWithItem(asked)
                .subscribe().with(enabled -> context.runOnContext(ignored -> {
                    isChecking = false;
                    cutIf(stream -> asked.contains(stream.clientId()) && !enabled.contains(stream.clientId()));
                }));
    }

    private void cutIf(Predicate<SidecarStream> condition) {
        all().stream().filter(condition).forEach(SidecarStream::cut);
    }
}
