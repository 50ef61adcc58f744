import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes away, one after another, each line that closes a race in verification, and runs the tests that should notice. Prints what they
 * said; ends with 1 if a line was not missed. Run it in the project's directory, with everything committed:
 * {@code java src/test/race-lines/RemoveEach.java}. An argument runs only the lines whose name contains it.
 */
class RemoveEach {

    private static final String VERIFICATION = "src/main/java/dev/latchkey/verification/";
    private static final String SIDECAR = "src/main/java/dev/latchkey/sidecar/";
    private static final String DATABASE = "src/main/java/dev/latchkey/database/";
    private static final String MIGRATION = "src/main/resources/db/migration/V3__changes_by_account.sql";
    private static final String UNITS = "LeaseTest,InvalidationLogTest,LeasedTokenVerifierTest,RandomHistoriesTest,VerificationBeansTest";

    /** A line, what stands in its place, and the tests that should notice: integration tests if their names end with IT. */
    private record Line(String name, String file, String text, String without, String tests) {
    }

    private static final List<Line> LINES = List.of(
            unit("an invalidation is remembered", "InvalidationLog", "            latest.put(id, position);\n", ""),
            unit("it is remembered before the position says so", "InvalidationLog", "            latest.put(id, position);\n",
                    // With a pause that a scheduler may make, too: without one the moment is hardly ever met.
                    "            head = position;\n            java.util.concurrent.locks.LockSupport.parkNanos(1_000);\n"
                            + "            latest.put(id, position);\n"),
            unit("the log knows how far it reaches", "InvalidationLog",
                    "                floor = Math.max(floor, position - recent.length);\n", ""),
            unit("an answer older than the log reaches is stale", "InvalidationLog", "stamp < floor", "false"),
            unit("all that was known before is stale once everything may have changed", "InvalidationLog",
                    "        floor = position;\n", ""),
            unit("its user counts", "InvalidationLog", " || since(record.userId(), stamp)", ""),
            unit("its role counts", "InvalidationLog", " || since(record.roleId(), stamp)", ""),
            unit("its account counts", "InvalidationLog", "\n                || since(record.accountId(), stamp)", ""),
            unit("memory needs a lease", "FeedState", "return lease.isHeld() && log.isCurrent(answer);",
                    "return log.isCurrent(answer);"),
            unit("memory is compared with the log", "FeedState", "return lease.isHeld() && log.isCurrent(answer);",
                    "return lease.isHeld();"),
            unit("a new connection makes stale what was known", "FeedState", "        log.forgetAll();\n        connected = true;\n",
                    "        connected = true;\n"),
            unit("a lost connection ends the lease", "FeedState", "        lease.lose();\n", ""),
            unit("a question is stamped before it is sent", "CredentialCache", "new Answer<>(found.get(), stamp)",
                    "new Answer<>(found.get(), feed.position())"),
            unit("an answer is compared with the log when it arrives", "CredentialCache", " && feed.isCurrent(answer);", ";"),
            unit("an old answer is not used", "CredentialCache",
                    "return nanoTime.getAsLong() - sent < Lease.LONGEST.toNanos() && feed", "return feed"),
            unit("a question that was answered is not joined", "CredentialCache", "        underWay.remove(key, result);\n", ""),
            unit("evidence is dated when it was sent", "Lease", "(sentNanos - origin, Math::max)",
                    "(nanoTime.getAsLong() - origin, Math::max)"),
            unit("older evidence changes nothing", "Lease", "Math::max", "(newest, other) -> other"),
            unit("a new token needs a slot of its share", "LookupSlots", "!increment(takenByNew, forNew)",
                    "!increment(takenByNew, all)"),
            unit("what this process commits it forgets itself", "VerificationBeans", "        feed.forget(change.ids());\n", ""),
            new Line("the database announces a revocation", MIGRATION, " expires_at, revoked_at,", " expires_at,", "ChangeFeedTest"),
            new Line("and another role of a user", MIGRATION, "id, account_id, role_id, disabled_at", "id, account_id, disabled_at",
                    "ChangeFeedTest"),
            new Line("its message names the account", MIGRATION, "c.account || ':' || string_agg", "string_agg", "ChangeFeedTest"),
            unit("followers are told after the log", "FeedState",
                    "        forget(ids);\n        followers.forEach(follower -> follower.changed(account, ids));",
                    "        followers.forEach(follower -> follower.changed(account, ids));\n        forget(ids);"),
            unit("followers are told when the feed stands anew", "FeedState",
                    "        connected = true;\n        followers.forEach(ChangeFollower::everythingChanged);\n", "        connected = true;\n"),
            sidecar("an echo is written behind the changes that its evidence covers", "SidecarStream",
                    "context.runOnContext(ignored -> tell(new StreamMessage.Echo(text, age).text()));",
                    "tell(new StreamMessage.Echo(text, age).text());"),
            sidecar("the age is read before the echo is queued", "SidecarStream", "new StreamMessage.Echo(text, age)",
                    "new StreamMessage.Echo(text, source.evidenceAge())"),
            sidecar("a sidecar's evidence is dated when its nonce was sent", "ChangeStream", "listener.heartbeat(evidence);",
                    "listener.heartbeat(System.nanoTime());"),
            sidecar("less the age at the server", "StreamMessage", "nonceSentNanos - ageNanos.getAsLong()", "nonceSentNanos"),
            sidecar("a new stream makes stale what was known", "ChangeStream", "            listener.connected();\n", ""),
            sidecar("an answer of a server without a lease is used once", "ServerQueue", "            if (isOnce) {",
                    "            if (false) {"),
            sidecar("a sidecar sees its own account alone", "LookupDoor",
                    ".filter(token -> token.accountId().equals(client.accountId()))", ""),
            new Line("evidence is dated when it was sent, over a real connection", DATABASE + "PostgresChangeFeed.java",
                    "listener.heartbeat(sent);", "listener.heartbeat(System.nanoTime());", "FeedFaultsIT"),
            new Line("a heartbeat waits for the standby", DATABASE + "PostgresChangeFeed.java", "SET synchronous_commit = on; ", "",
                    "DatabaseFaultsIT"),
            new Line("lookups follow the feed to another primary", DATABASE + "PostgresChangeFeed.java",
                    "lookups.reconnect()\n", "Future.succeededFuture()\n", "FeedFaultsIT"));

    private static Line sidecar(String name, String file, String text, String without) {
        return new Line(name, SIDECAR + file + ".java", text, without, "ServerAndSidecarTest,StreamMessageTest");
    }

    private static Line unit(String name, String file, String text, String without) {
        return new Line(name, VERIFICATION + file + ".java", text, without, UNITS);
    }

    public static void main(String[] arguments) throws Exception {
        Path copy = Files.createTempDirectory("latchkey-race-lines");
        run(new File("."), "git", "clone", "-q", ".", copy.toString());
        List<String> unnoticed = new ArrayList<>();
        for (Line line : LINES) {
            if (arguments.length > 0 && !line.name.contains(arguments[0])) {
                continue;
            }
            Path file = copy.resolve(line.file);
            String source = Files.readString(file);
            int at = source.indexOf(line.text);
            if (at < 0 || source.indexOf(line.text, at + 1) >= 0) {
                throw new IllegalStateException("not once in " + line.file + ": " + line.text);
            }
            Files.writeString(file, source.replace(line.text, line.without));
            boolean isUnit = !line.tests.endsWith("IT");
            String output = isUnit ? run(copy.toFile(), "mvn", "-B", "-Pformat", "test", "-Dtest=" + line.tests)
                    : run(copy.toFile(), "mvn", "-B", "-Pformat", "verify", "-Dtest=none", "-Dsurefire.failIfNoSpecifiedTests=false",
                            "-Dit.test=" + line.tests);
            Files.writeString(file, source);
            List<String> red = output.lines().filter(text -> text.matches("\\[ERROR\\]\\s+\\w+(Test|IT)\\..*"))
                    .map(text -> text.replaceAll("\\[ERROR\\]\\s+(\\w+\\.\\w+).*", "$1")).distinct().toList();
            System.out.printf("%-75s %s%n", line.name, red.isEmpty() ? "NOT NOTICED" : "red: " + String.join(", ", red));
            if (red.isEmpty()) {
                unnoticed.add(line.name);
                Files.writeString(copy.resolve("output-" + unnoticed.size()), output);
            }
        }
        if (!unnoticed.isEmpty()) {
            System.out.println("not noticed: " + unnoticed + "; see " + copy);
            System.exit(1);
        }
    }

    private static String run(File directory, String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).directory(directory).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        process.waitFor();
        return output;
    }
}
