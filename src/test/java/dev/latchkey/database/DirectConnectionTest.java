package dev.latchkey.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import dev.latchkey.testing.DatabaseProxy;
import dev.latchkey.testing.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;

/** A connection that is cut is closed, however it stands, and what was under way on it fails. */
class DirectConnectionTest {

    private static final Vertx VERTX = Vertx.vertx();
    private static final TestDatabase DATABASE = TestDatabase.create();

    @AfterAll
    static void stop() {
        VERTX.close();
    }

    private static PgConnectOptions options(int port, SslMode sslMode, String name) {
        PgConnectOptions options = DATABASE.settings().reactive().setPort(port).setSslMode(sslMode);
        return DirectConnection.options(options).addProperty("application_name", name);
    }

    private static DirectConnection connect(PgConnectOptions options) throws Exception {
        CompletableFuture<DirectConnection> connected = new CompletableFuture<>();
        DirectConnection.newContext(VERTX).runOnContext(ignored -> DirectConnection
                .connect(VERTX, options, "SET statement_timeout = 0").onSuccess(connected::complete)
                .onFailure(connected::completeExceptionally));
        return connected.get(5, TimeUnit.SECONDS);
    }

    private static <T> T await(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(1, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @EnumSource(names = { "DISABLE", "PREFER" })
    void aConnectionThatIsCutIsClosedAtOnce(SslMode sslMode) throws Exception {
        String name = "cut-" + sslMode;
        DirectConnection connection = connect(options(DATABASE.port(), sslMode, name));
        await(connection.sql().query("SELECT 1").execute());
        Future<?> underWay = connection.sql().query("SELECT pg_sleep(1)").execute();
        await(connection.cut());
        assertThatThrownBy(() -> await(underWay)).hasRootCauseInstanceOf(Throwable.class)
                .isNotInstanceOf(TimeoutException.class);
        Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> ((Number) DATABASE
                .value("SELECT count(*) FROM pg_stat_activity WHERE application_name = ?", name)).intValue() == 0);
    }

    @Test
    void aStalledConnectionIsClosedAtOnceToo() throws Exception {
        try (DatabaseProxy proxy = new DatabaseProxy(DATABASE.port())) {
            DirectConnection connection = connect(options(proxy.port(), SslMode.DISABLE, "stalled"));
            proxy.stall("stalled");
            Future<?> underWay = connection.sql().query("SELECT 1").execute();
            await(connection.cut());
            assertThatThrownBy(() -> await(underWay)).isNotInstanceOf(TimeoutException.class);
        }
    }

    @Test
    void whereNobodyAnswersThereIsNoConnection() throws Exception {
        try (DatabaseProxy proxy = new DatabaseProxy(DATABASE.port())) {
            proxy.stall("silent");
            long began = System.nanoTime();
            assertThatThrownBy(() -> connect(options(proxy.port(), SslMode.DISABLE, "silent")))
                    .hasMessageContaining("no connection within 2 s");
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofSeconds(1));
        }
    }
}
