package dev.latchkey.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;

import dev.latchkey.platform.database.Migrations;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.verification.ChangeListener;

/** PostgreSQL announces what changes a decision, whoever changes it; names exactly those whom it concerns; and nothing else. */
class ChangeFeedTest {

    private static TestDatabase database;

    private final UUID account = UUID.randomUUID();
    private final UUID role = UUID.randomUUID();
    private final UUID otherRole = UUID.randomUUID();
    private final UUID user = UUID.randomUUID();
    private final UUID token = UUID.randomUUID();
    private final UUID session = UUID.randomUUID();
    private Connection listening;

    @BeforeAll
    static void migrate() {
        database = TestDatabase.create();
        Migrations.run(database.settings());
    }

    /** An account with a person, their token and their session, and somebody who listens. */
    @BeforeEach
    void prepare() throws SQLException {
        database.execute("INSERT INTO account (id, alias, company, created_at, updated_at) VALUES (?, ?, '', now(), now())",
                account,
                "a-" + account);
        for (UUID each : List.of(role, otherRole)) {
            database.execute("INSERT INTO role (id, account_id, name, scopes, created_at, updated_at) "
                    + "VALUES (?, ?, ?, '{license:read}', now(), now())", each, account, each.toString());
        }
        insertUser(user);
        insertToken(token);
        database.execute("INSERT INTO session (id, account_id, user_id, created_at, expires_at) "
                + "VALUES (?, ?, ?, now(), now() + interval '1 day')", session, account, user);
        listening = database.connect();
        try (Statement statement = listening.createStatement()) {
            statement.execute("LISTEN latchkey_changes");
        }
    }

    private void insertUser(UUID id) {
        database.execute("INSERT INTO app_user (id, account_id, role_id, email, created_at, updated_at) "
                + "VALUES (?, ?, ?, ?, now(), now())", id, account, role, id + "@example.com");
    }

    private void insertToken(UUID id) {
        database.execute("INSERT INTO personal_access_token (id, account_id, owner_id, name, digest, hint, scopes, created_at, "
                + "updated_at) VALUES (?, ?, ?, 'a token', sha256(?::text::bytea), '', '{license:read,user:read}', now(), now())",
                id,
                account, user, id.toString());
    }

    @AfterEach
    void stop() throws SQLException {
        listening.close();
    }

    /** The ids in each message that has arrived, all of them about this account. */
    private List<List<String>> heard() throws SQLException {
        return messages().stream().map(message -> {
            if (message.equals("*")) {
                return List.of(message);
            }
            assertThat(message).startsWith(account + ":").hasSizeLessThan(8_000);
            return Arrays.stream(message.substring(message.indexOf(':') + 1).split(",")).sorted().toList();
        }).toList();
    }

    /** Each message that has arrived; notifications come before the answer to a later query. */
    private List<String> messages() throws SQLException {
        try (Statement statement = listening.createStatement()) {
            statement.execute("SELECT 1");
        }
        PGNotification[] messages = listening.unwrap(PGConnection.class).getNotifications();
        return messages == null ? List.of() : Stream.of(messages).map(PGNotification::getParameter).toList();
    }

    private static List<List<String>> message(UUID... ids) {
        return List.of(Stream.of(ids).map(UUID::toString).sorted().toList());
    }

    @ParameterizedTest
    @ValueSource(strings = { "revoked_at = now()", "scopes = '{license:read}'", "expires_at = now()",
            "allowed_ips = '{10.0.0.0/8}'",
            "digest = sha256('another'::bytea)", "replaced_digest = sha256('old'::bytea), replaced_until = now()" })
    void aTokenThatChangesForADecisionIsNamed(String change) throws SQLException {
        database.execute("UPDATE personal_access_token SET " + change + " WHERE id = ?", token);
        assertThat(heard()).isEqualTo(message(token));
    }

    static Stream<String> whatDoesNotMatter() {
        return Stream.of("UPDATE personal_access_token SET name = 'b', description = 'c', tags = '{d}', updated_at = now()",
                "UPDATE personal_access_token SET scopes = scopes",
                "UPDATE app_user SET last_login_at = now(), email = id::text",
                "UPDATE role SET name = name || 'x', updated_at = now()", "UPDATE account SET company = 'c', email = 'd'",
                "UPDATE session SET address = '192.0.2.1'", "DELETE FROM personal_access_token WHERE false");
    }

    @ParameterizedTest
    @MethodSource
    void whatDoesNotMatter(String change) throws SQLException {
        database.execute(change);
        insertToken(UUID.randomUUID());
        assertThat(heard()).isEmpty();
    }

    @Test
    void aDeletedTokenIsNamed() throws SQLException {
        database.execute("DELETE FROM personal_access_token WHERE id = ?", token);
        assertThat(heard()).isEqualTo(message(token));
    }

    @Test
    void aSessionThatEndsIsNamedOneThatIsClearedAwayLongAfterwardsIsNot() throws SQLException {
        database.execute("UPDATE session SET ended_at = now() WHERE id = ?", session);
        assertThat(heard()).isEqualTo(message(session));
        database.execute("UPDATE session SET expires_at = now() - interval '1 day' WHERE id = ?", session);
        assertThat(heard()).isEqualTo(message(session));
        database.execute("DELETE FROM session WHERE id = ?", session);
        assertThat(heard()).isEmpty();
    }

    @Test
    void aSessionThatIsDeletedBeforeItsEndIsNamed() throws SQLException {
        database.execute("DELETE FROM session WHERE id = ?", session);
        assertThat(heard()).isEqualTo(message(session));
    }

    @Test
    void aUserWhoIsDisabledEnabledOrGivenAnotherRoleIsNamed() throws SQLException {
        database.execute("UPDATE app_user SET disabled_at = now() WHERE id = ?", user);
        assertThat(heard()).isEqualTo(message(user));
        database.execute("UPDATE app_user SET disabled_at = NULL WHERE id = ?", user);
        assertThat(heard()).isEqualTo(message(user));
        database.execute("UPDATE app_user SET role_id = ? WHERE id = ?", otherRole, user);
        assertThat(heard()).isEqualTo(message(user));
    }

    @Test
    void aUserWhoIsDeletedIsNamedWithTheirTokensAndSessions() throws SQLException {
        database.execute("DELETE FROM app_user WHERE id = ?", user);
        assertThat(heard().stream().flatMap(List::stream))
                .containsExactlyInAnyOrder(user.toString(), token.toString(), session.toString());
    }

    @Test
    void aRoleIsNamedWhenItsScopesChangeOrItIsDeleted() throws SQLException {
        database.execute("UPDATE role SET scopes = '{}' WHERE id = ?", role);
        assertThat(heard()).isEqualTo(message(role));
        database.execute("DELETE FROM role WHERE id = ?", otherRole);
        assertThat(heard()).isEqualTo(message(otherRole));
    }

    @Test
    void anAccountIsNamedWhenItIsDisabledOrDeleted() throws SQLException {
        database.execute("UPDATE account SET disabled_at = now() WHERE id = ?", account);
        assertThat(heard()).isEqualTo(message(account));
        database.execute("DELETE FROM account WHERE id = ?", account);
        assertThat(heard().stream().flatMap(List::stream)).contains(account.toString(), user.toString(), token.toString(),
                session.toString());
    }

    @Test
    void upToAHundredRowsAreNamedEachMoreByTheirAccountAlone() throws SQLException {
        List<UUID> tokens = new ArrayList<>(List.of(token));
        while (tokens.size() < 100) {
            UUID another = UUID.randomUUID();
            insertToken(another);
            tokens.add(another);
        }
        database.execute("UPDATE personal_access_token SET revoked_at = now() WHERE account_id = ?", account);
        assertThat(heard()).isEqualTo(message(tokens.toArray(UUID[]::new)));
        insertToken(UUID.randomUUID());
        database.execute("UPDATE personal_access_token SET revoked_at = '2030-01-01' WHERE account_id = ?", account);
        assertThat(heard()).isEqualTo(message(account));
    }

    @Test
    void eachAccountHasAMessageOfItsOwn() throws SQLException {
        UUID other = UUID.randomUUID();
        UUID otherRole = UUID.randomUUID();
        database.execute("INSERT INTO account (id, alias, company, created_at, updated_at) VALUES (?, ?, '', now(), now())",
                other, "b-" + other);
        database.execute("INSERT INTO role (id, account_id, name, scopes, created_at, updated_at) "
                + "VALUES (?, ?, 'a role', '{license:read}', now(), now())", otherRole, other);
        database.execute("UPDATE role SET scopes = '{}' WHERE id IN (?, ?)", role, otherRole);
        assertThat(messages()).containsExactlyInAnyOrder(account + ":" + role, other + ":" + otherRole);
    }

    @Test
    void whatIsHeardIsToldWithItsAccountInTheFormerFormWithout() {
        List<String> told = new ArrayList<>();
        ChangeListener listener = new ChangeListener() {
            @Override
            public void connected() {
                throw new AssertionError();
            }

            @Override
            public void disconnected() {
                throw new AssertionError();
            }

            @Override
            public void heartbeat(long sentNanos) {
                throw new AssertionError();
            }

            @Override
            public void changed(UUID account, Collection<UUID> ids) {
                told.add(account + " " + ids);
            }

            @Override
            public void changed(Collection<UUID> ids) {
                told.add(ids.toString());
            }

            @Override
            public void everythingChanged() {
                told.add("*");
            }
        };
        for (String message : List.of(account + ":" + token + "," + user, token + "," + user, "*", "", account + ":",
                ":" + token,
                "account:" + token, account + ":" + token + ",")) {
            PostgresChangeFeed.hear(message, listener);
        }
        assertThat(told).containsExactly(account + " " + List.of(token, user), List.of(token, user).toString(), "*", "*", "*",
                "*", "*", account + " " + List.of(token));
    }

    @Test
    void moreThanTwoHundredAccountsAreNotNamedAnyMore() throws SQLException {
        database.execute(
                "INSERT INTO account (id, alias, company, created_at, updated_at) SELECT gen_random_uuid(), 'many-' || n, '', "
                        + "now(), now() FROM generate_series(1, 201) n");
        database.execute("UPDATE account SET disabled_at = now() WHERE alias LIKE 'many-%'");
        assertThat(heard()).containsExactly(List.of("*"));
    }

    @ParameterizedTest
    @ValueSource(strings = { "personal_access_token", "session", "app_user", "role", "account" })
    void truncationMeansAnything(String table) throws SQLException {
        database.execute(
                "BEGIN; " + onEveryPartOfTheEventLog("DISABLE TRIGGER event_log_truncate") + "TRUNCATE " + table + " CASCADE; "
                        + onEveryPartOfTheEventLog("ENABLE ALWAYS TRIGGER event_log_truncate") + "COMMIT");
        assertThat(heard()).containsExactly(List.of("*"));
    }

    private static String onEveryPartOfTheEventLog(String change) {
        return "DO $$ DECLARE part regclass; BEGIN FOR part IN SELECT relid FROM pg_partition_tree('event_log') LOOP "
                + "EXECUTE format('ALTER TABLE ONLY %s " + change + "', part); END LOOP; END $$; ";
    }

    @Test
    void whatIsRolledBackIsNotAnnounced() throws SQLException {
        try (Connection connection = database.connect();
                PreparedStatement statement = connection
                        .prepareStatement("UPDATE personal_access_token SET revoked_at = now() WHERE id = ?")) {
            connection.setAutoCommit(false);
            statement.setObject(1, token);
            assertThat(statement.executeUpdate()).isOne();
            connection.rollback();
        }
        assertThat(heard()).isEmpty();
    }

    @Test
    void neitherTheRoleOfTheReplicationNorTheSearchPathSilencesIt() throws SQLException {
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            statement.execute("SET session_replication_role = replica");
            statement.execute("SET search_path = pg_catalog");
            statement.execute("UPDATE public.personal_access_token SET revoked_at = now() WHERE id = '" + token + "'");
        }
        assertThat(heard()).isEqualTo(message(token));
    }
}
