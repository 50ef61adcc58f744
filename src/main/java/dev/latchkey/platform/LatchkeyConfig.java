package dev.latchkey.platform;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/**
 * Everything that can be configured under {@code latchkey.*}; each key is also an environment variable by the usual
 * rule ({@code latchkey.database.url} is {@code LATCHKEY_DATABASE_URL}). {@link Settings} checks the values at
 * start.
 */
@ConfigMapping(prefix = "latchkey")
public interface LatchkeyConfig {

    /** What this process is: a {@code server} has a database, a {@code sidecar} asks servers. */
    @WithDefault("server")
    Role role();

    /**
     * Where people reach this service: scheme, host and port. Browsers must send it as {@code Origin}; under {@code
     * https} the cookies are {@code Secure}.
     */
    @WithDefault("http://localhost:8080")
    URI publicUrl();

    /**
     * The one secret from which all keys for encryption at rest are derived; 32 characters or more. Generated
     * beside the embedded database, required with a database of your own.
     */
    Optional<String> secret();

    /** The former secret, during a change of secret: what it encrypted is encrypted anew at the next start. */
    Optional<String> secretPrevious();

    /** The embedded database. */
    Data data();

    /** A database of your own. */
    Database database();

    /** The first administrator, made when the database is empty. */
    Admin admin();

    /** Where requests come from. */
    Http http();

    /** The cache of verification and what bounds it. */
    Verification verification();

    /** The format of tokens. */
    Token token();

    /** Scopes beside the 29 built-in ones, by name. */
    Map<String, Scope> scopes();

    /** People's sessions. */
    Session session();

    /** Protection of the sign-in. */
    SignIn signIn();

    /** Roles of the process. */
    enum Role {
        SERVER,
        SIDECAR
    }

    interface Data {
        /** Where the embedded database and the generated secret are kept. */
        @WithDefault("data")
        Path directory();
    }

    interface Database {
        /**
         * {@code postgresql://host:port/name}, with {@code ?sslmode=} disable, prefer, require, verify-ca or
         * verify-full and {@code &sslrootcert=} a PEM file. Without it an embedded PostgreSQL is used.
         */
        Optional<String> url();

        /** The database user. */
        Optional<String> user();

        /** The database user's password. */
        Optional<String> password();

        /** Whether the schema is brought up to date at start. */
        @WithDefault("true")
        boolean migrate();

        /** How long the start waits for the database to answer, 0s to 1h. */
        @WithDefault("30s")
        Duration startTimeout();

        /** How many connections the pool holds, 1 to 1000. */
        @WithDefault("20")
        int poolSize();

        /** How many operations may wait for a connection, 1 to 1000000; beyond it: 503. */
        @WithDefault("1000")
        int poolQueue();

        /** How long an operation on the database may take, 100ms to 1m; then 503. */
        @WithDefault("10s")
        Duration timeout();

        /** How many connections serve the lookups of credentials, 2 to 200; a quarter serves only those found before. */
        @WithDefault("8")
        int lookupConnections();

        /** How long the lookup of a credential may take, 10ms to 1s; then 503, and its connection is closed. */
        @WithDefault("1s")
        Duration lookupTimeout();
    }

    interface Admin {
        /** E-mail of the first administrator. */
        Optional<String> email();

        /** Password of the first administrator, 12 to 128 characters. */
        Optional<String> password();
    }

    interface Http {
        /**
         * Proxies in front of this service, as addresses or CIDR ranges: only what they say about where a request
         * comes from is believed.
         */
        Optional<List<String>> trustedProxies();

        /**
         * In which header they say it. One alone, because a proxy that writes the one may pass on the other as the
         * client sent it.
         */
        @WithDefault("x-forwarded-for")
        AddressHeader clientAddressHeader();
    }

    /** What carries the addresses that a request came through. */
    enum AddressHeader {
        X_FORWARDED_FOR("X-Forwarded-For"),
        /** RFC 7239. */
        FORWARDED("Forwarded");

        private final String headerName;

        AddressHeader(String headerName) {
            this.headerName = headerName;
        }

        public String headerName() {
            return headerName;
        }
    }

    interface Verification {
        /**
         * How long cached answers may be used after the newest evidence that changes are heard, 500ms to 1.5s.
         * Without a value: 1s on a server, 1.5s on a sidecar.
         */
        Optional<Duration> lease();

        /** How many credentials are cached, of tokens and of sessions each, 1000 to 100000000. */
        @WithDefault("100000")
        int cacheSize();

        /** How many credentials are remembered for a second not to exist, 1000 to 100000000. */
        @WithDefault("100000")
        int unknownCacheSize();

        /** How many lookups may be under way, 2 to 100000, half of them of credentials never found before; beyond it: 503. */
        @WithDefault("1000")
        int maxLookups();

        /** How many tokens that do not exist an address may present in a minute, 1 to 10000000; further ones get 429. */
        @WithDefault("600")
        int unknownPerMinute();
    }

    interface Token {
        /** What tokens begin with, before the underscore: 2 to 16 of a-z and 0-9. */
        @WithDefault("lkp")
        String prefix();
    }

    interface Scope {
        /** What the scope permits, in one sentence. */
        String description();
    }

    interface Session {
        /** How long an access token (JWT) of a session is valid, 1m to 1h. */
        @WithDefault("15m")
        Duration accessTokenLifetime();

        /** After how long without a refresh a session ends, 15m to 30d. */
        @WithDefault("12h")
        Duration idleTimeout();

        /** After how long a session ends in any case, 15m to 365d. */
        @WithDefault("30d")
        Duration lifetime();
    }

    interface SignIn {
        /** Failed sign-ins of one user in {@code latchkey.sign-in.window}; further ones get 429. 1 to 10000. */
        @WithDefault("10")
        int failuresPerUser();

        /** Sign-ins from one address in {@code latchkey.sign-in.window}; further ones get 429. 1 to 1000000. */
        @WithDefault("100")
        int attemptsPerAddress();

        /** The period in which sign-ins are counted, 10s to 24h. */
        @WithDefault("15m")
        Duration window();

        /** How many passwords are hashed at once (19 MiB of memory each), 1 to 64. */
        @WithDefault("2")
        int concurrency();

        /** How many sign-ins may wait for that, 1 to 10000; beyond it: 503. */
        @WithDefault("64")
        int queue();
    }
}
