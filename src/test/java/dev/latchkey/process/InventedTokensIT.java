package dev.latchkey.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.LatchkeyProcess.Answer;
import dev.latchkey.testing.RunningService;
import dev.latchkey.testing.TestDatabase;
import dev.latchkey.token.TokenFormat;

/** Whoever presents tokens that do not exist is told to slow down, and costs the others nothing. */
class InventedTokensIT {

    private static final int PER_MINUTE = 20;

    @TempDir
    Path directory;

    @Test
    void anAddressThatInventsTokensIsSlowedDownAndItsGoodTokensAreNot() {
        TestDatabase database = TestDatabase.create();
        Map<String, String> environment = new HashMap<>(database.environment());
        environment.put("LATCHKEY_VERIFICATION_UNKNOWN_PER_MINUTE", Integer.toString(PER_MINUTE));
        try (LatchkeyProcess service = LatchkeyProcess.start(directory, environment).ready()) {
            String session = service.signIn("default", RunningService.ADMIN_EMAIL, RunningService.ADMIN_PASSWORD);
            String good = service.createToken(session, "good");
            assertThat(service.judge(good)).isEqualTo(200);

            TokenFormat format = new TokenFormat("lkp");
            SecureRandom random = new SecureRandom();
            for (int i = 0; i < PER_MINUTE; i++) {
                assertThat(service.get("/v3/me", format.generate(random)).status()).isEqualTo(401);
            }
            Answer slowedDown = service.get("/v3/me", format.generate(random));
            assertThat(slowedDown.status()).isEqualTo(429);
            assertThat(slowedDown.headers()).containsKey("retry-after");
            assertThat(slowedDown.json().getString("code")).isEqualTo("TOO_MANY_REQUESTS");
            assertThat(service.metric("latchkey_lookup_seconds_count")).as("without a lookup").isEqualTo(PER_MINUTE + 2);

            assertThat(service.judge(good)).isEqualTo(200);
            database.execute("UPDATE personal_access_token SET scopes = '{license:write}' WHERE name = 'good'");
            assertThat(service.judge(good)).as("looked up again, because it was found before").isEqualTo(200);
            assertThat(service.judge("lkp_nonsense")).as("what is no token is no lookup").isEqualTo(401);
        }
    }
}
