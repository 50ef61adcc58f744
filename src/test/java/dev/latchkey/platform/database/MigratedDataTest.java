package dev.latchkey.platform.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;

import org.junit.jupiter.api.Test;

import dev.latchkey.testing.TestDatabase;

/** What an older version wrote is there after the upgrade, and what it still writes while both run is taken. */
class MigratedDataTest {

    private static final String IDS = "'00000000-0000-0000-0000-00000000000";

    @Test
    void theUseOfTokensOutlivesTheFourthVersion() throws Exception {
        TestDatabase database = TestDatabase.create();
        run(database, 0, 3);
        database.execute(
                "INSERT INTO account (id, alias, company, created_at, updated_at) VALUES (" + IDS + "1', 'a', 'A', now(), "
                        + "now())");
        database.execute("INSERT INTO role (id, account_id, name, scopes, created_at, updated_at) VALUES (" + IDS + "2', " + IDS
                + "1', 'r', '{}', now(), now())");
        database.execute("INSERT INTO app_user (id, account_id, role_id, email, created_at, updated_at) VALUES (" + IDS + "3', "
                + IDS + "1', " + IDS + "2', 'ada@example.com', now(), now())");
        database.execute("INSERT INTO personal_access_token (id, account_id, owner_id, name, digest, hint, scopes, created_at, "
                + "updated_at) SELECT ('00000000-0000-0000-0000-00000000001' || i)::uuid, " + IDS + "1', " + IDS
                + "3', 't', sha256(i::text::bytea), 'lkp_', '{license:read}', now(), now() FROM generate_series(1, 3) i");
        database.execute("INSERT INTO token_usage VALUES ('00000000-0000-0000-0000-000000000011', '2026-11-02T03:04:05Z', "
                + "'192.0.2.1')");
        database.execute(
                "INSERT INTO token_usage_hourly SELECT ('00000000-0000-0000-0000-00000000001' || i)::uuid, hour, outcome, "
                        + "i * 10 FROM generate_series(1, 2) i, unnest('{2026-11-02T23:00:00Z,2026-11-03T00:00:00Z}'::timestamptz[]) hour, "
                        + "unnest('{ALLOWED,REVOKED}'::text[]) outcome");
        run(database, 3, 4);

        assertThat(database.<String> value("SELECT string_agg(to_char(last_used_at AT TIME ZONE 'UTC', 'HH24:MI:SS') || ' ' || "
                + "last_used_ip, ',') FROM token_usage")).isEqualTo("03:04:05 192.0.2.1");
        assertThat(database.<Long> value("SELECT count(*) FROM token_usage")).as("one for each token").isEqualTo(3);
        assertThat(database
                .<String> value("SELECT string_agg(to_char(hour AT TIME ZONE 'UTC', 'DD HH24 ') || outcome || ' ' || uses, "
                        + "',' ORDER BY hour, outcome) FROM account_usage_hourly"))
                .isEqualTo("02 23 ALLOWED 30,02 23 REVOKED 30,03 00 ALLOWED 30,03 00 REVOKED 30");
        assertThat(database
                .<String> value("SELECT string_agg(right(token_id::text, 1) || ' ' || day || ' ' || uses || ' ' || refused, "
                        + "',' ORDER BY token_id, day) FROM token_usage_daily"))
                .isEqualTo(
                        "1 2026-11-02 20 10,1 2026-11-03 20 10,2 2026-11-02 40 20,2 2026-11-03 40 20");

        // As the version before writes it.
        database.execute("INSERT INTO token_usage (token_id, last_used_at, last_used_ip) SELECT id, now(), '192.0.2.2' FROM "
                + "personal_access_token ON CONFLICT (token_id) DO UPDATE SET last_used_at = excluded.last_used_at, "
                + "last_used_ip = excluded.last_used_ip");
        assertThat(database.<Long> value("SELECT count(*) FROM token_usage WHERE last_used_ip = '192.0.2.2' AND account_id = "
                + IDS + "1'")).isEqualTo(3);
    }

    private static void run(TestDatabase database, int after, int until) throws Exception {
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            for (String script : Migrations.SCRIPTS.subList(after, until)) {
                statement.execute(Files.readString(Path.of("src/main/resources", Migrations.DIRECTORY, script)));
            }
        }
    }
}
