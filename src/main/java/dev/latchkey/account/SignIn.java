package dev.latchkey.account;

import java.time.Clock;
import java.util.Optional;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.account.SignInEvent.Kind;
import dev.latchkey.platform.Announcer;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.EmailAddress;
import dev.latchkey.platform.Times;
import dev.latchkey.platform.database.Transactions;
import io.smallrye.mutiny.Uni;

/**
 * Signing in with a password. Whatever is wrong, account, user or password, the answer is the same and takes the same time: a
 * password is hashed in any case.
 */
@ApplicationScoped
public class SignIn {

    /** Hashed when there is nobody to compare with. Made at the first use: nobody knows its password. */
    private volatile String nobodysHash;

    private final Transactions transactions;
    private final SignInThrottle throttle;
    private final PasswordWorkers workers;
    private final Sessions sessions;
    private final Announcer announcer;
    private final Clock clock;

    public SignIn(Transactions transactions, SignInThrottle throttle, PasswordWorkers workers, Sessions sessions,
            Announcer announcer, Clock clock) {
        this.transactions = transactions;
        this.throttle = throttle;
        this.workers = workers;
        this.sessions = sessions;
        this.announcer = announcer;
        this.clock = clock;
    }

    private record Candidate(Account account, User user) {

        boolean maySignIn() {
            return account != null && account.disabledAt == null && user != null && user.disabledAt == null
                    && user.passwordHash != null;
        }
    }

    /**
     * Starts a session.
     *
     * @throws ApiException 401 if anything is wrong, 429 after too many attempts, 503 if too many sign in at once
     */
    Uni<Sessions.Grant> signIn(String alias, String email, String password, CurrentRequest request) {
        String throttled = alias + "/" + EmailAddress.normalise(email);
        return Uni.createFrom().deferred(() -> {
            throttle.attempt(request.address(), throttled);
            return candidate(alias, email);
        }).chain(candidate -> workers.run(() -> matches(candidate, password)).chain(matches -> {
            if (matches) {
                throttle.succeeded(throttled);
                return start(candidate.user, request);
            }
            return transactions.write(() -> announcer.announce(new SignInEvent(Kind.REFUSED,
                    Optional.ofNullable(candidate.account).map(account -> account.id),
                    Optional.ofNullable(candidate.user).map(user -> user.id), Optional.empty())))
                    .chain(() -> Uni.createFrom().failure(invalid()));
        }));
    }

    private static ApiException invalid() {
        return new ApiException(401, "INVALID_CREDENTIALS", "account, e-mail or password is wrong: check all three");
    }

    private Uni<Candidate> candidate(String alias, String email) {
        return transactions.read(() -> Account.findByAlias(alias)
                .chain(account -> account == null ? Uni.createFrom().item(new Candidate(null, null))
                        : User.findByEmail(account.id, email).map(user -> new Candidate(account, user))));
    }

    private boolean matches(Candidate candidate, String password) {
        boolean may = candidate.maySignIn();
        return Passwords.matches(password, may ? candidate.user.passwordHash : nobodysHash()) && may;
    }

    private String nobodysHash() {
        if (nobodysHash == null) {
            nobodysHash = Passwords.hash(java.util.UUID.randomUUID().toString());
        }
        return nobodysHash;
    }

    private Uni<Sessions.Grant> start(User known, CurrentRequest request) {
        return transactions.write(() -> User.find(known.accountId, known.id).chain(user -> {
            // The hashing took a while: whoever was disabled or got another password meanwhile does not get in.
            if (user == null || user.disabledAt != null || !known.passwordHash.equals(user.passwordHash)) {
                throw invalid();
            }
            user.lastLoginAt = Times.now(clock);
            return sessions.start(user, request).call(grant -> announcer.announce(new SignInEvent(Kind.SIGNED_IN,
                    Optional.of(user.accountId), Optional.of(user.id), Optional.of(grant.sessionId()))));
        }));
    }
}
