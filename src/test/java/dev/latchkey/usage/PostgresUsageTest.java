package dev.latchkey.usage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import jakarta.inject.Inject;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import dev.latchkey.platform.InRole;
import dev.latchkey.platform.LatchkeyConfig.Role;
import dev.latchkey.testing.Person;
import dev.latchkey.testing.Person.Token;
import dev.latchkey.testing.RunningService;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;

/** What is written of the use of tokens, and read again. */
@QuarkusTest
@QuarkusTestResource(RunningService.class)
class PostgresUsageTest {

    /** In the year 2100: the uses that the tests themselves cause are older. */
    private static final Instant TIME = Instant.parse("2100-03-01T23:30:00Z");

    @Inject
    @InRole(Role.SERVER)
    PostgresUsage usage;

    private Person person;
    private Token token;

    @BeforeEach
    void makeToken() {
        person = Person.superAdmin();
        token = person.token("license:read");
    }

    private static TokenUse use(Token token, Instant time, String outcome, long uses, String address) {
        return new TokenUse(UUID.fromString(token.id()), time.getEpochSecond() / 3600, outcome, uses, time.toEpochMilli(),
                address);
    }

    private void write(TokenUse... uses) {
        usage.write(List.of(uses)).await().atMost(Duration.ofSeconds(10));
    }

    @Test
    void theNewestTenAddressesAreKnownNewestFirst() {
        assertThat(usage().<List<?>> path("addresses")).as("never used").isEmpty();
        List<String> expected = new ArrayList<>();
        for (int i = 1; i <= 12; i++) {
            write(use(token, TIME.plusSeconds(i), "ALLOWED", 1, "192.0.2." + i));
            expected.add(0, "192.0.2." + i);
        }
        write(use(token, TIME.plusSeconds(13), "REVOKED", 1, "192.0.2.66"));
        write(use(token, TIME.plusSeconds(14), "ALLOWED", 1, "192.0.2.5"));
        write(use(token, TIME.plusSeconds(15), "ALLOWED", 1, "192.0.2.5"));
        write(use(token, TIME.plusSeconds(2), "ALLOWED", 1, "192.0.2.67"));
        expected.remove("192.0.2.5");
        expected.add(0, "192.0.2.5");
        assertThat(usage().<List<String>> path("addresses.address")).isEqualTo(expected.subList(0, 10));
        assertThat(usage().<List<String>> path("addresses.lastUsedAt").subList(0, 3)).containsExactly("2100-03-01T23:30:15Z",
                "2100-03-01T23:30:12Z", "2100-03-01T23:30:11Z");
        person.asks().get(token.path()).then().body("lastUsedIp", org.hamcrest.Matchers.equalTo("192.0.2.5"));
    }

    private Response usage() {
        return person.asks().get(token.path() + "/usage");
    }

    @Test
    void countsAreAddedByHourForTheTokenAndTheAccountAndByDay() {
        Token other = person.token("license:read");
        Instant nextDay = TIME.plusSeconds(3600);
        for (int i = 0; i < 2; i++) {
            write(use(token, TIME, "ALLOWED", 3, "192.0.2.1"), use(token, TIME, "EXPIRED", 2, "192.0.2.1"),
                    use(token, nextDay, "ALLOWED", 1, "192.0.2.1"), use(other, TIME, "ALLOWED", 4, "192.0.2.1"));
        }
        String period = "?from=2100-03-01T00:00:00Z&to=2100-03-03T00:00:00Z";
        String ofToken = person.asks().get(token.path() + "/usage" + period).then().extract().asString();
        assertThat(ofToken).contains("\"points\":[{\"time\":\"2100-03-01T23:00:00Z\",\"outcome\":\"allowed\",\"requests\":6},"
                + "{\"time\":\"2100-03-01T23:00:00Z\",\"outcome\":\"TOKEN_EXPIRED\",\"requests\":4},"
                + "{\"time\":\"2100-03-02T00:00:00Z\",\"outcome\":\"allowed\",\"requests\":2}]");
        assertThat(RunningService.database().<String> value("SELECT string_agg(to_char(hour AT TIME ZONE 'UTC', 'DD HH24 ') || "
                + "outcome || ' ' || uses, ',' ORDER BY hour, outcome) FROM account_usage_hourly WHERE account_id = ? AND "
                + "hour > '2100-01-01'", person.accountId)).isEqualTo("01 23 ALLOWED 14,01 23 EXPIRED 4,02 00 ALLOWED 2");
        assertThat(RunningService.database()
                .<String> value("SELECT string_agg(day || ' ' || uses || ' ' || refused, ',' ORDER BY "
                        + "day) FROM token_usage_daily WHERE token_id = ?::uuid AND day > '2100-01-01'", token.id()))
                .isEqualTo("2100-03-01 10 4,2100-03-02 2 0");
    }

    @Test
    void ofATokenThatIsGoneNothingIsWrittenAndTheRestIs() {
        Token other = person.token("license:read");
        person.asks().delete(token.path());
        write(use(token, TIME, "ALLOWED", 3, "192.0.2.1"), use(other, TIME, "ALLOWED", 4, "192.0.2.1"));
        assertThat(RunningService.database().<Long> value("SELECT uses FROM account_usage_hourly WHERE account_id = ? AND "
                + "hour > '2100-01-01'", person.accountId)).isEqualTo(4);
    }
}
