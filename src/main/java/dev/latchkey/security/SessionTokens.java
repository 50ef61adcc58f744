package dev.latchkey.security;

import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Alternative;

import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.SecretKeys;
import io.quarkus.arc.InjectableInstance;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.jwt.algorithm.SignatureAlgorithm;
import io.smallrye.jwt.auth.principal.DefaultJWTCallerPrincipalFactory;
import io.smallrye.jwt.auth.principal.JWTAuthContextInfo;
import io.smallrye.jwt.auth.principal.JWTCallerPrincipal;
import io.smallrye.jwt.auth.principal.JWTCallerPrincipalFactory;
import io.smallrye.jwt.auth.principal.ParseException;
import io.smallrye.jwt.build.Jwt;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;

/**
 * Makes and reads the JWTs of people's sessions. They say who ({@code sub}) and which session ({@code sid}), nothing
 * else: what the person may do is looked up at each use. Signed with RS256, the fastest of the usual algorithms to
 * verify in Java, by a key that signs nothing else and is published nowhere.
 */
@Alternative
@Priority(1)
@ApplicationScoped
public class SessionTokens extends JWTCallerPrincipalFactory {

    /** The purpose of the key, in the table signing_key and in the derivation of the key that encrypts it. */
    public static final String PURPOSE = "session";
    public static final String ALGORITHM = "RS256";

    static final String SESSION_CLAIM = "sid";
    private static final String TYPE = "latchkey-session+jwt";
    private static final String AUDIENCE = "latchkey-session";
    private static final Duration START_TIMEOUT = Duration.ofSeconds(10);

    private static final String KEYS = """
            SELECT id, public_key, private_key, retired_at IS NULL FROM signing_key
            WHERE purpose = $1 ORDER BY retired_at NULLS FIRST LIMIT 10
            """;

    private record Key(String id, PublicKey publicKey, PrivateKey privateKey, boolean current) {
    }

    private final InjectableInstance<Pool> pool;
    private final InjectableInstance<SecretKeys> secrets;
    private final LatchkeyConfig config;
    private final DefaultJWTCallerPrincipalFactory verifier = new DefaultJWTCallerPrincipalFactory();
    private volatile List<Key> keys = List.of();

    public SessionTokens(InjectableInstance<Pool> pool, InjectableInstance<SecretKeys> secrets, LatchkeyConfig config) {
        this.pool = pool;
        this.secrets = secrets;
        this.config = config;
    }

    void load(@Observes StartupEvent event) {
        if (config.role() == LatchkeyConfig.Role.SIDECAR) {
            return;
        }
        List<Key> loaded = new ArrayList<>();
        for (Row row : pool.get().preparedQuery(KEYS).execute(io.vertx.mutiny.sqlclient.Tuple.of(PURPOSE)).await()
                .atMost(START_TIMEOUT)) {
            loaded.add(key(row));
        }
        keys = List.copyOf(loaded);
    }

    private Key key(Row row) {
        String id = row.getUUID(0).toString();
        byte[] privateKey = secrets.get().decrypt(PURPOSE, id, row.getBuffer(2).getBytes()).orElseThrow(
                () -> new IllegalStateException("the key " + id + " was encrypted with another LATCHKEY_SECRET"));
        try {
            KeyFactory factory = KeyFactory.getInstance("RSA");
            return new Key(id, factory.generatePublic(new X509EncodedKeySpec(row.getBuffer(1).getBytes())),
                    factory.generatePrivate(new PKCS8EncodedKeySpec(privateKey)), row.getBoolean(3));
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException("the key " + id + " cannot be read", e);
        }
    }

    /** A new JWT for a session. Takes about a millisecond of processor time: not for the event loop. */
    public String issue(UUID userId, UUID sessionId) {
        Key key = keys.stream().filter(Key::current).findFirst()
                .orElseThrow(() -> new IllegalStateException("there is no key that signs sessions"));
        return Jwt.issuer(config.publicUrl().toString())
                .audience(AUDIENCE)
                .subject(userId.toString())
                .claim(SESSION_CLAIM, sessionId.toString())
                .expiresIn(config.session().accessTokenLifetime())
                .jws().keyId(key.id).header("typ", TYPE)
                .sign(key.privateKey);
    }

    /**
     * Checks signature, type, issuer, audience and times.
     *
     * @throws ParseException without the token or a cause, because the framework logs it
     */
    @Override
    public JWTCallerPrincipal parse(String token, JWTAuthContextInfo ignored) throws ParseException {
        JsonObject header = header(token);
        if (header == null || !TYPE.equals(header.getValue("typ"))) {
            throw invalid();
        }
        Object keyId = header.getValue("kid");
        for (Key key : keys) {
            if (key.id.equals(keyId)) {
                try {
                    return verifier.parse(token, expectations(key));
                } catch (ParseException e) {
                    throw invalid();
                }
            }
        }
        throw invalid();
    }

    private JWTAuthContextInfo expectations(Key key) {
        JWTAuthContextInfo info = new JWTAuthContextInfo(key.publicKey, config.publicUrl().toString());
        info.setSignatureAlgorithm(Set.of(SignatureAlgorithm.RS256));
        info.setExpectedAudience(Set.of(AUDIENCE));
        info.setRequiredClaims(Set.of("sub", SESSION_CLAIM));
        info.setClockSkew(0);
        return info;
    }

    private static JsonObject header(String token) {
        int dot = token.indexOf('.');
        if (dot < 0 || dot > 1024) {
            return null;
        }
        try {
            return new JsonObject(new String(Base64.getUrlDecoder().decode(token.substring(0, dot)), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException | DecodeException e) {
            return null;
        }
    }

    private static ParseException invalid() {
        return new ParseException("the session token is not valid");
    }
}
