import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.ArrayList;

/**
 * Revokes tokens one by one and measures, for each, the time from the answer to the revocation until the last server refuses: each server
 * is asked again and again, so a measurement is too long by up to one request. Also counts whoever accepts after having refused.
 * Arguments: a file with lines "id token", the session's JWT, the servers' URLs, of which the first one revokes.
 */
class RevocationDelay {

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    /** Needs a scope that the tokens do not have, so that 403 means "accepted" and nothing else is asked of the database. */
    private static final String PROBE = "/v3/personal-access-tokens/00000000-0000-7000-8000-000000000000";

    public static void main(String[] arguments) throws Exception {
        List<String> lines = Files.readAllLines(Path.of(arguments[0]));
        String session = arguments[1];
        List<String> servers = Arrays.asList(arguments).subList(2, arguments.length);
        ExecutorService threads = Executors.newFixedThreadPool(servers.size());
        double[] delays = new double[lines.size()];
        int stale = 0;
        for (int i = 0; i < lines.size(); i++) {
            String id = lines.get(i).split(" ")[0];
            String token = lines.get(i).split(" ")[1];
            for (String server : servers) {
                if (judge(server, token) != 403 || judge(server, token) != 403) {
                    throw new IllegalStateException("not accepted by " + server);
                }
            }
            HttpRequest revoke = HttpRequest.newBuilder(URI.create(servers.get(0) + "/v3/personal-access-tokens/" + id))
                    .header("Authorization", "Bearer " + session).header("Content-Type", "application/json")
                    .method("PATCH", BodyPublishers.ofString("{\"revoked\":true}")).build();
            int status = HTTP.send(revoke, BodyHandlers.discarding()).statusCode();
            long acknowledged = System.nanoTime();
            if (status != 200) {
                throw new IllegalStateException("revocation answered " + status);
            }
            List<Future<Long>> refused = new ArrayList<>();
            for (String server : servers) {
                refused.add(threads.submit(() -> {
                    while (judge(server, token) != 401) {
                        // Asks again at once.
                    }
                    return System.nanoTime();
                }));
            }
            long last = acknowledged;
            for (Future<Long> one : refused) {
                last = Math.max(last, one.get());
            }
            delays[i] = (last - acknowledged) / 1e6;
            for (String server : servers) {
                stale += judge(server, token) == 401 ? 0 : 1;
            }
        }
        threads.shutdown();
        Arrays.sort(delays);
        System.out.printf("revocations %d, servers %d, accepted after having been refused %d%n", delays.length, servers.size(), stale);
        for (double share : new double[] { 0.5, 0.9, 0.99, 0.999, 1 }) {
            System.out.printf("p%s %.1f ms%n", share * 100, delays[(int) Math.ceil(share * delays.length) - 1]);
        }
    }

    private static int judge(String server, String token) throws Exception {
        return HTTP.send(HttpRequest.newBuilder(URI.create(server + PROBE)).header("Authorization", "Bearer " + token).DELETE().build(),
                BodyHandlers.discarding()).statusCode();
    }
}
