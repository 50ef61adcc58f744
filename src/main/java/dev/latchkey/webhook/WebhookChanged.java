package dev.latchkey.webhook;

import java.util.List;
import java.util.UUID;

import dev.latchkey.platform.Announcement;
import dev.latchkey.platform.Caller;
import dev.latchkey.platform.Change;

/** Somebody did something to a webhook. */
public final class WebhookChanged extends Announcement {

    /** What was done. */
    public enum Kind {
        CREATED("webhook.created"),
        UPDATED("webhook.updated"),
        DELETED("webhook.deleted"),
        EVENT_REPLAYED("webhook.event-replayed");

        private final String action;

        Kind(String action) {
            this.action = action;
        }

        /** Its name in the event log. */
        public String action() {
            return action;
        }
    }

    private final Kind kind;
    private final UUID webhookId;
    private final Caller caller;
    private final List<Change> changes;

    WebhookChanged(Kind kind, UUID webhookId, Caller caller, List<Change> changes) {
        this.kind = kind;
        this.webhookId = webhookId;
        this.caller = caller;
        this.changes = List.copyOf(changes);
    }

    public Kind kind() {
        return kind;
    }

    public UUID webhookId() {
        return webhookId;
    }

    /** Who did it, in whose account. */
    public Caller caller() {
        return caller;
    }

    /** What signs, and the path of a URL, which may be a secret too, are not told. */
    public List<Change> changes() {
        return changes;
    }
}
