package dev.latchkey.platform.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import dev.latchkey.testing.TestDatabase;

/** The event log in parts of a month each, on a real PostgreSQL. */
class EventLogMonthsTest {

    private static final String ENTRY = "INSERT INTO event_log (id, action, resource, created_at) VALUES (gen_random_uuid(), 'a', 'r', ";

    private final TestDatabase database = TestDatabase.create();

    @BeforeEach
    void migrate() {
        Migrations.run(database.settings());
    }

    private String partOf(String time) {
        database.execute(ENTRY + "'" + time + "')");
        return database.value("SELECT tableoid::regclass::text FROM event_log WHERE created_at = '" + time + "'");
    }

    private boolean make(String month) {
        return database.<Boolean> value("SELECT latchkey_event_log_month('" + month + "')");
    }

    private String forget(String before) {
        return database.value("SELECT latchkey_event_log_forget('" + before + "')");
    }

    @Test
    void anEntryIsWrittenToThePartOfItsMonthAndToAnotherIfThereIsNone() {
        assertThat(partOf("2099-01-31T23:59:59Z")).isEqualTo("event_log_other");
        assertThat(make("2099-01-15")).isTrue();
        assertThat(make("2099-01-01")).as("once").isFalse();
        assertThat(database.<String> value("SELECT tableoid::regclass::text FROM event_log WHERE created_at >= '2099-01-01'"))
                .as("what came before the part is moved there").isEqualTo("event_log_2099_01");
        assertThat(partOf("2099-01-01T00:00:00Z")).isEqualTo("event_log_2099_01");
        assertThat(partOf("2099-02-01T00:00:00Z")).isEqualTo("event_log_other");
        assertThat(database.<Long> value("SELECT count(*) FROM event_log WHERE created_at >= '2099-01-01'")).isEqualTo(3);
    }

    @Test
    void thereAreThePartsOfThisMonthAndTheNextTwo() {
        for (int ahead = 0; ahead <= 2; ahead++) {
            assertThat(database.<Boolean> value("SELECT to_regclass('event_log_' || to_char(now() AT TIME ZONE 'UTC' "
                    + "+ make_interval(months => " + ahead + "), 'YYYY_MM')) IS NOT NULL")).isTrue();
        }
    }

    @Test
    void noPartCanBeChanged() {
        make("2099-01-01");
        partOf("2099-01-02T00:00:00Z");
        partOf("2098-01-02T00:00:00Z");
        for (String part : new String[] { "event_log", "event_log_2099_01", "event_log_other" }) {
            for (String sql : new String[] { "UPDATE %s SET action = 'x' WHERE created_at > '2090-01-01'",
                    "DELETE FROM %s WHERE created_at > '2090-01-01'", "TRUNCATE %s",
                    "SET session_replication_role = replica; DELETE FROM %s WHERE created_at > '2090-01-01'" }) {
                assertThatThrownBy(() -> database.execute(String.format(sql, part))).as(sql + " " + part)
                        .hasMessageContaining("append-only");
            }
        }
    }

    @Test
    void onlyWholeMonthsThatAreOldEnoughGoOldestFirst() {
        make("2097-02-01");
        make("2097-01-01");
        partOf("2097-01-31T00:00:00Z");
        partOf("2097-02-01T00:00:00Z");
        String last = null;
        for (String part = forget("2097-01-31T23:59:59Z"); part != null; part = forget("2097-01-31T23:59:59Z")) {
            assertThat(part).as("its last second is younger").isNotEqualTo("event_log_2097_01");
            assertThat(last == null || last.compareTo(part) < 0).isTrue();
            last = part;
        }
        assertThat(last).as("the parts of these months").isNotNull();
        assertThat(forget("2097-02-28T00:00:00Z")).isEqualTo("event_log_2097_01");
        assertThat(forget("2097-02-28T00:00:00Z")).isNull();
        assertThat(database.<Long> value("SELECT count(*) FROM event_log WHERE created_at >= '2097-01-01'")).isEqualTo(1);
    }

    /** As far as the version before wrote it; whatever a clock said. */
    @Test
    void whatWasWrittenBeforeIsStillThere() throws Exception {
        TestDatabase older = TestDatabase.create();
        int version = Migrations.SCRIPTS.indexOf("V9__event_log_by_month.sql");
        run(older, 0, version);
        for (String time : new String[] { "'2020-02-03T04:05:06Z'", "now()", "now() + interval '40 days'" }) {
            older.execute(ENTRY + time + ")");
        }
        run(older, version, version + 1);
        older.execute(ENTRY + "now())");
        assertThat(older.<Long> value("SELECT count(*) FROM event_log")).isEqualTo(4);
        assertThat(older.<Boolean> value("SELECT latchkey_event_log_month(now()::date)")).as("it has its part").isFalse();
        assertThatThrownBy(() -> older.execute("DELETE FROM event_log")).hasMessageContaining("append-only");
        assertThat(older.<Long> value("SELECT count(*) FROM pg_class WHERE relname LIKE 'event_log_former%' AND relkind = 'r'"))
                .isZero();
    }

    private static void run(TestDatabase database, int after, int until) throws Exception {
        try (Connection connection = database.connect(); Statement statement = connection.createStatement()) {
            for (String script : Migrations.SCRIPTS.subList(after, until)) {
                statement.execute(Files.readString(Path.of("src/main/resources", Migrations.DIRECTORY, script)));
            }
        }
    }
}
