package dev.latchkey.platform;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.quarkus.runtime.configuration.ConfigUtils;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.SmallRyeConfigBuilder;

/** Reads and checks {@link LatchkeyConfig} before anything is started. */
public final class Settings {

    private static final Pattern PREFIX = Pattern.compile("[a-z0-9]{2,16}");
    private static final Pattern PUBLIC_URL = Pattern
            .compile("https?://([a-z0-9.-]+|\\[[0-9a-f:.]+\\])(:[1-9][0-9]{0,4})?");
    private static final Pattern UPSTREAM_URL = Pattern
            .compile("http://([a-zA-Z0-9._-]+|\\[[0-9a-f:.]+\\])(:[1-9][0-9]{0,4})?/?");
    private static final Pattern AUDIENCE = Pattern.compile("[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,255}");
    /** Of people's sessions; no API that trusts exchanged tokens may have the same. */
    private static final String SESSION_AUDIENCE = "latchkey-session";
    private static final Pattern SERVER_URL = Pattern.compile("https?://([a-z0-9.-]+|\\[[0-9a-f:.]+\\]):[1-9][0-9]{0,4}");
    private static final int MIN_SECRET_LENGTH = 32;

    private final List<String> problems = new ArrayList<>();

    private Settings() {
    }

    /**
     * The configuration of this process.
     *
     * @throws StartupException if a value is wrong; the message has one line for each, with key, value and what is allowed
     */
    public static LatchkeyConfig load() {
        LatchkeyConfig config;
        try {
            config = sources().withMapping(LatchkeyConfig.class).build().getConfigMapping(LatchkeyConfig.class);
        } catch (ConfigValidationException e) {
            List<String> problems = new ArrayList<>();
            for (int i = 0; i < e.getProblemCount(); i++) {
                problems.add(plain(e.getProblem(i).getMessage()));
            }
            throw failure(problems);
        }
        check(config);
        return config;
    }

    /** Without the names of classes and the numbers of messages, which help nobody who configures. */
    private static String plain(String message) {
        return message.replaceAll("\\b[\\w.$]+Exception: ", "").replaceAll("SRCFG\\d+: ", "")
                .replace(" threw an Exception whilst being converted", " is not allowed:").replaceAll(" enum class [\\w.$]+",
                        "");
    }

    /** The value of any key, as the service will see it. */
    public static Optional<String> value(String key) {
        return sources().build().getOptionalValue(key, String.class);
    }

    /**
     * Reads each file of {@code latchkey.secrets-directory} as the value of the key that it is named after. They become system
     * properties, so that the service sees them too; what is set elsewhere stays.
     *
     * @throws StartupException if the directory cannot be read
     */
    public static void readSecretFiles() {
        Optional<String> directory = value("latchkey.secrets-directory");
        if (directory.isEmpty()) {
            return;
        }
        try (Stream<Path> files = Files.list(Path.of(directory.get()))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String key = file.getFileName().toString();
                if (key.startsWith("latchkey.") && value(key).isEmpty()) {
                    // The end of a line is the editor's.
                    System.setProperty(key, Files.readString(file).strip());
                }
            }
        } catch (IOException e) {
            throw new StartupException("latchkey.secrets-directory: '" + directory.get() + "' cannot be read: " + e);
        }
    }

    /** The same sources as the service has, which does not run yet. */
    private static SmallRyeConfigBuilder sources() {
        return ConfigUtils.configBuilder().forClassLoader(Settings.class.getClassLoader());
    }

    /**
     * Checks the values that a type alone cannot.
     *
     * @throws StartupException naming every wrong key
     */
    public static void check(LatchkeyConfig config) {
        Settings settings = new Settings();
        settings.checkAll(config);
        if (!settings.problems.isEmpty()) {
            throw failure(settings.problems);
        }
    }

    private static StartupException failure(List<String> problems) {
        return new StartupException("the configuration is not valid:\n  - " + String.join("\n  - ", problems));
    }

    private void checkAll(LatchkeyConfig config) {
        URI url = config.publicUrl();
        if (!PUBLIC_URL.matcher(url.toString()).matches() || url.getHost() == null || url.getPort() > 65_535) {
            problem("latchkey.public-url", url, "http:// or https://, a host in lower case and an optional port, nothing else");
        }
        config.secret().ifPresent(secret -> checkSecret("latchkey.secret", secret));
        config.secretPrevious().ifPresent(secret -> checkSecret("latchkey.secret-previous", secret));
        if (!PREFIX.matcher(config.token().prefix()).matches()) {
            problem("latchkey.token.prefix", config.token().prefix(), "2 to 16 characters of a-z and 0-9");
        }
        config.admin().password().ifPresent(password -> {
            int length = password.codePointCount(0, password.length());
            if (length < 12 || length > 128) {
                problems.add("latchkey.admin.password: has " + length + " characters; allowed: 12 to 128");
            }
        });
        config.admin().email().ifPresent(email -> {
            if (!EmailAddress.isValid(email)) {
                problem("latchkey.admin.email", email, "an e-mail address");
            }
        });

        LatchkeyConfig.Database database = config.database();
        duration("latchkey.database.start-timeout", database.startTimeout(), "0s", "1h");
        number("latchkey.database.pool-size", database.poolSize(), 1, 1000);
        number("latchkey.database.pool-queue", database.poolQueue(), 1, 1_000_000);
        duration("latchkey.database.timeout", database.timeout(), "0.1s", "1m");
        duration("latchkey.database.lookup-timeout", database.lookupTimeout(), "0.01s", "1s");
        number("latchkey.database.lookup-connections", database.lookupConnections(), 2, 200);

        LatchkeyConfig.Verification verification = config.verification();
        verification.lease().ifPresent(lease -> duration("latchkey.verification.lease", lease, "0.5s", "1.5s"));
        number("latchkey.verification.cache-size", verification.cacheSize(), 1_000, 100_000_000);
        number("latchkey.verification.unknown-cache-size", verification.unknownCacheSize(), 1_000, 100_000_000);
        number("latchkey.verification.max-lookups", verification.maxLookups(), 2, 100_000);
        number("latchkey.verification.unknown-per-minute", verification.unknownPerMinute(), 1, 10_000_000);
        number("latchkey.verification.rate-limit-buckets", verification.rateLimitBuckets(), 1_000, 100_000_000);

        ranges("latchkey.http.trusted-proxies", config.http().trustedProxies());

        number("latchkey.gateway.port", config.gateway().port(), 1, 65_535);
        LatchkeyConfig.Proxy proxy = config.proxy();
        proxy.upstream().ifPresent(upstream -> {
            if (!UPSTREAM_URL.matcher(upstream.toString()).matches() || upstream.getHost() == null
                    || upstream.getPort() > 65_535) {
                problem("latchkey.proxy.upstream", upstream, "http://host:port, without a path");
            }
            if (config.policy().isEmpty()) {
                problems.add("latchkey.proxy.upstream: needs latchkey.policy, which says what may pass: cryptlex-v3 or a file");
            }
        });
        number("latchkey.proxy.port", proxy.port(), 1, 65_535);
        duration("latchkey.proxy.connect-timeout", proxy.connectTimeout(), "0.01s", "1m");
        duration("latchkey.proxy.idle-timeout", proxy.idleTimeout(), "1s", "24h");
        duration("latchkey.proxy.timeout", proxy.timeout(), "0s", "24h");
        number("latchkey.proxy.pool-size", proxy.poolSize(), 1, 100_000);
        number("latchkey.proxy.pool-queue", proxy.poolQueue(), 0, 1_000_000);
        for (String audience : config.oauth().audiences().orElse(List.of())) {
            if (!AUDIENCE.matcher(audience.strip()).matches() || audience.strip().equals(SESSION_AUDIENCE)) {
                problem("latchkey.oauth.audiences", audience, "1 to 255 visible ASCII characters each, without quotes and "
                        + "backslashes, separated by commas; not " + SESSION_AUDIENCE);
            }
        }
        duration("latchkey.oauth.exchange-lifetime", config.oauth().exchangeLifetime(), "1s", "15m");
        checkInternal(config.internal());
        if (config.role() == LatchkeyConfig.Role.SIDECAR) {
            checkServer(config.server());
        }

        number("latchkey.token.leak-reports-per-minute", config.token().leakReportsPerMinute(), 1, 10_000);
        duration("latchkey.token.idle-check-interval", config.token().idleCheckInterval(), "1s", "24h");
        LatchkeyConfig.Session session = config.session();
        config.eventLog().retentionMonths().ifPresent(months -> number("latchkey.event-log.retention-months", months, 1, 1200));
        duration("latchkey.session.access-token-lifetime", session.accessTokenLifetime(), "1m", "1h");
        duration("latchkey.session.idle-timeout", session.idleTimeout(), "15m", "720h");
        duration("latchkey.session.lifetime", session.lifetime(), "15m", "8760h");

        LatchkeyConfig.SignIn signIn = config.signIn();
        number("latchkey.sign-in.failures-per-user", signIn.failuresPerUser(), 1, 10_000);
        number("latchkey.sign-in.attempts-per-address", signIn.attemptsPerAddress(), 1, 1_000_000);
        duration("latchkey.sign-in.window", signIn.window(), "10s", "24h");
        number("latchkey.sign-in.concurrency", signIn.concurrency(), 1, 64);
        number("latchkey.sign-in.queue", signIn.queue(), 1, 10_000);
        checkWebhook(config.webhook());
    }

    private void checkWebhook(LatchkeyConfig.Webhook webhook) {
        ranges("latchkey.webhook.allowed-networks", webhook.allowedNetworks());
        file("latchkey.webhook.ca", webhook.ca());
        number("latchkey.webhook.concurrency", webhook.concurrency(), 1, 1_000);
        number("latchkey.webhook.concurrency-per-webhook", webhook.concurrencyPerWebhook(), 1, 1_000);
        duration("latchkey.webhook.timeout", webhook.timeout(), "0.1s", "30s");
        duration("latchkey.webhook.retry-after", webhook.retryAfter(), "0.01s", "1h");
        duration("latchkey.webhook.retry-for", webhook.retryFor(), "1s", "168h");
        duration("latchkey.webhook.retention", webhook.retention(), "1h", "8760h");
        List<Integer> days = webhook.expiringSoonDays();
        if (days.size() > 10 || days.stream().anyMatch(day -> day < 1 || day > 365)) {
            problem("latchkey.webhook.expiring-soon-days", days, "at most 10 whole numbers from 1 to 365, separated by commas");
        }
    }

    private void checkInternal(LatchkeyConfig.Internal internal) {
        internal.port().ifPresent(port -> number("latchkey.internal.port", port, 1, 65_535));
        number("latchkey.internal.max-streams", internal.maxStreams(), 1, 100_000);
        LatchkeyConfig.InternalTls tls = internal.tls();
        pair("latchkey.internal.tls", tls.certificate(), tls.key());
        file("latchkey.internal.tls.client-ca", tls.clientCa());
        if (tls.clientCa().isPresent() && tls.certificate().isEmpty()) {
            problems.add("latchkey.internal.tls.client-ca: needs latchkey.internal.tls.certificate, too");
        }
    }

    /** What a sidecar cannot do without. */
    private void checkServer(LatchkeyConfig.Server server) {
        List<URI> urls = server.url().orElse(List.of());
        if (urls.isEmpty()) {
            problems.add("latchkey.server.url: is missing; a sidecar needs the servers that it asks, such as "
                    + "https://latchkey.example.com:8443, separated by commas");
        }
        for (URI url : urls) {
            if (!SERVER_URL.matcher(url.toString()).matches() || url.getHost() == null || url.getPort() > 65_535) {
                problem("latchkey.server.url", url, "http:// or https://, a host in lower case and a port, nothing else");
            }
        }
        LatchkeyConfig.ServerTls tls = server.tls();
        pair("latchkey.server.tls", tls.certificate(), tls.key());
        file("latchkey.server.tls.ca", tls.ca());
        if (server.credential().isEmpty() && tls.certificate().isEmpty()) {
            problems.add(
                    "latchkey.server.credential: is missing; a sidecar needs the id and secret, with a colon between, of a "
                            + "client that 'latchkey client create --kind sidecar' made, or latchkey.server.tls.certificate");
        }
        if (server.credential().isPresent() && !isCredential(server.credential().get())) {
            problems.add("latchkey.server.credential: is not the id and secret of a client, with a colon between");
        }
        if (server.credential().isEmpty() && urls.stream().anyMatch(url -> "http".equals(url.getScheme()))) {
            problems.add("latchkey.server.url: must be https:// for a certificate to prove anything; or set "
                    + "latchkey.server.credential");
        }
    }

    private static boolean isCredential(String text) {
        int colon = text.indexOf(':');
        return colon > 0 && colon < text.length() - 1 && Ids.parse(text.substring(0, colon)).isPresent();
    }

    private void pair(String key, Optional<Path> certificate, Optional<Path> privateKey) {
        if (certificate.isPresent() != privateKey.isPresent()) {
            problems.add(key + ".certificate and " + key + ".key: one is set without the other; set both or none");
        }
        file(key + ".certificate", certificate);
        file(key + ".key", privateKey);
    }

    private void file(String key, Optional<Path> path) {
        path.filter(file -> !Files.isReadable(file))
                .ifPresent(file -> problem(key, file, "a PEM file that this process may read"));
    }

    private void checkSecret(String key, String secret) {
        if (secret.length() < MIN_SECRET_LENGTH) {
            problems.add(key + ": has " + secret.length() + " characters; allowed: " + MIN_SECRET_LENGTH
                    + " or more, for example from: openssl rand -base64 32");
        }
    }

    private void ranges(String key, Optional<List<String>> ranges) {
        for (String range : ranges.orElse(List.of())) {
            if (AddressRange.parse(range.strip()).isEmpty()) {
                problem(key, range,
                        "IP addresses or CIDR ranges without host bits, such as 10.0.0.0/8, separated by commas");
            }
        }
    }

    private void number(String key, int value, int min, int max) {
        if (value < min || value > max) {
            problem(key, value, min + " to " + max);
        }
    }

    private void duration(String key, Duration value, String min, String max) {
        if (value.compareTo(Duration.parse("PT" + min)) < 0 || value.compareTo(Duration.parse("PT" + max)) > 0) {
            problem(key, value, min + " to " + max);
        }
    }

    private void problem(String key, Object value, String allowed) {
        problems.add(key + ": '" + value + "' is not allowed; allowed: " + allowed);
    }
}
