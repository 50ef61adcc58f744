package dev.latchkey.account;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.account.AccountEvent.Resource;
import dev.latchkey.platform.Announcer;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Caller;
import dev.latchkey.platform.Change;
import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.EmailAddress;
import dev.latchkey.platform.Times;
import dev.latchkey.platform.database.Transactions;
import dev.latchkey.platform.database.UniqueViolation;
import io.smallrye.mutiny.Uni;

/** What people change of themselves. What lets somebody in is changed only by whoever knows the password, in a session. */
@ApplicationScoped
public class Profile {

    private final Transactions transactions;
    private final SignInThrottle throttle;
    private final PasswordWorkers workers;
    private final Sessions sessions;
    private final PasswordLinks links;
    private final TwoFactor twoFactor;
    private final Announcer announcer;
    private final Clock clock;

    public Profile(Transactions transactions, SignInThrottle throttle, PasswordWorkers workers, Sessions sessions,
            PasswordLinks links, TwoFactor twoFactor, Announcer announcer, Clock clock) {
        this.transactions = transactions;
        this.throttle = throttle;
        this.workers = workers;
        this.sessions = sessions;
        this.links = links;
        this.twoFactor = twoFactor;
        this.announcer = announcer;
        this.clock = clock;
    }

    Uni<Void> change(CurrentRequest request, MeRequests.Change wanted) {
        Caller caller = request.caller();
        if (wanted.email == null) {
            return transactions.write(() -> lock(caller).chain(user -> edit(caller, user, wanted)));
        }
        return withPassword(request, wanted.currentPassword, user -> edit(caller, user, wanted));
    }

    private Uni<Void> edit(Caller caller, User user, MeRequests.Change wanted) {
        List<Change> changes = new ArrayList<>();
        if (wanted.firstName != null) {
            String name = wanted.firstName.map(String::strip).orElse("");
            Change.note(changes, "firstName", user.firstName, name);
            user.firstName = name;
        }
        if (wanted.lastName != null) {
            String name = wanted.lastName.map(String::strip).orElse("");
            Change.note(changes, "lastName", user.lastName, name);
            user.lastName = name;
        }
        if (wanted.company != null) {
            String company = wanted.company.map(String::strip).orElse("");
            Change.note(changes, "company", user.company, company);
            user.company = company;
        }
        if (wanted.email != null) {
            String email = Users.address(wanted.email.orElseThrow(() -> ApiException.invalid("email", "cannot be empty")));
            Change.note(changes, "email", user.email, email);
            user.email = email;
        }
        if (changes.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        user.updatedAt = Times.now(clock);
        String email = user.email;
        // A link was handed to the former address.
        boolean linkEnds = changes.stream().anyMatch(change -> change.field().equals("email"));
        return user.flush().onFailure(UniqueViolation.of("app_user_email")).transform(taken -> Users.emailTaken(email))
                .chain(() -> linkEnds ? links.forget(user) : Uni.createFrom().voidItem())
                .chain(() -> announcer.announce(AccountEvent.of(Resource.USER, "updated", user.id, caller, changes)));
    }

    /** The other sessions end, and a link by which the password could be set once more. */
    Uni<Void> changePassword(CurrentRequest request, MeRequests.ChangePassword wanted) {
        Passwords.requireAcceptable("newPassword", wanted.newPassword());
        Caller caller = request.caller();
        return workers.run(() -> Passwords.hash(wanted.newPassword()))
                .chain(hash -> withPassword(request, wanted.currentPassword(), user -> {
                    user.passwordHash = hash;
                    user.updatedAt = Times.now(clock);
                    return user.flush().chain(() -> sessions.endOthers(caller)).chain(() -> links.forget(user))
                            .chain(() -> announcer.announce(
                                    AccountEvent.affectingCredentials(Resource.USER, "password-changed", user.id, caller,
                                            List.of())));
                }));
    }

    Uni<TwoFactor.Secret> prepareTwoFactor(CurrentRequest request, String password) {
        return withPassword(request, password, user -> {
            if (user.twoFactorEnabled) {
                throw new ApiException(409, "TWO_FACTOR_ENABLED", "two-factor authentication is on: disable it to begin anew");
            }
            return Account.<Account> findById(user.accountId).map(account -> twoFactor.prepare(user, account.alias));
        });
    }

    Uni<TwoFactor.RecoveryCodes> enableTwoFactor(CurrentRequest request, MeRequests.TwoFactorProof proof) {
        return withPassword(request, proof.currentPassword(), user -> {
            if (user.twoFactorEnabled) {
                throw new ApiException(409, "TWO_FACTOR_ENABLED", "two-factor authentication is on already");
            }
            return requireCode(request, user, proof.twoFactorCode()).chain(() -> {
                user.twoFactorEnabled = true;
                user.updatedAt = Times.now(clock);
                return announce(request, user, "two-factor-enabled");
            }).chain(() -> twoFactor.renewRecoveryCodes(user));
        });
    }

    Uni<TwoFactor.RecoveryCodes> renewRecoveryCodes(CurrentRequest request, MeRequests.TwoFactorProof proof) {
        return withSecondFactor(request, proof, user -> announce(request, user, "recovery-codes-renewed")
                .chain(() -> twoFactor.renewRecoveryCodes(user)));
    }

    Uni<Void> disableTwoFactor(CurrentRequest request, MeRequests.TwoFactorProof proof) {
        return withSecondFactor(request, proof, user -> {
            user.updatedAt = Times.now(clock);
            return twoFactor.disable(user).chain(() -> announce(request, user, "two-factor-disabled"));
        });
    }

    private <T> Uni<T> withSecondFactor(CurrentRequest request, MeRequests.TwoFactorProof proof, Function<User, Uni<T>> work) {
        return withPassword(request, proof.currentPassword(), user -> {
            if (!user.twoFactorEnabled) {
                throw new ApiException(409, "TWO_FACTOR_DISABLED", "two-factor authentication is off");
            }
            return requireCode(request, user, proof.twoFactorCode()).chain(() -> work.apply(user));
        });
    }

    /** Throttled apart from the password, which was right: whoever guesses codes has failed. */
    private Uni<Void> requireCode(CurrentRequest request, User user, String code) {
        String throttled = EmailAddress.normalise(user.email);
        throttle.attempt(request.address(), throttled);
        return twoFactor.accept(user, code).invoke(accepted -> {
            if (!accepted) {
                throw ApiException.invalid("twoFactorCode", "is wrong, or was used already: wait for the next one");
            }
            throttle.succeeded(throttled);
        }).replaceWithVoid();
    }

    private Uni<Void> announce(CurrentRequest request, User user, String verb) {
        return announcer.announce(AccountEvent.of(Resource.USER, verb, user.id, request.caller(), List.of()));
    }

    /** Works on the caller's row, in a transaction, once they have shown to know their password: throttled like a sign-in. */
    private <T> Uni<T> withPassword(CurrentRequest request, String password, Function<User, Uni<T>> work) {
        Caller caller = request.caller();
        if (password == null) {
            throw ApiException.invalid("currentPassword", "is missing: this is changed only by whoever knows it");
        }
        return transactions.read(() -> User.find(caller.accountId(), caller.userId()).onItem().ifNull()
                .failWith(ApiException::notFound)).chain(known -> {
                    String throttled = EmailAddress.normalise(known.email);
                    throttle.attempt(request.address(), throttled);
                    return workers.run(() -> known.passwordHash != null && Passwords.matches(password, known.passwordHash))
                            .invoke(right -> {
                                if (!right) {
                                    throw ApiException.invalid("currentPassword", "is wrong");
                                }
                                throttle.succeeded(throttled);
                            }).chain(() -> transactions.write(() -> lock(caller).chain(user -> {
                                if (!known.passwordHash.equals(user.passwordHash)) {
                                    throw ApiException.invalid("currentPassword", "was changed a moment ago");
                                }
                                return work.apply(user);
                            })));
                });
    }

    private static Uni<User> lock(Caller caller) {
        return User.lock(caller.accountId(), caller.userId()).onItem().ifNull().failWith(ApiException::notFound);
    }
}
