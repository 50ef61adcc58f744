package dev.latchkey.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import dev.latchkey.account.Passwords;
import dev.latchkey.testing.Person;
import dev.latchkey.testing.RunningService;
import io.restassured.http.ContentType;
import io.restassured.response.Response;

/** What two people do at once comes out as if one had been first, and nobody is told to try again. */
@ServiceTest
class PeopleRacesIT {

    private static final String USERS = "/v3/users";
    private static final String NEW_PASSWORD = "another password for tests";
    private static final String NEW_HASH = Passwords.hash(NEW_PASSWORD);

    private final Person person = Person.superAdmin();

    /** A transaction of somebody else's, in which each statement runs when the test says so. */
    private static final class Other implements AutoCloseable {

        private final Connection connection;

        private Other() throws SQLException {
            connection = RunningService.database().connect();
            connection.setAutoCommit(false);
        }

        private void does(String sql, Object... parameters) throws SQLException {
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < parameters.length; i++) {
                    statement.setObject(i + 1, parameters[i]);
                }
                statement.execute();
            }
        }

        @Override
        public void close() throws SQLException {
            connection.rollback();
            connection.close();
        }
    }

    private static void awaitSomebodyWhoWaits() {
        await().atMost(Duration.ofSeconds(8)).pollInterval(Duration.ofMillis(20)).until(() -> RunningService.database()
                .<Long> value("SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted "
                        + "AND a.datname = current_database()") > 0);
    }

    private static Response reset(Person whose, String token) {
        return given().contentType(ContentType.JSON).body(Map.of("token", token, "newPassword", NEW_PASSWORD))
                .post(USERS + "/" + whose.id + "/reset-password");
    }

    @Test
    void howeverManySuperAdminsRemoveEachOtherAtOnceOneStays() throws Exception {
        int count = 4;
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            for (int round = 0; round < 3; round++) {
                Person first = Person.superAdmin();
                List<Person> all = Stream.concat(Stream.of(first),
                        Stream.generate(() -> first.colleagueWithRole("super-admin")).limit(count - 1)).toList();
                CyclicBarrier start = new CyclicBarrier(count);
                List<Future<Integer>> answers = threads
                        .invokeAll(IntStream.range(0, count).<Callable<Integer>> mapToObj(i -> () -> {
                            String next = USERS + "/" + all.get((i + 1) % count).id;
                            start.await();
                            return switch (i) {
                                case 0 -> all.get(i).asks().delete(next).statusCode();
                                case 1 -> all.get(i).asks().body(Map.of("disabled", true)).patch(next).statusCode();
                                default -> all.get(i).asks().body(Map.of("role", "user")).patch(next).statusCode();
                            };
                        }).toList());
                for (Future<Integer> answer : answers) {
                    // 401 and 403: they were removed, or demoted, before they could act.
                    assertThat(answer.get()).isIn(200, 204, 401, 403, 409);
                }
                assertThat(RunningService.database()
                        .<Long> value("SELECT count(*) FROM app_user u JOIN role r ON r.id = u.role_id WHERE "
                                + "u.account_id = ? AND r.name = 'super-admin' AND u.disabled_at IS NULL", first.accountId))
                        .isPositive();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void whoSignsInWhileTheirPasswordIsChangedDoesNotKeepASession() throws Exception {
        Person colleague = person.colleagueWithRole("user");
        try (Other other = new Other()) {
            other.does("UPDATE app_user SET password_hash = ? WHERE id = ?", NEW_HASH, colleague.id);
            other.does("UPDATE session SET ended_at = now() WHERE user_id = ?", colleague.id);
            CompletableFuture<Response> signedIn = CompletableFuture
                    .supplyAsync(() -> Person.signIn(person.alias, colleague.email, Person.PASSWORD));
            awaitSomebodyWhoWaits();
            other.connection.commit();
            signedIn.get().then().statusCode(401);
        }
    }

    @Test
    void aLinkThatIsUsedWhileItIsTakenBackDoesNotWork() throws Exception {
        Person colleague = person.colleagueWithRole("user");
        String token = person.asks().post(USERS + "/" + colleague.id + "/reset-password-token").path("token");
        try (Other other = new Other()) {
            other.does("SELECT id FROM app_user WHERE id = ? FOR UPDATE", colleague.id);
            CompletableFuture<Response> used = CompletableFuture.supplyAsync(() -> reset(colleague, token));
            awaitSomebodyWhoWaits();
            other.does("DELETE FROM password_link WHERE user_id = ?", colleague.id);
            other.connection.commit();
            used.get().then().statusCode(400).body("code", equalTo("INVALID_RESET_TOKEN"));
        }
        Person.signIn(person.alias, colleague.email, Person.PASSWORD).then().statusCode(200);
    }

    @Test
    void aSessionIsRefreshedWithoutWaitingForWhoeverChangesItsUser() throws Exception {
        Person colleague = person.colleagueWithRole("user");
        try (Other other = new Other()) {
            other.does("SELECT id FROM app_user WHERE id = ? FOR NO KEY UPDATE", colleague.id);
            given().contentType(ContentType.JSON).body(Map.of("refreshToken", colleague.refreshToken))
                    .post("/v3/accounts/refresh").then().statusCode(200);
            other.does("DELETE FROM app_user WHERE id = ?", colleague.id);
            other.connection.commit();
        }
        colleague.asks().get("/v3/me").then().statusCode(401);
    }

    @Test
    void whoeverHasToGiveWayIsToldToTryAgain() throws Exception {
        Person colleague = person.colleague("tag:read");
        try (Other other = new Other()) {
            // So that the database finds out about the circle in the service's transaction, and ends that one.
            other.does("SET LOCAL deadlock_timeout = '1min'");
            other.does("SELECT id FROM role WHERE id = ? FOR UPDATE", colleague.roleId);
            CompletableFuture<Response> changed = CompletableFuture.supplyAsync(
                    () -> person.asks().body(Map.of("firstName", "Ada")).patch(USERS + "/" + colleague.id));
            awaitSomebodyWhoWaits();
            other.does("SELECT id FROM app_user WHERE id = ? FOR UPDATE", colleague.id);
            changed.get().then().statusCode(503).header("Retry-After", "1").body("code", equalTo("UNAVAILABLE"));
        }
        person.asks().body(Map.of("firstName", "Ada")).patch(USERS + "/" + colleague.id).then().statusCode(200);
    }
}
