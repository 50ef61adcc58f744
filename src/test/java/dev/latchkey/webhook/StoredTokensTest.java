package dev.latchkey.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.util.Optional;
import java.util.UUID;

import org.junit.jupiter.api.Test;

import dev.latchkey.platform.Ids;
import dev.latchkey.platform.SecretKeys;
import dev.latchkey.platform.database.Migrations;
import dev.latchkey.testing.TestDatabase;

/** A change of LATCHKEY_SECRET takes the tokens of webhooks along. */
class StoredTokensTest {

    private final SecretKeys old = new SecretKeys("the old secret, of more than 32 characters");
    private final SecretKeys current = new SecretKeys("the current secret, of more than 32 characters");
    private final WebhookToken token = WebhookToken.check("a-token-of-16-or-more");
    private final TestDatabase database = TestDatabase.create();

    @Test
    void whatThePreviousSecretEncryptedIsEncryptedAnewAndTheRestStays() throws Exception {
        Migrations.run(database.settings());
        UUID account = Ids.next();
        database.execute("INSERT INTO account (id, alias, company, created_at, updated_at) VALUES (?, 'a', 'A', now(), now())",
                account);
        UUID ofOld = webhook(account, old);
        UUID ofCurrent = webhook(account, current);
        UUID ofAnother = webhook(account, new SecretKeys("another secret, of more than 32 characters"));
        byte[] before = stored(ofCurrent);
        try (Connection connection = database.connect()) {
            StoredTokens.reencrypt(connection, current, Optional.empty());
            assertThat(WebhookToken.decrypt(old, ofOld, stored(ofOld))).contains(token);
            StoredTokens.reencrypt(connection, current, Optional.of(old));
        }
        assertThat(WebhookToken.decrypt(current, ofOld, stored(ofOld))).contains(token);
        assertThat(stored(ofCurrent)).isEqualTo(before);
        assertThat(database.<Long> value("SELECT count(*) FROM webhook WHERE secret_id = ?", current.id())).isEqualTo(2);
        assertThat(WebhookToken.decrypt(current, ofAnother, stored(ofAnother))).isEmpty();
    }

    private UUID webhook(UUID account, SecretKeys secret) {
        UUID id = Ids.next();
        database.execute(
                "INSERT INTO webhook (id, account_id, name, url, token, secret_id, events, active, created_at, updated_at) "
                        + "VALUES (?, ?, 'w', 'https://hooks.example.com', ?, ?, '{personal-access-token.created}', true, now(), now())",
                id, account, token.encrypt(secret, id), secret.id());
        return id;
    }

    private byte[] stored(UUID id) {
        return database.value("SELECT token FROM webhook WHERE id = ?", id);
    }
}
