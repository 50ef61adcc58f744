package dev.latchkey.account;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.account.AccountEvent.Resource;
import dev.latchkey.platform.Announcer;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Caller;
import dev.latchkey.platform.Change;
import dev.latchkey.platform.Ids;
import dev.latchkey.platform.Times;
import dev.latchkey.platform.database.UniqueViolation;
import dev.latchkey.scope.ScopeCatalogue;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;

/**
 * Makes, changes and removes roles. Nobody touches a role that has, before or after, more than they hold. Each method is part
 * of a
 * transaction that the caller opens.
 */
@ApplicationScoped
public class Roles {

    /** Against a typing error, not against anybody. */
    static final int MOST = 1_000;

    /** By the index app_user_role; counts no further than a person reads. */
    private static final String USERS = """
            SELECT count(*) FROM (SELECT 1 FROM app_user WHERE account_id = :account AND role_id = :role LIMIT 10000) AS counted
            """;

    private final ScopeCatalogue catalogue;
    private final Announcer announcer;
    private final Clock clock;

    public Roles(ScopeCatalogue catalogue, Announcer announcer, Clock clock) {
        this.catalogue = catalogue;
        this.announcer = announcer;
        this.clock = clock;
    }

    Uni<RoleView> create(Caller caller, RoleRequests.Create wanted) {
        SortedSet<String> claims = catalogue.parse("claims", wanted.claims());
        caller.requireToHold(claims);
        Role role = new Role();
        role.id = Ids.next();
        role.accountId = caller.accountId();
        role.name = wanted.name().strip();
        role.description = description(wanted.description());
        role.scopes = claims.toArray(String[]::new);
        role.createdAt = Times.now(clock);
        role.updatedAt = role.createdAt;
        List<Change> changes = new ArrayList<>();
        Change.note(changes, "name", null, role.name);
        Change.note(changes, "claims", List.of(), List.of(role.scopes));
        return Role.count("accountId", caller.accountId()).invoke(count -> {
            if (count >= MOST) {
                throw new ApiException(409, "TOO_MANY_ROLES", "an account has at most " + MOST + " roles: delete one first");
            }
        }).chain(() -> role.<Role> persistAndFlush())
                .onFailure(UniqueViolation.of("role_name")).transform(taken -> nameTaken(role.name))
                .chain(() -> announcer.announce(AccountEvent.of(Resource.ROLE, "created", role.id, caller, changes)))
                .replaceWith(() -> RoleView.of(role));
    }

    /** What becomes less is gone at once, for all of the role's users and their tokens. */
    Uni<RoleView> change(Caller caller, UUID id, RoleRequests.Change wanted) {
        return lock(caller, id).chain(role -> {
            List<Change> changes = new ArrayList<>();
            if (wanted.name != null) {
                String name = wanted.name.orElseThrow(() -> ApiException.invalid("name", "cannot be empty")).strip();
                Change.note(changes, "name", role.name, name);
                role.name = name;
            }
            if (wanted.description != null) {
                String description = description(wanted.description.orElse(null));
                Change.note(changes, "description", role.description, description);
                role.description = description;
            }
            if (wanted.claims != null) {
                SortedSet<String> claims = catalogue.parse("claims", wanted.claims
                        .orElseThrow(() -> ApiException.invalid("claims",
                                "cannot be null: give an empty list for a role without any")));
                caller.requireToHold(claims);
                Change.note(changes, "claims", Arrays.stream(role.scopes).sorted().toList(), List.copyOf(claims));
                role.scopes = claims.toArray(String[]::new);
            }
            if (changes.isEmpty()) {
                return Uni.createFrom().item(RoleView.of(role));
            }
            role.updatedAt = Times.now(clock);
            String name = role.name;
            return role.flush().onFailure(UniqueViolation.of("role_name")).transform(taken -> nameTaken(name))
                    .chain(() -> announcer.announce(
                            AccountEvent.affectingCredentials(Resource.ROLE, "updated", role.id, caller, changes)))
                    .replaceWith(() -> RoleView.of(role));
        });
    }

    Uni<Void> delete(Caller caller, UUID id) {
        return lock(caller, id).chain(role -> Panache.getSession()
                .chain(session -> session.createNativeQuery(USERS, Long.class).setParameter("account", role.accountId)
                        .setParameter("role", role.id).getSingleResult())
                .chain(users -> {
                    if (users > 0) {
                        throw new ApiException(409, "ROLE_IN_USE", (users == 1 ? "1 user has" : users + " users have")
                                + " this role: give them another one first");
                    }
                    return announcer.announce(AccountEvent.affectingCredentials(Resource.ROLE, "deleted", id, caller,
                            List.of(new Change("name", role.name, null))));
                }).chain(() -> Role.delete("id", role.id)).replaceWithVoid());
    }

    private Uni<Role> lock(Caller caller, UUID id) {
        return Role.lock(caller.accountId(), id).onItem().ifNull().failWith(ApiException::notFound).invoke(role -> {
            if (role.reserved) {
                throw new ApiException(409, "ROLE_RESERVED",
                        "every account has the role " + role.name + ", and nobody changes it: make a role of your own");
            }
            caller.requireToHold(role.scopesIn(catalogue));
        });
    }

    private static ApiException nameTaken(String name) {
        return new ApiException(409, "ROLE_NAME_TAKEN", "name: there is a role " + name + " already: choose another name");
    }

    private static String description(String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }
}
