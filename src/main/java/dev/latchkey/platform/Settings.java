package dev.latchkey.platform;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

import io.quarkus.runtime.configuration.ConfigUtils;
import io.smallrye.config.ConfigValidationException;
import io.smallrye.config.SmallRyeConfigBuilder;

/** Reads and checks {@link LatchkeyConfig} before anything is started. */
public final class Settings {

    private static final Pattern PREFIX = Pattern.compile("[a-z0-9]{2,16}");
    private static final Pattern PUBLIC_URL = Pattern.compile("https?://([a-z0-9.-]+|\\[[0-9a-f:.]+\\])(:[1-9][0-9]{0,4})?");
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

        for (String proxy : config.http().trustedProxies().orElse(List.of())) {
            if (AddressRange.parse(proxy.strip()).isEmpty()) {
                problem("latchkey.http.trusted-proxies", proxy,
                        "IP addresses or CIDR ranges without host bits, such as 10.0.0.0/8, separated by commas");
            }
        }

        LatchkeyConfig.Session session = config.session();
        duration("latchkey.session.access-token-lifetime", session.accessTokenLifetime(), "1m", "1h");
        duration("latchkey.session.idle-timeout", session.idleTimeout(), "15m", "720h");
        duration("latchkey.session.lifetime", session.lifetime(), "15m", "8760h");

        LatchkeyConfig.SignIn signIn = config.signIn();
        number("latchkey.sign-in.failures-per-user", signIn.failuresPerUser(), 1, 10_000);
        number("latchkey.sign-in.attempts-per-address", signIn.attemptsPerAddress(), 1, 1_000_000);
        duration("latchkey.sign-in.window", signIn.window(), "10s", "24h");
        number("latchkey.sign-in.concurrency", signIn.concurrency(), 1, 64);
        number("latchkey.sign-in.queue", signIn.queue(), 1, 10_000);
    }

    private void checkSecret(String key, String secret) {
        if (secret.length() < MIN_SECRET_LENGTH) {
            problems.add(key + ": has " + secret.length() + " characters; allowed: " + MIN_SECRET_LENGTH
                    + " or more, for example from: openssl rand -base64 32");
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
