package dev.latchkey.webhook;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

import dev.latchkey.platform.ApiException;
import io.quarkus.runtime.annotations.RegisterForReflection;

/** All events that a webhook can be told of. */
final class EventCatalogue {

    static final String TOKEN = "personal-access-token";
    private static final String USER = "user";
    private static final String ROLE = "role";
    private static final String ACCOUNT = "account";
    static final String TOKEN_EXPIRING_SOON = TOKEN + ".expiring-soon";
    static final String TOKEN_EXPIRED = TOKEN + ".expired";
    static final String TOKEN_NEW_ADDRESS = TOKEN + ".first-used-from-new-address";

    /**
     * An event.
     *
     * @param resource what kind of thing it happens to
     */
    @RegisterForReflection
    @Schema(name = "WebhookEvent")
    public record Kind(@Schema(examples = TOKEN + ".created") String name, @Schema(examples = TOKEN) String resource,
            @Schema(examples = "A token was created.") String description) {
    }

    private static final Map<String, Kind> ALL = new TreeMap<>();

    static {
        add(TOKEN, "created", "A token was created.");
        add(TOKEN, "updated", "Name, description, scopes, tags or allowed addresses of a token were changed.");
        add(TOKEN, "rotated", "A token has a new value.");
        add(TOKEN, "revoked", "A token was revoked.");
        add(TOKEN, "leaked",
                "Somebody found a token where it should not be, and reported it; it is revoked, with what it made.");
        add(TOKEN, "deleted", "A token was deleted.");
        add(TOKEN, "expiring-soon", "A token expires within a number of days: 30, 7 and 1, unless configured otherwise.");
        add(TOKEN, "expired", "A token has expired.");
        add(TOKEN, "first-used-from-new-address",
                "A token was used from an address that is not among the last ten; its first use is the first such event.");
        add(USER, "created", "A user was created, or invited.");
        add(USER, "updated", "A user was changed, disabled or enabled, or has another role.");
        add(USER, "deleted", "A user was deleted, and their tokens with them.");
        add(USER, "invited", "A user was invited again.");
        add(USER, "password-reset-requested", "Somebody made a link by which a user sets a new password.");
        add(USER, "password-set", "A user has a new password.");
        add(USER, "two-factor-enabled", "A user has a second factor.");
        add(USER, "two-factor-disabled", "A user gave up the second factor.");
        add(USER, "recovery-codes-renewed", "A user has new recovery codes.");
        add(USER, "signed-in", "A user signed in.");
        add(USER, "sign-in-refused", "Somebody tried to sign in as a user, and was refused.");
        add(USER, "signed-out", "A user signed out.");
        add(USER, "sessions-ended", "A user ended sessions of theirs.");
        add(USER, "refresh-token-reused", "A refresh token was used twice, as if it had been stolen; the session was ended.");
        add(ROLE, "created", "A role was created.");
        add(ROLE, "updated", "Name, description or scopes of a role were changed.");
        add(ROLE, "deleted", "A role was deleted.");
        add(ACCOUNT, "updated", "The account, or what it demands of tokens, was changed.");
        add(ACCOUNT, "deleted", "The account was deleted; what is left of it goes after 30 days.");
    }

    private EventCatalogue() {
    }

    private static void add(String resource, String word, String description) {
        String name = resource + "." + word;
        ALL.put(name, new Kind(name, resource, description));
    }

    static List<Kind> all() {
        return List.copyOf(ALL.values());
    }

    static boolean contains(String name) {
        return ALL.containsKey(name);
    }

    /** What kind of thing an event happens to. */
    static String resource(String event) {
        return event.substring(0, event.lastIndexOf('.'));
    }

    /**
     * Names that somebody chose, without duplicates.
     *
     * @throws ApiException 400 that lists the unknown ones, or if there is none
     */
    static String[] check(Collection<String> names) {
        SortedSet<String> chosen = new TreeSet<>(names);
        List<String> unknown = new ArrayList<>(chosen);
        unknown.removeAll(ALL.keySet());
        if (chosen.isEmpty()) {
            throw ApiException.invalid("events", "cannot be empty: give at least one event, from GET /v3/webhooks/events");
        }
        if (!unknown.isEmpty()) {
            throw ApiException.invalid("events", "unknown: "
                    + unknown.stream().limit(10).map(name -> "'" + name + "'").collect(Collectors.joining(", "))
                    + "; GET /v3/webhooks/events lists those that exist");
        }
        return chosen.toArray(String[]::new);
    }
}
