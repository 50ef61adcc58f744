import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Three machines, each with a server, a PostgreSQL under Patroni, a member of etcd and an HAProxy that finds the primary; before them a load
 * balancer. Each machine is a network namespace. {@code deploy/ha-test/run} starts it in namespaces of its own, as root.
 */
class HaTest {

    private static final List<String> NAMES = List.of("a", "b", "c");
    private static final Path WORK = Path.of("target", "ha-test").toAbsolutePath();
    private static final String PASSWORD = "a password for this test";
    private static final String ADMIN = "ada@example.com";
    /** A revocation reaches every server that may answer within this, whatever breaks. */
    private static final Duration BOUND = Duration.ofSeconds(2);
    private static final int API = 8080;
    private static final int DOORS = 8090;
    private static final int MANAGEMENT = 9000;
    private static final String POLICY = """
            rules:
              - match: { methods: [GET], path: /licenses/** }
                require: ["license:read"]
            """;

    private static String postgresBin;
    private static List<String> latchkey;
    private static final List<Machine> MACHINES = new ArrayList<>();
    private static final List<String> BROKEN = new CopyOnWriteArrayList<>();

    public static void main(String... arguments) throws Exception {
        postgresBin = arguments[0];
        latchkey = List.of(arguments).subList(1, arguments.length);
        run("rm", "-rf", WORK.toString());
        Files.createDirectories(WORK);
        Files.writeString(WORK.resolve("policy.yaml"), POLICY);
        // What runs here runs as nobody.
        run("chmod", "-R", "a+rwX", WORK.toString());
        say("what is tested: %s", String.join(" ", latchkey));
        layNetworks();
        startDatabases();
        startServers();
        shareWork();
        restartOneAfterTheOther();
        killThePrimary();
        cutOffThePrimary();
        say(BROKEN.isEmpty() ? "every promise was kept" : "BROKEN PROMISES: " + BROKEN.size());
        BROKEN.forEach(broken -> say("  %s", broken));
        System.exit(BROKEN.isEmpty() ? 0 : 1);
    }

    // What is built

    /** One machine: at .1x of the network that is cut, and of another by which the test still sees what is cut off. */
    private static final class Machine {

        private final String name;
        private final String address;
        private final String side;
        private Process patroni;
        private Process server;

        private Machine(String name, int number) {
            this.name = name;
            this.address = "10.77.0.1" + number;
            this.side = "10.78.0.1" + number;
        }

        /** Starts a program on this machine as an ordinary user; what it prints is in the work directory. */
        private Process start(String what, Map<String, String> environment, List<String> command) throws IOException {
            List<String> all = new ArrayList<>(List.of("ip", "netns", "exec", name, "setpriv", "--reuid", "nobody", "--regid", "nogroup",
                    "--clear-groups", "--no-new-privs"));
            all.addAll(command);
            ProcessBuilder builder = new ProcessBuilder(all).directory(WORK.toFile()).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(WORK.resolve(what + "-" + name + ".log").toFile()));
            builder.environment().keySet().retainAll(List.of("PATH", "LANG"));
            builder.environment().put("HOME", WORK.toString());
            builder.environment().putAll(environment);
            return builder.start();
        }

        private void startPatroni() throws IOException {
            patroni = start("patroni", Map.of(), List.of("patroni", WORK.resolve("patroni-" + name + ".yaml").toString()));
        }

        private void startServer() throws IOException {
            server = start("server", Map.of("LATCHKEY_DATABASE_URL", "postgresql://127.0.0.1:5000/latchkey", "LATCHKEY_DATABASE_USER", "latchkey",
                    "LATCHKEY_DATABASE_PASSWORD", PASSWORD, "LATCHKEY_SECRET", "0123456789abcdef0123456789abcdef", "LATCHKEY_ADMIN_EMAIL", ADMIN,
                    "LATCHKEY_ADMIN_PASSWORD", PASSWORD, "LATCHKEY_POLICY", WORK.resolve("policy.yaml").toString(),
                    // The load balancer needs two failed checks to see that a server stops.
                    "QUARKUS_SHUTDOWN_DELAY", "2s"), latchkey);
        }

        private boolean isReady() {
            return status("http://" + side + ":" + MANAGEMENT + "/q/health/ready") == 200;
        }

        private boolean isPrimary() {
            return status("http://" + side + ":8008/primary") == 200;
        }

        /** Whether this server may answer from memory. */
        private boolean hasLease() {
            return send(HttpRequest.newBuilder(URI.create("http://" + side + ":" + MANAGEMENT + "/q/metrics")).GET()).body.lines()
                    .anyMatch(line -> line.matches("latchkey_feed_lease(\\{.*})? 1\\.0"));
        }

        /** What this server's door says of a token, asked by the side. */
        private int judge(String token) {
            return verify("http://" + side + ":" + DOORS, token);
        }
    }

    private static void layNetworks() throws Exception {
        // Names of networks are files here: no other process sees these.
        Files.createDirectories(Path.of("/run/netns"));
        run("mount", "-t", "tmpfs", "tmpfs", "/run/netns");
        run("ip", "link", "set", "lo", "up");
        int network = 77;
        for (String bridge : List.of("data", "side")) {
            run("ip", "link", "add", bridge, "type", "bridge");
            run("ip", "address", "add", "10." + network++ + ".0.1/24", "dev", bridge);
            run("ip", "link", "set", bridge, "up");
        }
        for (String name : NAMES) {
            Machine machine = new Machine(name, MACHINES.size() + 1);
            MACHINES.add(machine);
            run("ip", "netns", "add", name);
            run("ip", "-n", name, "link", "set", "lo", "up");
            for (String bridge : List.of("data", "side")) {
                String cable = bridge + "-" + name;
                run("ip", "link", "add", cable, "type", "veth", "peer", "name", bridge, "netns", name);
                run("ip", "link", "set", cable, "master", bridge, "up");
                run("ip", "-n", name, "address", "add", (bridge.equals("data") ? machine.address : machine.side) + "/24", "dev", bridge);
                run("ip", "-n", name, "link", "set", bridge, "up");
            }
        }
    }

    private static void startDatabases() throws Exception {
        String peers = MACHINES.stream().map(it -> it.name + "=http://" + it.address + ":2380").collect(Collectors.joining(","));
        String etcds = MACHINES.stream().map(it -> it.address + ":2379").collect(Collectors.joining(", "));
        for (Machine machine : MACHINES) {
            String own = "http://" + machine.address;
            machine.start("etcd", Map.of(), List.of("etcd", "--name", machine.name, "--data-dir", WORK.resolve("etcd-" + machine.name).toString(),
                    "--listen-client-urls", own + ":2379", "--advertise-client-urls", own + ":2379", "--listen-peer-urls", own + ":2380",
                    "--initial-advertise-peer-urls", own + ":2380", "--initial-cluster", peers, "--initial-cluster-state", "new",
                    // Its data lasts as long as this test.
                    "--unsafe-no-fsync"));
            Files.writeString(WORK.resolve("patroni-" + machine.name + ".yaml"), """
                    scope: latchkey
                    name: %1$s
                    restapi: { listen: "0.0.0.0:8008", connect_address: "%2$s:8008" }
                    etcd3: { hosts: [%3$s] }
                    bootstrap:
                      dcs:
                        ttl: 10
                        loop_wait: 1
                        retry_timeout: 3
                        # A commit is on two machines before it is acknowledged, or it is not acknowledged.
                        synchronous_mode: true
                        synchronous_mode_strict: true
                        # A primary that died is not waited for.
                        primary_start_timeout: 0
                        postgresql:
                          use_pg_rewind: true
                          parameters: { max_connections: 120, shared_buffers: 64MB, wal_keep_size: 256MB }
                      initdb: [{ encoding: UTF8 }, { locale: C.UTF-8 }, data-checksums]
                      pg_hba:
                        - host replication replicator 10.77.0.0/24 scram-sha-256
                        - host all all 10.77.0.0/24 scram-sha-256
                    postgresql:
                      listen: "%2$s:5432"
                      connect_address: "%2$s:5432"
                      data_dir: %4$s/postgres-%1$s
                      bin_dir: %5$s
                      parameters: { unix_socket_directories: "" }
                      authentication:
                        superuser: { username: postgres, password: "%6$s" }
                        replication: { username: replicator, password: "%6$s" }
                    """.formatted(machine.name, machine.address, etcds, WORK, postgresBin, PASSWORD));
            Files.writeString(WORK.resolve("haproxy-" + machine.name + ".cfg"), """
                    defaults
                        mode tcp
                        timeout connect 1s
                        timeout client 1h
                        timeout server 1h
                        timeout check 1s
                    listen primary
                        bind 127.0.0.1:5000
                        option httpchk OPTIONS /primary
                        default-server inter 500ms fall 2 rise 1 on-marked-down shutdown-sessions
                    %s
                    """.formatted(servers(5432, 8008)));
        }
        for (Machine machine : MACHINES) {
            machine.startPatroni();
            machine.start("haproxy", Map.of(), List.of("haproxy", "-db", "-f", WORK.resolve("haproxy-" + machine.name + ".cfg").toString()));
        }
        long started = System.nanoTime();
        await("a primary", Duration.ofSeconds(90), () -> MACHINES.stream().anyMatch(Machine::isPrimary));
        await("two standbys, one of them synchronous", Duration.ofSeconds(120), () -> standbys().equals("1 of 2"));
        sql("postgres", "CREATE ROLE latchkey LOGIN PASSWORD '" + PASSWORD + "'");
        sql("postgres", "CREATE DATABASE latchkey OWNER latchkey");
        say("databases: the primary is %s, after %d s", primary().name, seconds(started));
    }

    /** Lines of HAProxy's configuration for all three machines. */
    private static String servers(int port, int check) {
        return MACHINES.stream().map(it -> "    server " + it.name + " " + it.address + ":" + port + " check port " + check)
                .collect(Collectors.joining("\n"));
    }

    private static void startServers() throws Exception {
        for (Machine machine : MACHINES) {
            machine.startServer();
        }
        for (Machine machine : MACHINES) {
            await("server " + machine.name, Duration.ofSeconds(60), machine::isReady);
        }
        Path configuration = WORK.resolve("load-balancer.cfg");
        Files.writeString(configuration, """
                defaults
                    mode http
                    timeout connect 1s
                    timeout client 30s
                    timeout server 30s
                    timeout check 1s
                    option httpchk GET /q/health/ready
                    default-server inter 250ms fall 2 rise 2
                    balance roundrobin
                    # A request that no server has seen yet may go to another.
                    retry-on conn-failure
                    retries 3
                    option redispatch 1
                listen api
                    bind 127.0.0.1:%1$d
                %3$s
                listen doors
                    bind 127.0.0.1:%2$d
                %4$s
                """.formatted(API, DOORS, servers(API, MANAGEMENT), servers(DOORS, MANAGEMENT)));
        new ProcessBuilder("haproxy", "-db", "-f", configuration.toString()).redirectErrorStream(true)
                .redirectOutput(WORK.resolve("load-balancer.log").toFile()).start();
        await("the load balancer", Duration.ofSeconds(10), () -> status("http://127.0.0.1:" + API + "/v3/scopes") == 200);
    }

    // What is tried

    private static void shareWork() {
        Machine a = MACHINES.get(0);
        Machine b = MACHINES.get(1);
        Machine c = MACHINES.get(2);
        String session = signIn("http://" + a.side + ":" + API);
        Token token = create("http://" + b.side + ":" + API, session, "shared");
        promise(token != null && c.judge(token.secret) == 200, "signed in on a, a token made on b is good on c");
    }

    private static void restartOneAfterTheOther() throws Exception {
        try (Load load = new Load("restart of all servers")) {
            Thread.sleep(3_000);
            for (Machine machine : MACHINES) {
                long started = System.nanoTime();
                machine.server.destroy();
                promise(machine.server.waitFor(30, TimeUnit.SECONDS) && machine.server.exitValue() == 0, "server " + machine.name + " stops with 0");
                machine.startServer();
                await("server " + machine.name, Duration.ofSeconds(60), machine::isReady);
                say("  %s stopped and was ready again after %d ms", machine.name, millis(started));
                Thread.sleep(2_000);
            }
            Thread.sleep(1_000);
            load.stop();
            load.report();
            promise(load.failures.isEmpty(), "no request fails while all servers are restarted: " + load.failures.stream().limit(5).toList());
            load.checkAcknowledged();
        }
    }

    private static void killThePrimary() throws Exception {
        Machine former = primary();
        try (Load load = new Load("the primary, " + former.name + ", is killed")) {
            Thread.sleep(4_000);
            long killed = System.nanoTime();
            kill(former);
            await("another primary", Duration.ofSeconds(60), () -> MACHINES.stream().anyMatch(it -> it != former && it.isPrimary()));
            say("  %s is the primary after %d ms", primary().name, millis(killed));
            await("all servers", Duration.ofSeconds(60), () -> MACHINES.stream().allMatch(Machine::isReady));
            say("  all servers are ready after %d ms", millis(killed));
            Thread.sleep(4_000);
            former.startPatroni();
            await("its return as a standby", Duration.ofSeconds(120), () -> standbys().equals("1 of 2"));
            say("  %s is a standby again after %d ms", former.name, millis(killed));
            Thread.sleep(1_000);
            load.stop();
            load.report();
            load.reportOutage(killed);
            load.checkAcknowledged();
        }
    }

    /** The old primary keeps its clients beside it, a server on the same machine, and loses its standbys, etcd and everybody else. */
    private static void cutOffThePrimary() throws Exception {
        Machine former = primary();
        String session = signIn("http://127.0.0.1:" + API);
        Token cached = create("http://127.0.0.1:" + API, session, "cached where it is cut off");
        try (Load load = new Load("the primary, " + former.name + ", is cut off with the server beside it")) {
            Thread.sleep(2_000);
            promise(former.judge(cached.secret) == 200, "the token is good before");
            run("ip", "link", "set", "data-" + former.name, "down");
            long cut = System.nanoTime();
            Watch watch = new Watch(former, cached.secret);
            Thread watching = new Thread(watch);
            watching.start();
            await("the end of its lease", Duration.ofSeconds(30), () -> !former.hasLease());
            say("  the server that is cut off has no lease after %d ms", millis(cut));
            promise(millis(cut) < BOUND.toMillis(), "what is cut off holds a lease no longer than two seconds");
            await("another primary", Duration.ofSeconds(60), () -> MACHINES.stream().anyMatch(it -> it != former && it.isPrimary()));
            say("  %s is a primary after %d ms", MACHINES.stream().filter(it -> it != former && it.isPrimary()).findFirst().orElseThrow().name,
                    millis(cut));
            await("a revocation", Duration.ofSeconds(60), () -> revoke("http://127.0.0.1:" + API, session, cached) == 204);
            long revoked = System.nanoTime();
            say("  a token is revoked there after %d ms", millis(cut));
            Thread.sleep(5_000);
            // Without a lease it asked its database, until that was demoted: nobody could revoke anything anywhere in that time.
            say("  the server that is cut off accepted the token for %d ms, asking its database; refused it %d times with %s",
                    TimeUnit.NANOSECONDS.toMillis(watch.lastAccepted.get() - cut),
                    watch.refusals.values().stream().mapToLong(AtomicLong::get).sum(), watch.refusals.keySet());
            promise(!former.hasLease(), "nor does it find another");
            run("ip", "link", "set", "data-" + former.name, "up");
            long healed = System.nanoTime();
            await("its return as a standby", Duration.ofSeconds(120), () -> standbys().equals("1 of 2"));
            await("all servers", Duration.ofSeconds(60), () -> MACHINES.stream().allMatch(Machine::isReady));
            say("  %s is a standby, and its server ready, %d ms after the network is whole", former.name, millis(healed));
            Thread.sleep(1_000);
            watch.stopped = true;
            watching.join();
            promise(watch.lastAccepted.get() - revoked < BOUND.toNanos(),
                    "no server accepts a token two seconds after its revocation, when it is back neither");
            load.stop();
            load.report();
            load.reportOutage(cut);
            load.checkAcknowledged();
        }
    }

    /** Asks one server about one token all the time. */
    private static final class Watch implements Runnable {

        private final Machine machine;
        private final String token;
        private final AtomicLong lastAccepted = new AtomicLong();
        private final Map<Integer, AtomicLong> refusals = new ConcurrentHashMap<>();
        private volatile boolean stopped;

        private Watch(Machine machine, String token) {
            this.machine = machine;
            this.token = token;
        }

        @Override
        public void run() {
            while (!stopped) {
                int status = machine.judge(token);
                if (status == 200) {
                    lastAccepted.set(System.nanoTime());
                } else {
                    refusals.computeIfAbsent(status, any -> new AtomicLong()).incrementAndGet();
                }
                pause(20);
            }
        }
    }

    /** People at work: some verify, some make tokens and revoke every other one. They know what was acknowledged. */
    private static final class Load implements AutoCloseable {

        private static final String ENTRY = "http://127.0.0.1:";

        private final List<Thread> threads = new ArrayList<>();
        private final Queue<String> failures = new ConcurrentLinkedQueue<>();
        private final Map<String, AtomicLong> counts = Collections.synchronizedMap(new TreeMap<>());
        private final Queue<Token> made = new ConcurrentLinkedQueue<>();
        private final Queue<Token> revoked = new ConcurrentLinkedQueue<>();
        /** Whose revocation was asked for and not acknowledged: it may be either. */
        private final Queue<Token> open = new ConcurrentLinkedQueue<>();
        private final Queue<Long> written = new ConcurrentLinkedQueue<>();
        private final Queue<Long> verified = new ConcurrentLinkedQueue<>();
        private volatile boolean stopped;

        private Load(String name) {
            say("%s", name);
            String session = signIn(ENTRY + API);
            List<Token> known = Stream.generate(() -> create(ENTRY + API, session, "known")).limit(10).toList();
            made.addAll(known);
            for (int i = 0; i < 4; i++) {
                Token token = known.get(i);
                thread(() -> {
                    note("verified", verify(ENTRY + DOORS, token.secret), 200, verified);
                    pause(10);
                });
            }
            for (int i = 0; i < 2; i++) {
                thread(() -> {
                    Token token = create(ENTRY + API, session, "made");
                    note("made", token == null ? 503 : 201, 201, written);
                    if (token != null) {
                        made.add(token);
                        if (made.size() % 2 == 0) {
                            int status = revoke(ENTRY + API, session, token);
                            note("revoked", status, 204, written);
                            (status == 204 ? revoked : open).add(token);
                        }
                    }
                    pause(20);
                });
            }
        }

        private void thread(Runnable step) {
            Thread thread = new Thread(() -> {
                while (!stopped) {
                    step.run();
                }
            });
            thread.start();
            threads.add(thread);
        }

        private void note(String what, int status, int expected, Queue<Long> when) {
            if (status == expected) {
                when.add(System.nanoTime());
                counts.computeIfAbsent(what, any -> new AtomicLong()).incrementAndGet();
            } else {
                failures.add(what + " " + status);
                counts.computeIfAbsent("not " + what, any -> new AtomicLong()).incrementAndGet();
            }
        }

        private void stop() throws InterruptedException {
            stopped = true;
            for (Thread thread : threads) {
                thread.join();
            }
        }

        private void report() {
            say("  requests: %s", counts);
        }

        private void reportOutage(long from) {
            say("  longest time without a verification: %d ms, without a change: %d ms", longestGap(verified, from), longestGap(written, from));
        }

        private static long longestGap(Queue<Long> times, long from) {
            long longest = 0;
            long last = from;
            for (long at : times.stream().filter(it -> it > from).sorted().toList()) {
                longest = Math.max(longest, at - last);
                last = at;
            }
            return TimeUnit.NANOSECONDS.toMillis(longest);
        }

        /** Everything that was acknowledged is so, on every server. */
        private void checkAcknowledged() {
            List<Token> gone = List.copyOf(revoked);
            List<Token> good = made.stream().filter(it -> !gone.contains(it) && !open.contains(it)).toList();
            for (Machine machine : MACHINES) {
                long lost = good.stream().filter(it -> machine.judge(it.secret) != 200).count();
                promise(lost == 0, lost + " of " + good.size() + " acknowledged tokens are lost on " + machine.name);
                long back = gone.stream().filter(it -> machine.judge(it.secret) != 401).count();
                promise(back == 0, back + " of " + gone.size() + " acknowledged revocations are lost on " + machine.name);
            }
            say("  %d acknowledged tokens are good and %d acknowledged revocations stand, on every server; %d were not acknowledged", good.size(),
                    gone.size(), open.size());
        }

        @Override
        public void close() throws InterruptedException {
            stop();
        }
    }

    // What is asked

    private record Token(String id, String secret) {
    }

    private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(1))
            .build();

    /** Status 0 where no answer came. */
    private record Answer(int status, String body) {

        private String field(String name) {
            Matcher field = Pattern.compile("\"" + name + "\":\"([^\"]+)\"").matcher(body);
            return field.find() ? field.group(1) : null;
        }
    }

    private static Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = HTTP.send(request.timeout(Duration.ofSeconds(15)).build(), HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body());
        } catch (IOException e) {
            return new Answer(0, e.toString());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int status(String url) {
        return send(HttpRequest.newBuilder(URI.create(url)).GET()).status;
    }

    private static String signIn(String server) {
        Answer answer = send(HttpRequest.newBuilder(URI.create(server + "/v3/accounts/login")).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"accountAlias\":\"default\",\"email\":\"" + ADMIN + "\",\"password\":\"" + PASSWORD + "\"}")));
        if (answer.status != 200) {
            throw new IllegalStateException("cannot sign in: " + answer);
        }
        return answer.field("accessToken");
    }

    /** Null if it is not acknowledged. */
    private static Token create(String server, String session, String name) {
        Answer answer = send(HttpRequest.newBuilder(URI.create(server + "/v3/personal-access-tokens")).header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + session).header("Idempotency-Key", UUID.randomUUID().toString())
                .POST(HttpRequest.BodyPublishers.ofString("{\"name\":\"" + name + "\",\"scopes\":[\"license:read\"]}")));
        return answer.status == 201 ? new Token(answer.field("id"), answer.field("token")) : null;
    }

    private static int revoke(String server, String session, Token token) {
        return send(HttpRequest.newBuilder(URI.create(server + "/v3/personal-access-tokens/" + token.id))
                .header("Authorization", "Bearer " + session).DELETE()).status;
    }

    private static int verify(String doors, String token) {
        return send(HttpRequest.newBuilder(URI.create(doors + "/auth/forward")).header("Authorization", "Bearer " + token)
                .header("X-Forwarded-Method", "GET").header("X-Forwarded-Uri", "/licenses/1").GET()).status;
    }

    // What is done to machines

    private static Machine primary() {
        return MACHINES.stream().filter(Machine::isPrimary).findFirst().orElseThrow();
    }

    /** How many standbys the primary has that stream, and how many of them are synchronous. */
    private static String standbys() {
        try {
            return MACHINES.stream().filter(Machine::isPrimary).count() == 1 ? sql("postgres",
                    "SELECT count(*) FILTER (WHERE sync_state = 'sync') || ' of ' || count(*) FROM pg_stat_replication"
                            + " WHERE state = 'streaming' AND application_name IN ('a', 'b', 'c')")
                    : "none";
        } catch (IOException e) {
            return "unknown: " + e.getMessage();
        }
    }

    private static String sql(String database, String statement) throws IOException {
        Machine machine = primary();
        return output(Map.of("PGPASSWORD", PASSWORD, "PGCONNECT_TIMEOUT", "2"), "psql", "-XAtq", "-h", machine.address, "-U", "postgres", "-d",
                database, "-v", "ON_ERROR_STOP=1", "-c", statement);
    }

    /** Patroni first: it would start another PostgreSQL at once. */
    private static void kill(Machine machine) throws Exception {
        List<ProcessHandle> all = Stream.concat(Stream.of(machine.patroni.toHandle()), machine.patroni.descendants()).toList();
        all.forEach(ProcessHandle::destroyForcibly);
        Path pidFile = WORK.resolve("postgres-" + machine.name).resolve("postmaster.pid");
        if (Files.exists(pidFile)) {
            ProcessHandle.of(Long.parseLong(Files.readAllLines(pidFile).get(0))).ifPresent(ProcessHandle::destroyForcibly);
        }
        machine.patroni.waitFor();
    }

    private static void run(String... command) throws IOException {
        output(Map.of(), command);
    }

    private static String output(Map<String, String> environment, String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            // All that is asked for here says little: it fits into the pipe.
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(Arrays.toString(command) + " does not end");
            }
            String output = new String(process.getInputStream().readAllBytes()).trim();
            if (process.exitValue() != 0) {
                throw new IOException(Arrays.toString(command) + ": " + output);
            }
            return output;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(String what, Duration most, BooleanSupplier condition) {
        long end = System.nanoTime() + most.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("waited " + most.toSeconds() + " s for " + what + ": see " + WORK);
            }
            pause(100);
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void promise(boolean kept, String what) {
        if (!kept) {
            BROKEN.add(what);
            say("  BROKEN: %s", what);
        }
    }

    private static long millis(long since) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since);
    }

    private static long seconds(long since) {
        return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - since);
    }

    private static void say(String format, Object... values) {
        System.out.printf(format + "%n", values);
    }
}
