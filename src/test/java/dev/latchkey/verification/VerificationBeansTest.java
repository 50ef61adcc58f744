package dev.latchkey.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

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

    /** So that a server which tells others to forget cannot teach them the same again from its own memory. */
    @Test
    void followersAreToldAfterThisProcessHasForgottenAndBeforeAnyEvidence() {
        VerificationBeans beans = new VerificationBeans(Settings.load());
        FeedState feed = (FeedState) beans.changeListener();
        TokenRecord token = Records.token(TokenDigest.of("a token"));
        List<String> told = new ArrayList<>();
        AtomicReference<Answer<TokenRecord>> answer = new AtomicReference<>();
        beans.changeSource().follow(new ChangeFollower() {
            @Override
            public void changed(UUID account, Collection<UUID> ids) {
                told.add(account + " " + ids);
                assertThat(feed.isCurrent(answer.get())).isFalse();
            }

            @Override
            public void everythingChanged() {
                told.add("*");
                assertThat(feed.isCurrent(answer.get())).isFalse();
                assertThat(feed.evidenceAge()).isEmpty();
            }
        });
        answer.set(new Answer<>(token, feed.position()));
        feed.connected();
        answer.set(new Answer<>(token, feed.position()));
        feed.everythingChanged();
        answer.set(new Answer<>(token, feed.position()));
        feed.changed(token.accountId(), List.of(token.id()));
        answer.set(new Answer<>(token, feed.position()));
        feed.changed(List.of(token.userId()));
        assertThat(told).containsExactly("*", "*", token.accountId() + " " + List.of(token.id()), "*");
        feed.heartbeat(System.nanoTime());
        assertThat(feed.evidenceAge()).isPresent();
        feed.disconnected();
        assertThat(feed.evidenceAge()).isEmpty();
    }
}
