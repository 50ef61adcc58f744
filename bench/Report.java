import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes the tables of bench/README.md from the raw output in bench/results. Run it in the project's directory. */
class Report {

    private static final Path RESULTS = Path.of("bench/results");
    private static final Path README = Path.of("bench/README.md");

    public static void main(String[] arguments) throws IOException {
        String readme = Files.readString(README);
        readme = put(readme, "http", http());
        readme = put(readme, "jmh", jmh());
        readme = put(readme, "revocation", verbatim("revocation-delay.txt"));
        readme = put(readme, "table-size", tableSize());
        readme = put(readme, "gateway", gateway());
        readme = put(readme, "sidecars", verbatim("sidecar-streams.txt"));
        Files.writeString(README, readme);
    }

    private static String put(String readme, String name, String table) {
        String begin = "<!-- " + name + " -->\n";
        String end = "<!-- end of " + name + " -->";
        int from = readme.indexOf(begin) + begin.length();
        return readme.substring(0, from) + table + readme.substring(readme.indexOf(end));
    }

    private static List<String> lines(String file) throws IOException {
        Path path = RESULTS.resolve(file);
        return Files.exists(path) ? Files.readAllLines(path) : List.of();
    }

    private static String machine(String file) throws IOException {
        return String.join("  \n", lines(file).stream().filter(line -> line.matches("(machine|versions|revision|load):.*")).toList()) + "\n\n";
    }

    private static String http() throws IOException {
        Map<String, List<Double>> rates = new HashMap<>();
        List<String> lines = new ArrayList<>(lines("http.txt"));
        lines.addAll(lines("keycloak.txt"));
        for (String line : lines) {
            String[] words = line.split(" ");
            if (words.length == 3 && words[0].matches("\\d+")) {
                rates.computeIfAbsent(words[1], name -> new ArrayList<>()).add(Double.parseDouble(words[2]));
            }
        }
        if (rates.isEmpty()) {
            return "";
        }
        double open = median(rates.get("open"));
        double cached = median(rates.get("cached"));
        StringBuilder table = new StringBuilder(machine("http.txt"));
        table.append("| | requests/s (median; all) | to (a) | (b) to it |\n|---|---|---|---|\n");
        String[][] rows = { { "open", "(a) open" }, { "cached", "(b) guarded, token in memory" },
                { "missed", "(c) guarded, each token looked up" }, { "RS256", "(d) guarded by an RS256 JWT" },
                { "ES256", "(d) guarded by an ES256 JWT" }, { "RS256-open", "the JWT service's own open endpoint" }, { "keycloak", "introspection by Keycloak" } };
        for (String[] row : rows) {
            if (!rates.containsKey(row[0])) {
                continue;
            }
            double rate = median(rates.get(row[0]));
            table.append(String.format(Locale.ROOT, "| %s | %,.0f (%s) | %.3f | %.2f |%n", row[1], rate,
                    all(rates.get(row[0])), rate / open,
                    cached / rate));
        }
        return table.toString();
    }

    private static String all(List<Double> values) {
        return String.join(", ", values.stream().map(it -> String.format(Locale.ROOT, "%,.0f", it)).toList());
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private static String jmh() throws IOException {
        StringBuilder table = new StringBuilder("| | ns | bytes allocated |\n|---|---|---|\n");
        Map<String, String> names = Map.of("parse", "parse", "parseAndDigest", "parse, digest", "parseDigestAndVerify",
                "parse, digest, decide");
        for (String benchmark : List.of("parse", "parseAndDigest", "parseDigestAndVerify")) {
            table.append("| ").append(names.get(benchmark)).append(" | ").append(score(benchmark)).append(" | ")
                    .append(score(benchmark + ":gc.alloc.rate.norm")).append(" |\n");
        }
        for (String rules : List.of("10", "1000")) {
            table.append("| the rule of a path of 5 segments, of ").append(rules).append(" rules | ").append(score("MatchBenchmark.match", rules))
                    .append(" | ").append(score("MatchBenchmark.match:gc.alloc.rate.norm", rules)).append(" |\n");
        }
        lines("jmh.txt").stream().filter(line -> line.matches(".*heap: .*")).forEach(line -> table.append("\n- ").append(line));
        return table.append("\n").toString();
    }

    private static String score(String benchmark) throws IOException {
        return score("CachedVerifyBenchmark." + benchmark, "avgt");
    }

    /** @param column the one behind the name: a parameter, if the benchmark has one */
    private static String score(String benchmark, String column) throws IOException {
        int shift = column.equals("avgt") ? 0 : 1;
        for (String line : lines("jmh.txt")) {
            String[] words = line.trim().split("\\s+");
            if (words[0].equals(benchmark) && words.length > 4 + shift && words[1].equals(column)) {
                return words[3 + shift] + (words[4 + shift].equals("±") ? " ± " + words[5 + shift] : "");
            }
        }
        return "";
    }

    private static String verbatim(String file) throws IOException {
        List<String> lines = lines(file).stream().filter(line -> line.matches("(revocations|p\\d|streams|heap|resident).*")).toList();
        return machine(file) + "```\n" + String.join("\n", lines) + "\n```\n";
    }

    private static String tableSize() throws IOException {
        Map<String, List<Double>> latencies = new HashMap<>();
        List<String> order = new ArrayList<>();
        for (String line : lines("table-size.txt")) {
            String[] words = line.split(" ");
            if (words.length == 5 && words[1].startsWith("rows=")) {
                String key = words[2] + " " + words[1].substring(5);
                if (!latencies.containsKey(key)) {
                    order.add(key);
                }
                latencies.computeIfAbsent(key, name -> new ArrayList<>()).add(Double.parseDouble(words[3]));
            }
        }
        StringBuilder table = new StringBuilder(machine("table-size.txt")).append("| statement | rows | ms (median; all) |\n|---|---|---|\n");
        for (String key : order) {
            String[] words = key.split(" ");
            table.append(String.format(Locale.ROOT, "| %s | %,d | %.3f (%s) |%n", words[0], Long.parseLong(words[1]),
                    median(latencies.get(key)), String.join(", ", latencies.get(key).stream().map(String::valueOf).toList())));
        }
        return table.toString();
    }

    private static String gateway() throws IOException {
        Map<String, List<Double>> rates = new HashMap<>();
        Map<String, List<String>> times = new HashMap<>();
        String half = "";
        for (String line : lines("gateway.txt")) {
            String[] words = line.split(" ");
            if (words.length == 3 && words[0].matches("\\d+")) {
                rates.computeIfAbsent(words[1], name -> new ArrayList<>()).add(Double.parseDouble(words[2]));
            } else if (words.length == 4 && words[1].endsWith("-us")) {
                times.computeIfAbsent(words[1], name -> new ArrayList<>()).add(words[2] + " " + words[3]);
            } else if (line.startsWith("half load")) {
                half = line;
            }
        }
        if (rates.isEmpty()) {
            return "";
        }
        StringBuilder table = new StringBuilder(machine("gateway.txt"));
        table.append("| | requests/s (median; all) | beside | requests/s (median; all) | ratio |\n|---|---|---|---|---|\n");
        String[][] rows = { { "forward", "`/auth/forward`", "nginx_204", "nginx answering 204" },
                { "proxy", "the reverse proxy", "nginx_proxy", "nginx as a proxy, without authentication" },
                { "grpc_check", "Envoy's `Check`", "grpc_empty", "an empty gRPC call" } };
        for (String[] row : rows) {
            double ours = median(rates.get(row[0]));
            double theirs = median(rates.get(row[2]));
            table.append(String.format(Locale.ROOT, "| %s | %,.0f (%s) | %s | %,.0f (%s) | %.2f |%n", row[1], ours, all(rates.get(row[0])),
                    row[3], theirs, all(rates.get(row[2])), ours / theirs));
        }
        table.append("\n").append(half).append("; response times in µs, for each round:\n\n| | median | p99 |\n|---|---|---|\n");
        String[][] latencies = { { "direct-us", "the API itself" }, { "nginx_proxy-us", "nginx in front of it" },
                { "proxy-us", "the reverse proxy in front of it" } };
        for (String[] row : latencies) {
            List<String> rounds = times.getOrDefault(row[0], List.of());
            table.append("| ").append(row[1]).append(" | ")
                    .append(String.join(", ", rounds.stream().map(it -> it.split(" ")[0]).toList())).append(" | ")
                    .append(String.join(", ", rounds.stream().map(it -> it.split(" ")[1]).toList())).append(" |\n");
        }
        return table.toString();
    }
}
