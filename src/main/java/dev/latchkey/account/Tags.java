package dev.latchkey.account;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.core.MultivaluedMap;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

import dev.latchkey.account.AccountEvent.Resource;
import dev.latchkey.platform.Announcer;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Caller;
import dev.latchkey.platform.Change;
import dev.latchkey.platform.Ids;
import dev.latchkey.platform.Labels;
import dev.latchkey.platform.Text;
import dev.latchkey.platform.Times;
import dev.latchkey.platform.database.Transactions;
import dev.latchkey.platform.database.UniqueViolation;
import dev.latchkey.platform.http.Listing;
import dev.latchkey.platform.http.Page;
import dev.latchkey.token.TokenEvent;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;

/**
 * Tags: names that tokens and users carry, and what they mean. A name that something begins to carry becomes a tag by that; a
 * tag that
 * gets another name, or is deleted, is so on all that carries it.
 */
@ApplicationScoped
public class Tags {

    static final int MAX_DESCRIPTION = 1000;
    /** How many an account may have. */
    static final int MOST = 1_000;

    private static final String ADD = """
            INSERT INTO tag (id, account_id, name, created_at, updated_at) VALUES (:id, :account, :name, :now, :now)
            ON CONFLICT (account_id, name) DO NOTHING
            """;
    /** By the index personal_access_token_tags. */
    private static final String RENAME_ON_TOKENS = """
            UPDATE personal_access_token SET tags = array_replace(tags, :before, :after)
            WHERE account_id = :account AND tags @> ARRAY[cast(:before AS text)]
            """;
    /** By the index app_user_tags. */
    private static final String RENAME_ON_USERS = """
            UPDATE app_user SET tags = array_replace(tags, :before, :after)
            WHERE account_id = :account AND tags @> ARRAY[cast(:before AS text)]
            """;
    /** By the index personal_access_token_tags. */
    private static final String REMOVE_FROM_TOKENS = """
            UPDATE personal_access_token SET tags = array_remove(tags, :before)
            WHERE account_id = :account AND tags @> ARRAY[cast(:before AS text)]
            """;
    /** By the index app_user_tags. */
    private static final String REMOVE_FROM_USERS = """
            UPDATE app_user SET tags = array_remove(tags, :before)
            WHERE account_id = :account AND tags @> ARRAY[cast(:before AS text)]
            """;

    private final Transactions transactions;
    private final Announcer announcer;
    private final Clock clock;
    // Served by the indexes tag_{created,name}.
    private final Listing<Tag> listing = new Listing<>(Tag.class, "tag t", "t", tag -> tag.id)
            .sort("createdAt", "t.created_at", Listing.Type.INSTANT, tag -> tag.createdAt)
            .sort("name", "t.name", Listing.Type.TEXT, tag -> tag.name)
            .filter("id", "t.id", Listing.Type.ID)
            .filter("name", "t.name", Listing.Type.TEXT)
            .filter("createdAt", "t.created_at", Listing.Type.INSTANT);

    public Tags(Transactions transactions, Announcer announcer, Clock clock) {
        this.transactions = transactions;
        this.announcer = announcer;
        this.clock = clock;
    }

    @Schema(name = "CreateTag")
    record Create(
            @Schema(required = true, description = "1 to 64 characters", examples = "production") @NotNull(message = "is missing: give the tag a name") @Text(max = Labels.MAX_LENGTH) String name,
            @Text(max = MAX_DESCRIPTION, multiline = true, blank = true) String description) {
    }

    /** A field that is absent stays as it is; a description that is null is cleared. */
    @Schema(name = "ChangeTag")
    static final class Edit {
        @Schema(implementation = String.class)
        public Optional<@Text(max = Labels.MAX_LENGTH) String> name;
        @Schema(implementation = String.class)
        public Optional<@Text(max = MAX_DESCRIPTION, multiline = true, blank = true) String> description;
    }

    Uni<Page<TagView>> list(Caller caller, MultivaluedMap<String, String> query) {
        return transactions.read(() -> Panache.getSession().chain(session -> {
            Listing.Conditions conditions = new Listing.Conditions();
            return listing.fetch(session, query, conditions.and("t.account_id = " + conditions.bind(caller.accountId())));
        })).map(page -> page.map(TagView::of));
    }

    /** 404 if there is none. */
    Uni<TagView> get(Caller caller, UUID id) {
        return transactions.read(() -> find(caller, id));
    }

    /** The same, part of a session that the caller opens. */
    Uni<TagView> find(Caller caller, UUID id) {
        return Tag.find(caller.accountId(), id).onItem().ifNull().failWith(ApiException::notFound).map(TagView::of);
    }

    /** Part of a transaction that the caller opens, as what follows. */
    Uni<TagView> create(Caller caller, Create wanted) {
        Tag tag = new Tag();
        tag.id = Ids.next();
        tag.accountId = caller.accountId();
        tag.name = wanted.name().strip();
        tag.description = description(wanted.description());
        tag.createdAt = Times.now(clock);
        tag.updatedAt = tag.createdAt;
        return requireRoom(caller.accountId(), 1).chain(() -> tag.<Tag> persistAndFlush())
                .onFailure(UniqueViolation.of("tag_name")).transform(taken -> nameTaken(tag.name))
                .chain(() -> announce("created", tag, caller, List.of(new Change("name", null, tag.name))))
                .replaceWith(() -> TagView.of(tag));
    }

    Uni<TagView> change(Caller caller, UUID id, Edit wanted) {
        return lock(caller, id).chain(tag -> {
            List<Change> changes = new ArrayList<>();
            String before = tag.name;
            if (wanted.name != null) {
                tag.name = wanted.name.orElseThrow(() -> ApiException.invalid("name", "cannot be empty")).strip();
                Change.note(changes, "name", before, tag.name);
            }
            if (wanted.description != null) {
                String description = description(wanted.description.orElse(null));
                Change.note(changes, "description", tag.description, description);
                tag.description = description;
            }
            if (changes.isEmpty()) {
                return Uni.createFrom().item(TagView.of(tag));
            }
            tag.updatedAt = Times.now(clock);
            String after = tag.name;
            return tag.flush().onFailure(UniqueViolation.of("tag_name")).transform(taken -> nameTaken(after))
                    .chain(() -> after.equals(before) ? Uni.createFrom().voidItem()
                            : everywhere(tag, before, after, RENAME_ON_TOKENS, RENAME_ON_USERS))
                    .chain(() -> announce("updated", tag, caller, changes)).replaceWith(() -> TagView.of(tag));
        });
    }

    Uni<Void> delete(Caller caller, UUID id) {
        return lock(caller, id).chain(tag -> everywhere(tag, tag.name, null, REMOVE_FROM_TOKENS, REMOVE_FROM_USERS)
                .chain(() -> announce("deleted", tag, caller, List.of(new Change("name", tag.name, null))))
                .chain(() -> Tag.delete("id", tag.id)).replaceWithVoid());
    }

    private static Uni<Void> everywhere(Tag tag, String before, String after, String... statements) {
        return Panache.getSession().chain(session -> {
            Uni<Void> all = Uni.createFrom().voidItem();
            for (String statement : statements) {
                var query = session.createNativeQuery(statement).setParameter("account", tag.accountId)
                        .setParameter("before", before);
                all = all.chain(() -> (after == null ? query : query.setParameter("after", after)).executeUpdate())
                        .replaceWithVoid();
            }
            return all;
        });
    }

    void token(@Observes TokenEvent event) {
        event.changes().stream().filter(change -> change.field().equals("tags")).findFirst()
                .ifPresent(change -> event.enlist(() -> know(event.caller().accountId(),
                        ((List<?>) change.newValue()).stream().map(String.class::cast).toArray(String[]::new))));
    }

    /** These names are tags of the account from now on; part of a transaction that the caller opens. */
    Uni<Void> know(UUID accountId, String... names) {
        if (names.length == 0) {
            return Uni.createFrom().voidItem();
        }
        // In one order for all, so that no two wait for each other.
        SortedSet<String> unknown = new TreeSet<>(Arrays.asList(names));
        return Tag.named(accountId, Arrays.asList(names))
                .invoke(found -> unknown.removeAll(found.stream().map(tag -> tag.name).collect(Collectors.toSet())))
                .chain(() -> unknown.isEmpty() ? Uni.createFrom().voidItem()
                        : requireRoom(accountId, unknown.size()).chain(() -> add(accountId, unknown)));
    }

    private Uni<Void> add(UUID accountId, Collection<String> names) {
        return Panache.getSession().chain(session -> {
            Uni<Void> all = Uni.createFrom().voidItem();
            for (String name : names) {
                all = all.chain(() -> session.createNativeQuery(ADD).setParameter("id", Ids.next())
                        .setParameter("account", accountId).setParameter("name", name)
                        .setParameter("now", Times.now(clock)).executeUpdate()).replaceWithVoid();
            }
            return all;
        });
    }

    private static Uni<Void> requireRoom(UUID accountId, int more) {
        return Tag.countOf(accountId).invoke(count -> {
            if (count + more > MOST) {
                throw new ApiException(409, "TOO_MANY_TAGS",
                        "tags: an account has at most " + MOST + " of them: delete some first");
            }
        }).replaceWithVoid();
    }

    private static Uni<Tag> lock(Caller caller, UUID id) {
        return Tag.lock(caller.accountId(), id).onItem().ifNull().failWith(ApiException::notFound);
    }

    private Uni<Void> announce(String verb, Tag tag, Caller caller, List<Change> changes) {
        return announcer.announce(AccountEvent.of(Resource.TAG, verb, tag.id, caller, changes));
    }

    private static ApiException nameTaken(String name) {
        return new ApiException(409, "TAG_NAME_TAKEN", "name: there is a tag " + name + " already: choose another name");
    }

    private static String description(String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }
}
