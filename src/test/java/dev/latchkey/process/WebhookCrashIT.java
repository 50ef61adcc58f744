package dev.latchkey.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.latchkey.platform.Ids;
import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.RunningService;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.testing.WebhookReceiver;
import dev.latchkey.testing.WebhookReceiver.Received;
import dev.latchkey.webhook.ManyEvents;
import io.vertx.core.json.JsonObject;

/** Three servers on one database, killed between the commit of events and their delivery, and in the middle of delivering. */
class WebhookCrashIT {

    private static final String SECRET = "a-token-of-16-or-more";
    private static final int CHANGES = 200;
    private static final int TOKENS = 10;
    private static final int EVENTS = 10_000;
    private static final int RESOURCES = 280;

    @TempDir
    static Path directory;

    private final TestDatabase database = TestDatabase.create();
    private final List<LatchkeyProcess> servers = new ArrayList<>();

    private LatchkeyProcess start() {
        Map<String, String> environment = new HashMap<>(database.environment());
        environment.putAll(Map.of("LATCHKEY_WEBHOOK_ALLOW_HTTP", "true", "LATCHKEY_WEBHOOK_ALLOWED_NETWORKS", "127.0.0.1",
                "LATCHKEY_WEBHOOK_RETRY_AFTER", "100ms", "LATCHKEY_WEBHOOK_TIMEOUT", "2s"));
        LatchkeyProcess server = LatchkeyProcess.start(directory, environment);
        servers.add(server);
        return server;
    }

    @Test
    void everyEventIsDeliveredInOrderWhoeverIsKilled() {
        try (WebhookReceiver receiver = new WebhookReceiver()) {
            LatchkeyProcess first = start().ready();
            LatchkeyProcess second = start();
            LatchkeyProcess third = start();
            second.ready();
            third.ready();
            String session = first.signIn("default", RunningService.ADMIN_EMAIL, RunningService.ADMIN_PASSWORD);
            UUID webhook = UUID.fromString(first.post("/v3/webhooks", session, new JsonObject().put("name", "all")
                    .put("url", receiver.url("/")).put("token", SECRET)
                    .put("events", List.of("personal-access-token.updated"))).json().getString("id"));
            UUID account = database.value("SELECT account_id FROM webhook WHERE id = ?", webhook);

            // Committed and acknowledged; nothing is delivered before the kill.
            receiver.answer(any -> 503);
            List<String> tokens = IntStream.range(0, TOKENS)
                    .mapToObj(i -> first.post("/v3/personal-access-tokens", session,
                            new JsonObject().put("name", "t").put("scopes", List.of("license:read"))).json().getString("id"))
                    .toList();
            for (int i = 0; i < CHANGES; i++) {
                assertThat(first.patch("/v3/personal-access-tokens/" + tokens.get(i % TOKENS), session,
                        new JsonObject().put("name", number(i))).status()).isEqualTo(200);
            }
            first.kill();
            int refused = receiver.count();
            receiver.answer(any -> 204);
            awaitDelivered(receiver, refused + CHANGES);

            // Undisturbed, to measure; then killed in the middle, one after the other.
            List<UUID> resources = Stream.generate(Ids::next).limit(RESOURCES).toList();
            int batches = (EVENTS - CHANGES) / RESOURCES;
            long began = System.nanoTime();
            for (int i = 0; i < batches; i++) {
                ManyEvents.add(database, account, webhook, resources, number(i));
            }
            int before = receiver.count();
            awaitDelivered(receiver, 3_000);
            System.out.printf("two servers delivered %d events in %d ms%n", receiver.count() - before,
                    (System.nanoTime() - began) / 1_000_000);
            second.kill();
            LatchkeyProcess fourth = start();
            awaitDelivered(receiver, 6_000);
            fourth.ready();
            third.kill();
            await().atMost(Duration.ofSeconds(60)).until(() -> database.<Long> value(
                    "SELECT count(*) FROM webhook_event_log WHERE status <> 'delivered'") == 0);
            await().until(() -> database.<Long> value("SELECT count(*) FROM webhook_lane") == 0);

            int total = batches * RESOURCES + CHANGES;
            assertThat(total).isEqualTo(EVENTS);
            assertThat(database.<Long> value("SELECT count(*) FROM webhook_event_log")).isEqualTo(total);
            List<Received> accepted = receiver.received().subList(refused, receiver.count());
            Set<String> ids = new HashSet<>(accepted.stream().map(Received::id).toList());
            System.out.printf("%d events, %d deliveries, %d of them again%n", total, accepted.size(),
                    accepted.size() - ids.size());
            assertThat(ids).as("none is missing").hasSize(total);
            assertThat(database.<Long> value("SELECT count(*) FROM webhook_event_log WHERE NOT id::text = ANY (?)",
                    (Object) ids.toArray(String[]::new))).isZero();
            assertInOrder(accepted);
            assertThat(servers).extracting(LatchkeyProcess::output).noneMatch(output -> output.contains(SECRET));
        } finally {
            servers.forEach(LatchkeyProcess::close);
        }
    }

    private static String number(int i) {
        return String.format("%05d", i);
    }

    private static void awaitDelivered(WebhookReceiver receiver, int count) {
        await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(10)).until(() -> receiver.count() >= count);
    }

    /** Of each resource each event came, for the first time, after all that happened before it. */
    private static void assertInOrder(List<Received> received) {
        Map<String, Map<String, String>> firstTimes = new LinkedHashMap<>();
        received.forEach(each -> firstTimes.computeIfAbsent(each.resourceId(), any -> new LinkedHashMap<>())
                .putIfAbsent(each.id(), each.json().getJsonObject("data").getString("name")));
        assertThat(firstTimes).hasSize(RESOURCES + TOKENS);
        firstTimes.values().forEach(names -> assertThat(List.copyOf(names.values())).isSorted().doesNotHaveDuplicates());
    }
}
