package dev.latchkey.account;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.account.AccountEvent.Resource;
import dev.latchkey.platform.Announcer;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Caller;
import dev.latchkey.platform.Change;
import dev.latchkey.platform.EmailAddress;
import dev.latchkey.platform.Ids;
import dev.latchkey.platform.Labels;
import dev.latchkey.platform.Times;
import dev.latchkey.platform.database.UniqueViolation;
import dev.latchkey.scope.ScopeCatalogue;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;

/**
 * Makes, changes and removes people. Nobody acts on a user whose role, before or after, has more than they hold themselves; and
 * an
 * account keeps one super-admin who can sign in. Each method is part of a transaction that the caller opens, and holds the
 * user's
 * row, and the role's, until it ends.
 */
@ApplicationScoped
public class Users {

    /**
     * Whoever changes or removes one of an account's people holds the account, before anything else: of two who remove
     * each other at once the second sees what the first did, and neither waits for the other. By the primary key.
     */
    private static final String ONE_AT_A_TIME = "SELECT id FROM account WHERE id = :account FOR NO KEY UPDATE";
    /** By the index app_user_role. */
    private static final String OTHERS = """
            SELECT count(*) FROM (
                SELECT 1 FROM app_user WHERE account_id = :account AND role_id = :role AND id <> :user AND disabled_at IS NULL
                    AND password_hash IS NOT NULL LIMIT 1) AS other
            """;

    private static final Set<String> ENDS_LINKS = Set.of("email", "role", "disabled");

    private final Tags tags;
    private final PasswordLinks links;
    private final Sessions sessions;
    private final ScopeCatalogue catalogue;
    private final Announcer announcer;
    private final Clock clock;

    public Users(Tags tags, PasswordLinks links, Sessions sessions, ScopeCatalogue catalogue, Announcer announcer,
            Clock clock) {
        this.tags = tags;
        this.links = links;
        this.sessions = sessions;
        this.catalogue = catalogue;
        this.announcer = announcer;
        this.clock = clock;
    }

    /** @param passwordHash empty: the person is invited */
    Uni<UserView> create(Caller caller, UserRequests.Create wanted, Optional<String> passwordHash) {
        String email = address(wanted.email());
        User user = new User();
        user.id = Ids.next();
        user.accountId = caller.accountId();
        user.email = email;
        user.firstName = text(wanted.firstName());
        user.lastName = text(wanted.lastName());
        user.company = text(wanted.company());
        user.tags = Labels.of(wanted.tags());
        user.metadata = Metadata.write(wanted.metadata());
        user.passwordHash = passwordHash.orElse(null);
        user.createdAt = Times.now(clock);
        user.updatedAt = user.createdAt;
        String role = wanted.role() == null ? ReservedRole.USER.roleName() : wanted.role().strip();
        return holdRole(caller, role).chain(held -> {
            user.roleId = held.id;
            List<Change> changes = new ArrayList<>();
            Change.note(changes, "email", null, user.email);
            Change.note(changes, "role", null, held.name);
            return user.<User> persistAndFlush()
                    .onFailure(UniqueViolation.of("app_user_email")).transform(taken -> emailTaken(email))
                    .chain(() -> tags.know(caller.accountId(), user.tags))
                    .chain(() -> announcer.announce(AccountEvent.of(Resource.USER, "created", user.id, caller, changes)))
                    .chain(() -> passwordHash.isPresent() ? Uni.createFrom().<PasswordLinks.Link> nullItem()
                            : links.make(user, PasswordLinks.INVITATION))
                    .map(invitation -> UserView.of(user, held, invitation));
        });
    }

    Uni<UserView> change(Caller caller, UUID id, UserRequests.Change wanted) {
        return oneAtATime(caller).chain(() -> lock(caller, id)).chain(user -> held(caller, user).chain(role -> {
            String newRole = wanted.role == null ? role.name
                    : wanted.role.map(String::strip)
                            .orElseThrow(() -> ApiException.invalid("role", "cannot be empty: leave it away to keep it"));
            boolean disable = wanted.disabled != null && wanted.disabled
                    .orElseThrow(() -> ApiException.invalid("disabled", "must be true or false"));
            return (newRole.equals(role.name) ? Uni.createFrom().item(role) : holdRole(caller, newRole))
                    .call(after -> role.is(ReservedRole.SUPER_ADMIN) && (after != role || disable)
                            ? requireAnotherSuperAdmin(user)
                            : Uni.createFrom().voidItem())
                    .chain(after -> change(caller, user, role, after, wanted));
        }));
    }

    private Uni<UserView> change(Caller caller, User user, Role before, Role after, UserRequests.Change wanted) {
        List<Change> changes = new ArrayList<>();
        if (wanted.email != null) {
            String email = address(wanted.email.orElseThrow(() -> ApiException.invalid("email", "cannot be empty")));
            if (!email.equals(user.email) && user.id.equals(caller.userId())) {
                throw new ApiException(403, "OWN_EMAIL",
                        "email: your own is changed at PATCH /v3/me, which asks for your password");
            }
            Change.note(changes, "email", user.email, email);
            user.email = email;
        }
        if (wanted.firstName != null) {
            String name = text(wanted.firstName.orElse(null));
            Change.note(changes, "firstName", user.firstName, name);
            user.firstName = name;
        }
        if (wanted.lastName != null) {
            String name = text(wanted.lastName.orElse(null));
            Change.note(changes, "lastName", user.lastName, name);
            user.lastName = name;
        }
        if (wanted.company != null) {
            String company = text(wanted.company.orElse(null));
            Change.note(changes, "company", user.company, company);
            user.company = company;
        }
        if (wanted.tags != null) {
            String[] labels = Labels.of(wanted.tags.orElse(null));
            Change.note(changes, "tags", List.of(user.tags), List.of(labels));
            user.tags = labels;
        }
        if (wanted.metadata != null) {
            String metadata = Metadata.write(wanted.metadata.orElse(null));
            Change.note(changes, "metadata", user.metadata, metadata);
            user.metadata = metadata;
        }
        Change.note(changes, "role", before.name, after.name);
        Instant now = Times.now(clock);
        boolean wasDisabled = user.disabledAt != null;
        if (wanted.disabled != null && wanted.disabled.get() != wasDisabled) {
            user.disabledAt = wasDisabled ? null : now;
        }
        Change.note(changes, "disabled", wasDisabled, user.disabledAt != null);
        if (changes.isEmpty()) {
            return Uni.createFrom().item(UserView.of(user, before));
        }
        user.roleId = after.id;
        user.updatedAt = now;
        String email = user.email;
        // A link was handed to that address, by somebody who held that role: it must not open more, nor to anybody else.
        boolean linkEnds = changes.stream().anyMatch(change -> ENDS_LINKS.contains(change.field()));
        return user.flush().onFailure(UniqueViolation.of("app_user_email")).transform(taken -> emailTaken(email))
                .chain(() -> tags.know(user.accountId, user.tags))
                .chain(() -> linkEnds ? links.forget(user) : Uni.createFrom().voidItem())
                .chain(() -> user.disabledAt == null ? Uni.createFrom().voidItem()
                        : sessions.endAllOf(user.accountId, user.id))
                .chain(() -> announcer.announce(
                        AccountEvent.affectingCredentials(Resource.USER, "updated", user.id, caller, changes)))
                .replaceWith(() -> UserView.of(user, after));
    }

    /** Their tokens and sessions go with them. */
    Uni<Void> delete(Caller caller, UUID id) {
        return oneAtATime(caller).chain(() -> lock(caller, id)).chain(user -> held(caller, user)
                .chain(role -> role.is(ReservedRole.SUPER_ADMIN) ? requireAnotherSuperAdmin(user) : Uni.createFrom().voidItem())
                .chain(() -> sessions.forgetRefreshTokensOf(user.accountId, user.id))
                .chain(() -> announcer.announce(AccountEvent.affectingCredentials(Resource.USER, "deleted", id, caller,
                        List.of(new Change("email", user.email, null)))))
                .chain(() -> User.delete("id", user.id)).replaceWithVoid());
    }

    /** Sets another's password, and ends their sessions. Only for users with the role user. */
    Uni<Void> setPassword(Caller caller, UUID id, String hash) {
        return ordinary(caller, id).chain(user -> {
            user.passwordHash = hash;
            user.updatedAt = Times.now(clock);
            return user.flush().chain(() -> sessions.endAllOf(user.accountId, user.id)).chain(() -> links.forget(user))
                    .chain(() -> announcer.announce(
                            AccountEvent.affectingCredentials(Resource.USER, "password-set", id, caller, List.of())));
        });
    }

    /** A link by which a user with the role user sets a new password. */
    Uni<PasswordLinks.Link> resetLink(Caller caller, UUID id) {
        return ordinary(caller, id).chain(user -> link(caller, user, PasswordLinks.RESET, "password-reset-requested"));
    }

    /** Another invitation for somebody who has not followed the first. */
    Uni<PasswordLinks.Link> invite(Caller caller, UUID id) {
        return lock(caller, id).chain(user -> held(caller, user).chain(role -> {
            if (user.passwordHash != null) {
                throw new ApiException(409, "ALREADY_A_USER",
                        "the person has set a password already: use reset-password-token if it was forgotten");
            }
            return link(caller, user, PasswordLinks.INVITATION, "invited");
        }));
    }

    private Uni<PasswordLinks.Link> link(Caller caller, User user, Duration lifetime, String verb) {
        if (user.disabledAt != null) {
            throw new ApiException(409, "USER_DISABLED", "the user is disabled: enable them first");
        }
        return links.make(user, lifetime)
                .call(() -> announcer.announce(AccountEvent.of(Resource.USER, verb, user.id, caller, List.of())));
    }

    private static Uni<User> lock(Caller caller, UUID id) {
        return User.lock(caller.accountId(), id).onItem().ifNull().failWith(ApiException::notFound);
    }

    private static Uni<Void> oneAtATime(Caller caller) {
        return Panache.getSession().chain(session -> session.createNativeQuery(ONE_AT_A_TIME, UUID.class)
                .setParameter("account", caller.accountId()).getSingleResult()).replaceWithVoid();
    }

    /** The user's role, which the caller must not be below of. */
    private Uni<Role> held(Caller caller, User user) {
        return Role.hold(caller.accountId(), user.roleId).invoke(role -> caller.requireToHold(role.scopesIn(catalogue)));
    }

    private static Uni<Role> holdRole(Caller caller, String name) {
        return Role.hold(caller.accountId(), name)
                .onItem().ifNull()
                .failWith(() -> ApiException.invalid("role", "there is no role of this name: see GET /v3/roles"))
                .invoke(role -> caller.requireToHold(Arrays.asList(role.scopes)));
    }

    private Uni<User> ordinary(Caller caller, UUID id) {
        return lock(caller, id).call(user -> held(caller, user).invoke(role -> {
            if (!role.is(ReservedRole.USER)) {
                throw new ApiException(403, "NOT_AN_ORDINARY_USER",
                        "only the password of users with the role user is set by others: whoever has another role changes their own");
            }
        }));
    }

    /** @param user who is one */
    private static Uni<Void> requireAnotherSuperAdmin(User user) {
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(OTHERS, Long.class).setParameter("account", user.accountId)
                        .setParameter("role", user.roleId).setParameter("user", user.id).getSingleResult())
                .invoke(others -> {
                    if (others == 0) {
                        throw new ApiException(409, "LAST_SUPER_ADMIN",
                                "this is the last super-admin who can sign in: make another one first");
                    }
                }).replaceWithVoid();
    }

    static String address(String text) {
        String address = text.strip();
        if (!EmailAddress.isValid(address)) {
            throw ApiException.invalid("email", "is not an e-mail address: write it like ada@example.com");
        }
        return address;
    }

    static ApiException emailTaken(String email) {
        return new ApiException(409, "EMAIL_TAKEN",
                "email: there is a user with the address " + email + " in this account already");
    }

    private static String text(String text) {
        return text == null ? "" : text.strip();
    }
}
