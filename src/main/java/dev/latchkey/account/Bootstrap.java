package dev.latchkey.account;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import dev.latchkey.platform.Ids;
import dev.latchkey.platform.SecretKeys;
import dev.latchkey.platform.StartupException;
import dev.latchkey.scope.ScopeCatalogue;
import dev.latchkey.security.SessionTokens;
import dev.latchkey.signing.Es256;
import dev.latchkey.signing.KeyPurpose;
import dev.latchkey.token.TokenDigest;

/**
 * What must be in the database before the service answers, and what the command line adds: on one blocking
 * connection, in transactions that only one process at a time runs (an advisory lock), so that replicas may start
 * at once.
 */
public final class Bootstrap {

    /** Any constant that no other program on this database uses: "latchkey" in ASCII. */
    private static final long LOCK = 0x6c617463686b6579L;
    private static final int RSA_BITS = 2048;
    /** What nobody publishes any more: see dev.latchkey.signing. */
    private static final String DELETE_RETIRED = "DELETE FROM signing_key WHERE retired_at < clock_timestamp() - interval '25 hours'";

    private final Connection connection;

    /** @param connection in auto-commit mode; stays open */
    public Bootstrap(Connection connection) {
        this.connection = connection;
    }

    /** Work in a transaction. */
    @FunctionalInterface
    private interface Work<T> {
        T run() throws SQLException;
    }

    private <T> T exclusively(Work<T> work) {
        try {
            connection.setAutoCommit(false);
            try {
                execute("SELECT pg_advisory_xact_lock(?)", LOCK);
                T result = work.run();
                connection.commit();
                return result;
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            throw new StartupException("the database cannot be set up: " + e.getMessage(), e);
        }
    }

    /** Whether nobody can sign in yet; there need not be a schema. */
    public boolean isEmpty() {
        return exclusively(() -> uuid("SELECT gen_random_uuid() WHERE to_regclass('app_user') IS NOT NULL").isEmpty()
                || uuid("SELECT id FROM app_user LIMIT 1").isEmpty());
    }

    /** Makes the reserved roles of every account what the catalogue says; writes only what differs. */
    public void alignReservedRoles(ScopeCatalogue catalogue) {
        exclusively(() -> {
            for (ReservedRole role : ReservedRole.values()) {
                execute("UPDATE role SET scopes = ?, updated_at = ? WHERE reserved AND name = ? AND scopes <> ?",
                        array(role, catalogue), now(), role.roleName(), array(role, catalogue));
            }
            return null;
        });
    }

    /**
     * Makes an account with its reserved roles and its first super-admin.
     *
     * @return empty if there is an account of this alias already
     */
    public Optional<UUID> createAccount(String alias, String company, String email, String password, ScopeCatalogue catalogue) {
        String hash = Passwords.hash(password);
        return exclusively(() -> {
            if (uuid("SELECT id FROM account WHERE alias = ?", alias).isPresent()) {
                return Optional.empty();
            }
            UUID account = Ids.next();
            execute("INSERT INTO account (id, alias, company, email, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)",
                    account,
                    alias, company, email, now(), now());
            UUID superAdmin = null;
            for (ReservedRole role : ReservedRole.values()) {
                UUID id = Ids.next();
                execute("INSERT INTO role (id, account_id, name, description, scopes, reserved, created_at, updated_at) "
                        + "VALUES (?, ?, ?, ?, ?, true, ?, ?)", id, account, role.roleName(), role.description(),
                        array(role, catalogue), now(), now());
                superAdmin = role == ReservedRole.SUPER_ADMIN ? id : superAdmin;
            }
            UUID user = Ids.next();
            execute("INSERT INTO app_user (id, account_id, role_id, email, password_hash, created_at, updated_at) "
                    + "VALUES (?, ?, ?, ?, ?, ?, ?)", user, account, superAdmin, email, hash, now(), now());
            log(account, "account.created", "account", account);
            log(account, "user.created", "user", user);
            return Optional.of(account);
        });
    }

    /** A machine's id and secret. */
    public record ClientCredentials(UUID id, String secret) {
    }

    /**
     * Makes a client.
     *
     * @param kind {@code introspection} or {@code sidecar}
     * @return empty if there is no account of this alias
     */
    public Optional<ClientCredentials> createClient(String alias, String kind, String name) {
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        String secret = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        return exclusively(() -> {
            Optional<UUID> account = uuid("SELECT id FROM account WHERE alias = ?", alias);
            if (account.isEmpty()) {
                return Optional.empty();
            }
            UUID id = Ids.next();
            execute("INSERT INTO client (id, account_id, kind, name, secret_digest, created_at) VALUES (?, ?, ?, ?, ?, ?)", id,
                    account.get(), kind, name, TokenDigest.of(secret).bytes(), now());
            log(account.get(), "client.created", "client", id);
            return Optional.of(new ClientCredentials(id, secret));
        });
    }

    /**
     * Makes the keys that are not there yet, those of sessions and of each {@link KeyPurpose}, encrypts anew what
     * the previous secret encrypted, and deletes what was retired long ago.
     *
     * @throws StartupException if a key was encrypted with neither secret
     */
    public void prepareSigningKeys(SecretKeys secret, Optional<SecretKeys> previous) {
        exclusively(() -> {
            for (StoredKey key : storedKeys()) {
                if (!key.secretId.equals(secret.id())) {
                    reencrypt(key, secret, previous);
                }
            }
            reencryptTwoFactor(secret, previous);
            if (currentKey(SessionTokens.PURPOSE).isEmpty()) {
                insertKey(SessionTokens.PURPOSE, SessionTokens.ALGORITHM, rsa(), secret);
            }
            for (KeyPurpose purpose : KeyPurpose.values()) {
                if (currentKey(purpose.stored()).isEmpty()) {
                    insertKey(purpose.stored(), Es256.ALGORITHM, Es256.generate(), secret);
                }
            }
            execute(DELETE_RETIRED);
            return null;
        });
    }

    /**
     * A new key in place of the current one.
     *
     * @param retired empty if there was none
     */
    public record Rotation(UUID created, Optional<UUID> retired) {
    }

    /**
     * Retires the current keys of these purposes and makes new ones, in one transaction.
     *
     * @throws StartupException if this is not the secret of the database: servers could not read the new keys
     */
    public Map<KeyPurpose, Rotation> rotateKeys(Set<KeyPurpose> purposes, SecretKeys secret) {
        return exclusively(() -> {
            if (storedKeys().stream().anyMatch(key -> !key.secretId.equals(secret.id()))) {
                throw new StartupException(
                        "latchkey.secret is not the one that this database is used with: set LATCHKEY_SECRET to that one");
            }
            Map<KeyPurpose, Rotation> rotations = new EnumMap<>(KeyPurpose.class);
            for (KeyPurpose purpose : purposes) {
                Optional<UUID> old = currentKey(purpose.stored());
                execute("UPDATE signing_key SET retired_at = clock_timestamp() WHERE purpose = ? AND retired_at IS NULL",
                        purpose.stored());
                rotations.put(purpose,
                        new Rotation(insertKey(purpose.stored(), Es256.ALGORITHM, Es256.generate(), secret), old));
            }
            execute(DELETE_RETIRED);
            return rotations;
        });
    }

    private Optional<UUID> currentKey(String purpose) throws SQLException {
        return uuid("SELECT id FROM signing_key WHERE purpose = ? AND retired_at IS NULL", purpose);
    }

    private record StoredKey(UUID id, String purpose, byte[] privateKey, String secretId) {
    }

    private List<StoredKey> storedKeys() throws SQLException {
        List<StoredKey> keys = new ArrayList<>();
        try (PreparedStatement statement = connection
                .prepareStatement("SELECT id, purpose, private_key, secret_id FROM signing_key");
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                keys.add(new StoredKey(rows.getObject(1, UUID.class), rows.getString(2), rows.getBytes(3), rows.getString(4)));
            }
        }
        return keys;
    }

    private void reencrypt(StoredKey key, SecretKeys secret, Optional<SecretKeys> previous) throws SQLException {
        byte[] plain = previous.flatMap(former -> former.decrypt(key.purpose, key.id.toString(), key.privateKey))
                .orElseThrow(Bootstrap::wrongSecret);
        execute("UPDATE signing_key SET private_key = ?, secret_id = ? WHERE id = ?",
                secret.encrypt(key.purpose, key.id.toString(), plain), secret.id(), key.id);
    }

    /** People's second factors, encrypted with the former secret; there are some only after a change of secret. */
    private void reencryptTwoFactor(SecretKeys secret, Optional<SecretKeys> previous) throws SQLException {
        try (PreparedStatement statement = prepare(
                "SELECT id, two_factor_secret FROM app_user WHERE two_factor_secret IS NOT NULL "
                        + "AND two_factor_secret_id <> ?",
                secret.id()); ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                UUID user = rows.getObject(1, UUID.class);
                byte[] encrypted = rows.getBytes(2);
                byte[] plain = previous.flatMap(former -> former.decrypt(TwoFactor.PURPOSE, user.toString(), encrypted))
                        .orElseThrow(Bootstrap::wrongSecret);
                execute("UPDATE app_user SET two_factor_secret = ?, two_factor_secret_id = ? WHERE id = ?",
                        secret.encrypt(TwoFactor.PURPOSE, user.toString(), plain), secret.id(), user);
            }
        }
    }

    private static StartupException wrongSecret() {
        return new StartupException("latchkey.secret is not the one that this database was used with: set "
                + "LATCHKEY_SECRET to that one or, to change it, LATCHKEY_SECRET_PREVIOUS to that one and LATCHKEY_SECRET to "
                + "the new one");
    }

    private static KeyPair rsa() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(RSA_BITS);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has RSA", e);
        }
    }

    /** Dated by the database's clock, by which servers count how long a key is published. */
    private UUID insertKey(String purpose, String algorithm, KeyPair pair, SecretKeys secret) throws SQLException {
        UUID id = Ids.next();
        execute("INSERT INTO signing_key (id, purpose, algorithm, public_key, private_key, secret_id, created_at) "
                + "VALUES (?, ?, ?, ?, ?, ?, clock_timestamp())", id, purpose, algorithm, pair.getPublic().getEncoded(),
                secret.encrypt(purpose, id.toString(), pair.getPrivate().getEncoded()), secret.id());
        return id;
    }

    private void log(UUID account, String action, String resource, UUID resourceId) throws SQLException {
        execute("INSERT INTO event_log (id, account_id, action, resource, resource_id, credential_type, created_at) "
                + "VALUES (?, ?, ?, ?, ?, 'command-line', ?)", Ids.next(), account, action, resource, resourceId, now());
    }

    private static OffsetDateTime now() {
        return Instant.now().truncatedTo(ChronoUnit.MILLIS).atOffset(ZoneOffset.UTC);
    }

    private static String[] array(ReservedRole role, ScopeCatalogue catalogue) {
        return role.scopes(catalogue).toArray(String[]::new);
    }

    private void execute(String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = prepare(sql, parameters)) {
            statement.execute();
        }
    }

    private Optional<UUID> uuid(String sql, Object... parameters) throws SQLException {
        try (PreparedStatement statement = prepare(sql, parameters); ResultSet rows = statement.executeQuery()) {
            return rows.next() ? Optional.of(rows.getObject(1, UUID.class)) : Optional.empty();
        }
    }

    private PreparedStatement prepare(String sql, Object... parameters) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < parameters.length; i++) {
            Object value = parameters[i] instanceof String[] strings ? connection.createArrayOf("text", strings)
                    : parameters[i];
            statement.setObject(i + 1, value);
        }
        return statement;
    }
}
