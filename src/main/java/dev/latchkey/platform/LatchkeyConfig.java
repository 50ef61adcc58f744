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

    /** Each file in it is the value of the key that it is named after, such as latchkey.secret; absent: none is read. */
    Optional<Path> secretsDirectory();

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

    /** The listener that serves sidecars. */
    Internal internal();

    /** Whom a sidecar asks. */
    Server server();

    /** The format of tokens. */
    Token token();

    /** Scopes beside the 29 built-in ones, by name. */
    Map<String, Scope> scopes();

    /** OAuth 2: what tokens are exchanged for. */
    OAuth oauth();

    /** Who may make an account of their own over HTTP: {@code closed}, nobody; {@code open}, everybody. */
    @WithDefault("closed")
    Signup signup();

    /** People's sessions. */
    Session session();

    /** Protection of the sign-in. */
    SignIn signIn();

    /** Telling others by HTTP what happens. */
    Webhook webhook();

    /** What is written down of what happens. */
    EventLog eventLog();

    /**
     * The route policy by which the gateway decides: {@code cryptlex-v3}, which is built in, or the path of a YAML file.
     * Without
     * it the gateway's doors are closed.
     */
    Optional<String> policy();

    /** The doors of the gateway: for proxies that ask whether a request may pass. */
    Gateway gateway();

    /** The reverse proxy: for an API that has no other proxy in front. */
    Proxy proxy();

    /** Roles of the process. */
    enum Role {
        SERVER,
        SIDECAR
    }

    /** Who may make an account. */
    enum Signup {
        CLOSED,
        OPEN
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

        /** How many tokens with a rate limit are counted at once, 1000 to 100000000; beyond that the least used begin anew. */
        @WithDefault("100000")
        int rateLimitBuckets();
    }

    interface EventLog {
        /** After how many months a whole month of the event log is dropped, 1 to 1200; absent: never. */
        Optional<Integer> retentionMonths();
    }

    interface Gateway {
        /** The address that the doors listen on; 127.0.0.1 with the embedded database unless set. */
        @WithDefault("0.0.0.0")
        String host();

        /** The port of the doors, HTTP/1.1, HTTP/2 without TLS and gRPC alike, 1 to 65535. */
        @WithDefault("8090")
        int port();
    }

    interface Proxy {
        /** The API behind: {@code http://host:port}. Without it there is no reverse proxy. */
        Optional<URI> upstream();

        /** The address that the reverse proxy listens on; 127.0.0.1 with the embedded database unless set. */
        @WithDefault("0.0.0.0")
        String host();

        /** The port of the reverse proxy, 1 to 65535. */
        @WithDefault("8000")
        int port();

        /** How long connecting to the upstream, or waiting for a connection, may take, 10ms to 1m; then 504. */
        @WithDefault("2s")
        Duration connectTimeout();

        /** How long nothing may come from the upstream or go to it, 1s to 24h; then 504, or the end of the exchange. */
        @WithDefault("1m")
        Duration idleTimeout();

        /** How long an exchange may take in all, 0s to 24h; 0s: as long as it likes. */
        @WithDefault("0s")
        Duration timeout();

        /** How many connections to the upstream each event loop may have, 1 to 100000; beyond it requests wait. */
        @WithDefault("512")
        int poolSize();

        /** How many requests of each event loop may wait for a connection, 0 to 1000000; beyond it: 503. */
        @WithDefault("1024")
        int poolQueue();
    }

    interface Internal {
        /** The port on which sidecars are served, 1 to 65535. Without it none are. */
        Optional<Integer> port();

        /** The address that it listens on. 127.0.0.1 with the embedded database unless set. */
        @WithDefault("0.0.0.0")
        String host();

        /** TLS of this listener. */
        InternalTls tls();

        /** How many sidecars may have a stream of changes, 1 to 100000; further ones get 503, and try another server. */
        @WithDefault("10000")
        int maxStreams();
    }

    interface InternalTls {
        /** The certificate and those that it depends on, as PEM. Without it this listener speaks plain HTTP. */
        Optional<Path> certificate();

        /** The certificate's private key, as PEM. */
        Optional<Path> key();

        /**
         * The authorities of sidecars' certificates, as PEM: the common name of such a certificate is the id of a client of
         * kind {@code sidecar}.
         */
        Optional<Path> clientCa();
    }

    interface Server {
        /** The servers, each {@code http(s)://host:port}; of a name with several addresses each address is a server. */
        Optional<List<URI>> url();

        /** Id and secret of a client of kind {@code sidecar}, with a colon between. */
        Optional<String> credential();

        /** TLS to the servers. */
        ServerTls tls();
    }

    interface ServerTls {
        /** The authorities of the servers' certificates, as PEM. Without it those that Java trusts. */
        Optional<Path> ca();

        /** The sidecar's own certificate, as PEM, instead of a credential. */
        Optional<Path> certificate();

        /** The certificate's private key, as PEM. */
        Optional<Path> key();
    }

    interface Token {
        /** What tokens begin with, before the underscore: 2 to 16 of a-z and 0-9. */
        @WithDefault("lkp")
        String prefix();

        /** How often tokens that were not used for as long as their account allows are looked for, 1s to 24h. */
        @WithDefault("1m")
        Duration idleCheckInterval();

        /** How many reports of leaked tokens an address may send in a minute, 1 to 10000; each may name a hundred. */
        @WithDefault("10")
        int leakReportsPerMinute();

        /** Formats of tokens that were issued elsewhere, by their names: 1 to 64 of a-z, 0-9 and -. */
        Map<String, Foreign> foreign();
    }

    /** Of a token that was issued elsewhere: a prefix, and a number of characters. */
    interface Foreign {
        /** What such tokens begin with: 1 to 32 visible ASCII characters, not to be taken for this service's own prefix. */
        String prefix();

        /** Of what follows: hex, base62, base64url, or the characters themselves, at least 16 different ones. */
        @WithDefault("base62")
        String alphabet();

        /** Of what follows, 32 to 255. */
        int length();
    }

    interface Scope {
        /** What the scope permits, in one sentence. */
        String description();
    }

    interface OAuth {
        /**
         * Whom tokens may be exchanged for a JWT for ({@code aud}), 1 to 255 visible ASCII characters each. None:
         * no exchange.
         */
        Optional<List<String>> audiences();

        /** How long such a JWT is valid, 1s to 15m; never beyond the token's expiry. */
        @WithDefault("60s")
        Duration exchangeLifetime();
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
        /** Failed sign-ins with one e-mail address in {@code latchkey.sign-in.window}, then 429. 1 to 10000. */
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

    interface Webhook {
        /** Whether webhooks may have {@code http://} URLs: what is sent can then be read, and changed, on its way. */
        @WithDefault("false")
        boolean allowHttp();

        /**
         * Addresses and CIDR ranges to which webhooks may go although they are private, loopback, link-local or
         * otherwise not of the public Internet. None: only public addresses.
         */
        Optional<List<String>> allowedNetworks();

        /** The authorities of receivers' certificates, as PEM. Without it those that Java trusts. */
        Optional<Path> ca();

        /** How many requests this process sends at once, 1 to 1000. */
        @WithDefault("64")
        int concurrency();

        /** How many of them to one webhook, 1 to 1000. */
        @WithDefault("8")
        int concurrencyPerWebhook();

        /** How long a request may take in all, from the resolution of the name to the end of the answer, 100ms to 30s. */
        @WithDefault("10s")
        Duration timeout();

        /** About how long after a failed attempt the next one comes, 10ms to 1h; doubled each time, up to an hour. */
        @WithDefault("5s")
        Duration retryAfter();

        /** For how long an event is tried again before it is a dead letter, 1s to 168h. */
        @WithDefault("24h")
        Duration retryFor();

        /** How long delivered events and dead letters are kept, 1h to 8760h. */
        @WithDefault("720h")
        Duration retention();

        /** How many days before a token expires its webhooks are told, at most 10 numbers from 1 to 365. */
        @WithDefault("30,7,1")
        List<Integer> expiringSoonDays();
    }
}
