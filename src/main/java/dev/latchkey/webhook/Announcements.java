package dev.latchkey.webhook;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import dev.latchkey.token.TokenDirectory;
import dev.latchkey.token.TokenEvent;

/** Hears what features announce, and has it written down for the webhooks that want to know. */
@ApplicationScoped
public class Announcements {

    private final Outbox outbox;
    private final TokenDirectory tokens;

    public Announcements(Outbox outbox, TokenDirectory tokens) {
        this.outbox = outbox;
        this.tokens = tokens;
    }

    void token(@Observes TokenEvent event) {
        event.enlist(() -> outbox.add(EventCatalogue.TOKEN + "." + event.kind().word(), event.caller().accountId(),
                event.tokenId(), () -> tokens.describe(event.caller().accountId(), event.tokenId())));
    }
}
