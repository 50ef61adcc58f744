package dev.latchkey.account;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MultivaluedMap;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Caller;
import dev.latchkey.platform.EmailAddress;
import dev.latchkey.platform.database.Transactions;
import dev.latchkey.platform.http.Listing;
import dev.latchkey.platform.http.Page;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;

/** Finds the people of an account, and the roles that they can have. */
@ApplicationScoped
public class UserDirectory {

    private final Transactions transactions;
    // Served by the indexes app_user_{created,email,words}.
    private final Listing<User> users = new Listing<>(User.class, "app_user u", "u", user -> user.id)
            .sort("createdAt", "u.created_at", Listing.Type.INSTANT, user -> user.createdAt)
            .sort("email", "lower(u.email)", Listing.Type.TEXT, user -> EmailAddress.normalise(user.email))
            .filter("id", "u.id", Listing.Type.ID)
            .choice("email", "an e-mail address",
                    conditions -> value -> Optional.of("lower(u.email) = " + conditions.bind(EmailAddress.normalise(value))))
            .filter("createdAt", "u.created_at", Listing.Type.INSTANT)
            .filter("lastLoginAt", "u.last_login_at", Listing.Type.INSTANT)
            .choice("role", "the name of a role", conditions -> value -> Optional
                    .of("u.role_id IN (SELECT id FROM role WHERE account_id = u.account_id AND name = " + conditions.bind(value)
                            + ")"))
            .choice("tag", "a tag",
                    conditions -> value -> Optional.of("u.tags @> cast(ARRAY[" + conditions.bind(value) + "] AS text[])"))
            .search("to_tsvector('simple', translate(u.email, '@.+-_', '     ') || ' ' || u.first_name || ' ' || u.last_name)");
    // Served by the indexes role_{created,name}.
    private final Listing<Role> roles = new Listing<>(Role.class, "role r", "r", role -> role.id)
            .sort("createdAt", "r.created_at", Listing.Type.INSTANT, role -> role.createdAt)
            .sort("name", "r.name", Listing.Type.TEXT, role -> role.name)
            .filter("id", "r.id", Listing.Type.ID)
            .filter("name", "r.name", Listing.Type.TEXT)
            .filter("createdAt", "r.created_at", Listing.Type.INSTANT);

    public UserDirectory(Transactions transactions) {
        this.transactions = transactions;
    }

    Uni<Page<UserView>> users(Caller caller, MultivaluedMap<String, String> query) {
        return users(query, ofAccount("u", caller), caller);
    }

    private Uni<Page<UserView>> users(MultivaluedMap<String, String> query, Listing.Conditions conditions, Caller caller) {
        return transactions.read(() -> Panache.getSession()
                .chain(session -> users.fetch(session, query, conditions))
                .chain(page -> rolesOf(caller.accountId(),
                        page.items().stream().map(user -> user.roleId).collect(Collectors.toSet()))
                        .map(role -> page.map(user -> UserView.of(user, role.get(user.roleId))))));
    }

    /** All that a list would show. */
    Multi<Page<UserView>> allUsers(Caller caller, MultivaluedMap<String, String> query) {
        return Listing.all(query, position -> users(position, ofAccount("u", caller).uncounted(), caller));
    }

    /** 404 if there is none. */
    Uni<UserView> user(Caller caller, UUID id) {
        return transactions.read(() -> find(caller, id));
    }

    /** The same, part of a session that the caller opens. */
    Uni<UserView> find(Caller caller, UUID id) {
        return User.find(caller.accountId(), id).onItem().ifNull().failWith(ApiException::notFound)
                .chain(user -> Role.find(caller.accountId(), user.roleId).map(role -> UserView.of(user, role)));
    }

    /**
     * What something announced happened to, as the API shows it; null if it is gone. Part of a session that the caller
     * opens.
     */
    public Uni<Object> describe(AccountEvent.Resource resource, UUID accountId, UUID id) {
        return switch (resource) {
            case USER -> User.find(accountId, id).onItem().ifNotNull()
                    .transformToUni(user -> Role.find(accountId, user.roleId).map(role -> UserView.of(user, role)));
            case ROLE -> Role.find(accountId, id).onItem().ifNotNull().transform(RoleView::of);
            case ACCOUNT -> Account.<Account> findById(id).onItem().ifNotNull().transform(AccountView::of);
            case TAG -> Uni.createFrom().nullItem();
        };
    }

    /** 404 if there is none. */
    Uni<RoleView> role(Caller caller, UUID id) {
        return transactions.read(() -> Role.find(caller.accountId(), id).onItem().ifNull().failWith(ApiException::notFound)
                .map(RoleView::of));
    }

    Uni<Page<RoleView>> roles(Caller caller, MultivaluedMap<String, String> query) {
        return transactions.read(() -> Panache.getSession()
                .chain(session -> roles.fetch(session, query, ofAccount("r", caller))).map(page -> page.map(RoleView::of)));
    }

    private static Listing.Conditions ofAccount(String alias, Caller caller) {
        Listing.Conditions conditions = new Listing.Conditions();
        return conditions.and(alias + ".account_id = " + conditions.bind(caller.accountId()));
    }

    /** By the unique index (account_id, id). */
    private static Uni<Map<UUID, Role>> rolesOf(UUID accountId, Set<UUID> ids) {
        return ids.isEmpty() ? Uni.createFrom().item(Map.of())
                : Role.<Role> list("accountId = ?1 and id in ?2", accountId, ids)
                        .map(found -> found.stream().collect(Collectors.toMap(role -> role.id, Function.identity())));
    }
}
