import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;

/**
 * Holds streams of changes as sidecars do, and measures what they cost the server and how late they bring a revocation. Needs Vert.x on the
 * class path. Arguments: a file with lines "id token", the session's JWT, the server's URL, its management URL, its internal port, the
 * credential of the sidecars, how many streams, the server's process id.
 */
class SidecarStreams {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final int CONNECTING = 50;
    /** Revocations that are not counted, while Java compiles. */
    private static final int WARM_UP = 10;

    public static void main(String[] arguments) throws Exception {
        List<String> lines = Files.readAllLines(Path.of(arguments[0]));
        String session = arguments[1];
        String server = arguments[2];
        int count = Integer.parseInt(arguments[6]);
        long pid = Long.parseLong(arguments[7]);
        Vertx vertx = Vertx.vertx();
        long[] before = memory(pid);
        CountDownLatch open = new CountDownLatch(count);
        AtomicInteger next = new AtomicInteger();
        AtomicInteger echoes = new AtomicInteger();
        AtomicInteger lost = new AtomicInteger();
        var heard = new ConcurrentHashMap<String, long[]>();
        var arrived = new ConcurrentHashMap<String, AtomicInteger>();
        AtomicLong nonces = new AtomicLong();
        int loops = Runtime.getRuntime().availableProcessors();
        vertx.deployVerticle(() -> new AbstractVerticle() {
            private WebSocketClient client;

            @Override
            public void start() {
                client = vertx.createWebSocketClient(new WebSocketClientOptions().setMaxConnections(count));
                for (int i = 0; i < CONNECTING / loops; i++) {
                    connect();
                }
            }

            private void connect() {
                if (next.getAndIncrement() >= count) {
                    return;
                }
                var socket = client.webSocket();
                socket.textMessageHandler(text -> {
                    if (text.startsWith("echo ")) {
                        echoes.incrementAndGet();
                    } else if (text.equals("hello")) {
                        open.countDown();
                        vertx.setTimer(1 + (nonces.incrementAndGet() * 7) % 400, begun -> vertx.setPeriodic(400,
                                tick -> socket.writeTextMessage(Long.toString(nonces.incrementAndGet()))));
                        connect();
                    } else if (text.startsWith("changed ")) {
                        long now = System.nanoTime();
                        String id = text.substring(text.indexOf(':') + 1);
                        long[] times = heard.get(id);
                        if (times != null) {
                            times[arrived.get(id).getAndIncrement()] = now;
                        }
                    }
                });
                socket.closeHandler(closed -> lost.incrementAndGet());
                socket.connect(new WebSocketConnectOptions().setHost("127.0.0.1").setPort(Integer.parseInt(arguments[4]))
                        .setURI("/internal/changes").addHeader("Authorization",
                                "Basic " + Base64.getEncoder().encodeToString(arguments[5].getBytes())))
                        .onFailure(failure -> {
                            System.err.println(failure);
                            System.exit(1);
                        });
            }
        }, new DeploymentOptions().setInstances(loops));
        if (!open.await(120, TimeUnit.SECONDS)) {
            throw new IllegalStateException(open.getCount() + " streams did not open");
        }
        Thread.sleep(5_000);
        int first = echoes.get();
        Thread.sleep(5_000);
        int rate = (echoes.get() - first) / 5;
        long[] with = memory(pid);
        System.out.printf("streams %d, echoes a second %d, lost %d%n", count, rate, lost.get());
        System.out.printf("heap %.1f MiB more, a stream %.1f KiB%n", (with[0] - before[0]) / 1048576.0, (with[0] - before[0]) / 1024.0 / count);
        System.out.printf("resident %.1f MiB more, a stream %.1f KiB%n", (with[1] - before[1]) / 1048576.0,
                (with[1] - before[1]) / 1024.0 / count);
        List<Double> all = new ArrayList<>();
        List<Double> slowest = new ArrayList<>();
        int revoked = 0;
        for (String line : lines) {
            String id = line.split(" ")[0];
            long[] times = new long[count];
            arrived.put(id, new AtomicInteger());
            heard.put(id, times);
            HttpRequest revoke = HttpRequest.newBuilder(URI.create(server + "/v3/personal-access-tokens/" + id))
                    .header("Authorization", "Bearer " + session).header("Content-Type", "application/json")
                    .method("PATCH", BodyPublishers.ofString("{\"revoked\":true}")).build();
            int status = HTTP.send(revoke, BodyHandlers.discarding()).statusCode();
            long acknowledged = System.nanoTime();
            if (status != 200) {
                throw new IllegalStateException("revocation answered " + status);
            }
            while (arrived.get(id).get() < count) {
                if (System.nanoTime() - acknowledged > 10_000_000_000L) {
                    throw new IllegalStateException(arrived.get(id) + " of " + count + " streams brought it");
                }
                Thread.sleep(1);
            }
            heard.remove(id);
            if (++revoked <= WARM_UP) {
                continue;
            }
            Arrays.sort(times);
            for (long time : times) {
                all.add(Math.max(0, time - acknowledged) / 1e6);
            }
            slowest.add(Math.max(0, times[count - 1] - acknowledged) / 1e6);
            Thread.sleep(200);
        }
        all.sort(null);
        slowest.sort(null);
        System.out.printf("revocations %d, lost streams %d%n", slowest.size(), lost.get());
        for (double percentile : new double[] { 50, 90, 99, 99.9, 100 }) {
            System.out.printf("p%.1f %.1f ms, of the slowest streams %.1f ms%n", percentile, at(all, percentile), at(slowest, percentile));
        }
        System.exit(0);
    }

    private static double at(List<Double> sorted, double percentile) {
        return sorted.get((int) Math.min(sorted.size() - 1, Math.floor(sorted.size() * percentile / 100)));
    }

    /** Heap in use after a full collection, and resident set, in bytes. */
    private static long[] memory(long pid) throws Exception {
        run("jcmd", Long.toString(pid), "GC.run");
        Thread.sleep(500);
        run("jcmd", Long.toString(pid), "GC.run");
        long heap = run("jcmd", Long.toString(pid), "GC.heap_info").lines().filter(line -> line.matches(".* total \\d+K, used \\d+K.*"))
                .mapToLong(line -> Long.parseLong(line.replaceAll(".* total \\d+K, used (\\d+)K.*", "$1")) * 1024).sum();
        long resident = Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream().filter(line -> line.startsWith("VmRSS"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024).findFirst().orElseThrow();
        return new long[] { heap, resident };
    }

    private static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        process.waitFor();
        return output;
    }
}
