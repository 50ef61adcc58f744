package dev.latchkey.webhook;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import org.jboss.logging.Logger;

import dev.latchkey.platform.SecretKeys;

/** The tokens of webhooks in the database, at the start of a server: over JDBC, as all that happens then. */
public final class StoredTokens {

    private static final int BATCH = 1_000;
    private static final Logger LOG = Logger.getLogger(StoredTokens.class);

    private static final String FOREIGN = "SELECT id, token, secret_id FROM webhook WHERE secret_id <> ? AND id > ? ORDER BY id LIMIT "
            + BATCH;
    /** Unless somebody changed it meanwhile. */
    private static final String REPLACE = "UPDATE webhook SET token = ?, secret_id = ? WHERE id = ? AND secret_id = ?";

    private record Stored(UUID id, byte[] token, String secretId) {
    }

    private StoredTokens() {
    }

    /**
     * Encrypts anew what the previous secret encrypted. What neither secret can read stays as it is: such webhooks wait
     * for a server that can, or for a new token.
     */
    public static void reencrypt(Connection connection, SecretKeys secret, Optional<SecretKeys> previous) throws SQLException {
        int unreadable = 0;
        UUID after = new UUID(0, 0);
        List<Stored> batch;
        do {
            batch = read(connection, secret, after);
            for (Stored stored : batch) {
                Optional<WebhookToken> token = previous
                        .flatMap(former -> WebhookToken.decrypt(former, stored.id, stored.token));
                if (token.isPresent()) {
                    replace(connection, secret, stored, token.get());
                } else {
                    unreadable++;
                }
                after = stored.id;
            }
        } while (batch.size() == BATCH);
        if (unreadable > 0) {
            LOG.warnf("The tokens of %d webhooks were encrypted with another LATCHKEY_SECRET: they are sent nothing until they "
                    + "get a new token, or LATCHKEY_SECRET_PREVIOUS is set to that secret", unreadable);
        }
    }

    private static List<Stored> read(Connection connection, SecretKeys secret, UUID after) throws SQLException {
        List<Stored> batch = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(FOREIGN)) {
            statement.setString(1, secret.id());
            statement.setObject(2, after);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    batch.add(new Stored(rows.getObject(1, UUID.class), rows.getBytes(2), rows.getString(3)));
                }
            }
        }
        return batch;
    }

    private static void replace(Connection connection, SecretKeys secret, Stored stored, WebhookToken token)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(REPLACE)) {
            statement.setBytes(1, token.encrypt(secret, stored.id));
            statement.setString(2, secret.id());
            statement.setObject(3, stored.id);
            statement.setString(4, stored.secretId);
            statement.executeUpdate();
        }
    }
}
