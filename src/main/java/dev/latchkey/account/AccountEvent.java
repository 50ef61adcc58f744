package dev.latchkey.account;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import dev.latchkey.platform.Announcement;
import dev.latchkey.platform.Caller;
import dev.latchkey.platform.Change;

/** Something happened to an account, one of its users or roles, or a tag. */
public final class AccountEvent extends Announcement {

    /** What it happened to. */
    public enum Resource {
        ACCOUNT("account"),
        USER("user"),
        ROLE("role"),
        TAG("tag");

        private final String word;

        Resource(String word) {
            this.word = word;
        }

        /** As event names write it. */
        public String word() {
            return word;
        }
    }

    private final Resource resource;
    private final String verb;
    private final UUID accountId;
    private final UUID id;
    private final Optional<Caller> caller;
    private final List<Change> changes;
    private final boolean affectsCredentials;

    private AccountEvent(Resource resource, String verb, UUID accountId, UUID id, Optional<Caller> caller, List<Change> changes,
            boolean affectsCredentials) {
        this.resource = resource;
        this.verb = verb;
        this.accountId = accountId;
        this.id = id;
        this.caller = caller;
        this.changes = List.copyOf(changes);
        this.affectsCredentials = affectsCredentials;
    }

    /** Something that no credential depends on. */
    static AccountEvent of(Resource resource, String verb, UUID id, Caller caller, List<Change> changes) {
        return new AccountEvent(resource, verb, caller.accountId(), id, Optional.of(caller), changes, false);
    }

    /** Something that may end or change what credentials may do: they are judged anew. */
    static AccountEvent affectingCredentials(Resource resource, String verb, UUID id, Caller caller, List<Change> changes) {
        return new AccountEvent(resource, verb, caller.accountId(), id, Optional.of(caller), changes, true);
    }

    /** What somebody did to themselves, whom a link proved to be this user. */
    static AccountEvent byLink(String verb, UUID accountId, UUID userId) {
        return new AccountEvent(Resource.USER, verb, accountId, userId, Optional.empty(), List.of(), true);
    }

    /** What the service did by itself. */
    static AccountEvent byService(Resource resource, String verb, UUID accountId, UUID id, List<Change> changes) {
        return new AccountEvent(resource, verb, accountId, id, Optional.empty(), changes, true);
    }

    @Override
    public Set<UUID> changed() {
        return affectsCredentials ? Set.of(id) : Set.of();
    }

    public Resource resource() {
        return resource;
    }

    /** Such as created; with the resource it is the action: {@code user.created}. */
    public String verb() {
        return verb;
    }

    public String action() {
        return resource.word() + "." + verb;
    }

    public UUID accountId() {
        return accountId;
    }

    /** Of what it happened to. */
    public UUID id() {
        return id;
    }

    /** Who did it; empty: the service itself, or whoever had a link. */
    public Optional<Caller> caller() {
        return caller;
    }

    public List<Change> changes() {
        return changes;
    }
}
