package dev.latchkey.webhook;

import java.util.UUID;
import java.util.function.Supplier;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import dev.latchkey.account.AccountEvent;
import dev.latchkey.account.AccountEvent.Resource;
import dev.latchkey.account.SignInEvent;
import dev.latchkey.account.UserDirectory;
import dev.latchkey.platform.Announcement;
import dev.latchkey.token.TokenDirectory;
import dev.latchkey.token.TokenEvent;
import io.smallrye.mutiny.Uni;

/** Hears what features announce, and has it written down for the webhooks that want to know. */
@ApplicationScoped
public class Announcements {

    private final Outbox outbox;
    private final TokenDirectory tokens;
    private final UserDirectory people;

    public Announcements(Outbox outbox, TokenDirectory tokens, UserDirectory people) {
        this.outbox = outbox;
        this.tokens = tokens;
        this.people = people;
    }

    void token(@Observes TokenEvent event) {
        UUID account = event.caller().accountId();
        add(event, EventCatalogue.TOKEN + "." + event.kind().word(), account, event.tokenId(),
                () -> tokens.describe(account, event.tokenId()));
    }

    void account(@Observes AccountEvent event) {
        add(event, event.action(), event.accountId(), event.id(),
                () -> people.describe(event.resource(), event.accountId(), event.id()));
    }

    /** Of those that named nobody of ours nobody is told. */
    void signIn(@Observes SignInEvent event) {
        if (event.accountId().isPresent() && event.userId().isPresent()) {
            UUID account = event.accountId().get();
            UUID user = event.userId().get();
            add(event, event.kind().action(), account, user, () -> people.describe(Resource.USER, account, user));
        }
    }

    private void add(Announcement announcement, String event, UUID account, UUID resource, Supplier<Uni<?>> data) {
        if (EventCatalogue.contains(event)) {
            announcement.enlist(() -> outbox.add(event, account, resource, data));
        }
    }
}
