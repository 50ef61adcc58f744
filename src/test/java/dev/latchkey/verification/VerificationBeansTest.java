package dev.latchkey.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.UUID;

import org.junit.jupiter.api.Test;

import dev.latchkey.platform.Committed;
import dev.latchkey.platform.Settings;
import dev.latchkey.token.TokenDigest;
import dev.latchkey.verification.InvalidationLog.Answer;

/** What this process commits is stale before it answers: nobody waits for the feed to tell. */
class VerificationBeansTest {

    @Test
    void whatThisProcessCommittedIsStaleAtOnce() {
        VerificationBeans beans = new VerificationBeans(Settings.load());
        FeedState feed = (FeedState) beans.changeListener();
        TokenRecord token = Records.token(TokenDigest.of("a token"));
        Answer<TokenRecord> answer = new Answer<>(token, feed.position());
        beans.committed(new Committed(Set.of(UUID.randomUUID())));
        assertThat(feed.isCurrent(answer)).isTrue();
        beans.committed(new Committed(Set.of(token.id())));
        assertThat(feed.isCurrent(answer)).isFalse();
    }
}
