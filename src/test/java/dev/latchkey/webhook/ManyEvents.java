package dev.latchkey.webhook;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;

import dev.latchkey.platform.Ids;
import dev.latchkey.testing.TestDatabase;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Writes events as features do, by the same statement, many at a time. */
public final class ManyEvents {

    private ManyEvents() {
    }

    /** One event for each resource, each of which tells {@code data.id} and a {@code data.name}; commits them together. */
    public static void add(TestDatabase database, UUID account, UUID webhook, List<UUID> resources, String name) {
        JsonArray rows = new JsonArray();
        for (UUID resource : resources) {
            JsonObject data = new JsonObject().put("id", resource.toString()).put("name", name);
            rows.add(new JsonObject().put("id", Ids.next().toString()).put("account", account.toString())
                    .put("webhook", webhook.toString()).put("resource", resource.toString())
                    .put("event", "personal-access-token.updated")
                    .put("payload", new JsonObject().put("event", "personal-access-token.updated").put("data", data)
                            .put("triggeredAt", "2027-01-01T00:00:00Z").encode()));
        }
        try (Connection connection = database.connect();
                PreparedStatement statement = connection
                        .prepareStatement(Outbox.ADD.replace(":rows", "?").replace(":now", "?"))) {
            statement.setString(1, rows.encode());
            for (int i = 2; i <= 4; i++) {
                statement.setObject(i, OffsetDateTime.now());
            }
            statement.execute();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
