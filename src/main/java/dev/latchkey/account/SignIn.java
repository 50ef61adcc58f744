package dev.latchkey.account;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.account.SignInEvent.Kind;
import dev.latchkey.platform.Announcer;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.CurrentRequest;
import dev.latchkey.platform.EmailAddress;
import dev.latchkey.platform.Times;
import dev.latchkey.platform.database.Transactions;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;

/**
 * Signing in with a password. Whatever is wrong, account, user or password, the answer is the same and takes the same
 * time: passwords are hashed in any case, and as often whoever is named. How often depends on whether an account is named
 * and on how many accounts there are, up to {@value #MOST}, and on nothing else.
 */
@ApplicationScoped
public class SignIn {

    private static final String WRONG_CODE = "INVALID_TWO_FACTOR_CODE";
    /** In how many accounts a person is looked for who names none. Whoever is in more has to name one. */
    static final int MOST = 4;

    /**
     * By the index app_user_email_anywhere, and the primary key. The one query that crosses accounts, because it is not
     * known yet which one it is about. Those who may sign in come first: others must not be in their way.
     */
    private static final String ANYWHERE = """
            SELECT u FROM User u JOIN Account a ON a.id = u.accountId WHERE lower(u.email) = ?1
            ORDER BY CASE WHEN u.disabledAt IS NULL AND u.passwordHash IS NOT NULL AND a.disabledAt IS NULL THEN 0 ELSE 1 END,
                u.createdAt, u.id
            """;
    /** Reads no more rows than it counts. */
    private static final String ACCOUNTS = "SELECT count(*) FROM (SELECT 1 FROM account LIMIT " + MOST + ") AS counted";

    /** Hashed when there is nobody to compare with. Made at the first use: nobody knows its password. */
    private volatile String nobodysHash;

    private final Transactions transactions;
    private final SignInThrottle throttle;
    private final PasswordWorkers workers;
    private final Sessions sessions;
    private final TwoFactor twoFactor;
    private final Announcer announcer;
    private final Clock clock;

    public SignIn(Transactions transactions, SignInThrottle throttle, PasswordWorkers workers, Sessions sessions,
            TwoFactor twoFactor, Announcer announcer, Clock clock) {
        this.transactions = transactions;
        this.throttle = throttle;
        this.workers = workers;
        this.sessions = sessions;
        this.twoFactor = twoFactor;
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
     * Who may be meant.
     *
     * @param hashes how often a password is hashed, to find out who of them it is
     * @param more whether there are others who were left out
     */
    private record Candidates(List<Candidate> all, int hashes, boolean more) {
    }

    /**
     * Starts a session.
     *
     * @param alias of the account; empty: any in which e-mail and password fit
     * @throws ApiException 401 if anything is wrong, or the password is right and it is not clear in which account;
     *         429 after too many attempts, 503 if too many sign in at once
     */
    Uni<Sessions.Grant> signIn(Optional<String> alias, String email, String password, Optional<String> twoFactorCode,
            CurrentRequest request) {
        // Whatever account is named: naming another one gives nobody more attempts.
        String throttled = EmailAddress.normalise(email);
        return Uni.createFrom().deferred(() -> {
            throttle.attempt(request.address(), throttled);
            return transactions.read(() -> alias.map(it -> named(it, email)).orElseGet(() -> anywhere(email)));
        }).chain(candidates -> workers.run(() -> matching(candidates, password)).chain(matching -> {
            if (matching.isEmpty()) {
                return refuse(candidates.all);
            }
            if (matching.size() > 1 || candidates.more) {
                throttle.succeeded(throttled);
                throw new ApiException(401, "ACCOUNT_ALIAS_REQUIRED",
                        "e-mail and password fit in several accounts: send accountAlias too");
            }
            // Whoever guesses codes has failed; whoever learns that one is needed has not.
            return start(matching.get(0).user, twoFactorCode, request)
                    .onFailure(SignIn::isWrongCode).call(() -> noteRefusal(matching))
                    .onItemOrFailure().invoke((grant, failure) -> {
                        if (!isWrongCode(failure)) {
                            throttle.succeeded(throttled);
                        }
                    });
        }));
    }

    private static boolean isWrongCode(Throwable failure) {
        return failure instanceof ApiException refused && refused.code().equals(WRONG_CODE);
    }

    private Uni<Sessions.Grant> refuse(List<Candidate> candidates) {
        return noteRefusal(candidates).chain(() -> Uni.createFrom().failure(invalid()));
    }

    private Uni<Void> noteRefusal(List<Candidate> candidates) {
        return transactions.write(() -> {
            Uni<Void> all = Uni.createFrom().voidItem();
            for (Candidate candidate : candidates) {
                all = all.chain(() -> announcer.announce(new SignInEvent(Kind.REFUSED,
                        Optional.ofNullable(candidate.account).map(account -> account.id),
                        Optional.ofNullable(candidate.user).map(user -> user.id), Optional.empty())));
            }
            return all;
        });
    }

    private static ApiException invalid() {
        return new ApiException(401, "INVALID_CREDENTIALS", "account, e-mail or password is wrong: check all three");
    }

    private static Uni<Candidates> named(String alias, String email) {
        return Account.findByAlias(alias)
                .chain(account -> account == null ? Uni.createFrom().item(new Candidate(null, null))
                        : User.findByEmail(account.id, email).map(user -> new Candidate(account, user)))
                .map(candidate -> new Candidates(List.of(candidate), 1, false));
    }

    private static Uni<Candidates> anywhere(String email) {
        return User.<User> find(ANYWHERE, EmailAddress.normalise(email)).range(0, MOST).list()
                .chain(users -> Account.<Account> list("id in ?1", users.stream().map(user -> user.accountId).toList())
                        .map(accounts -> accounts.stream()
                                .collect(Collectors.toMap(account -> account.id, Function.identity())))
                        .map(accounts -> users.stream().map(user -> new Candidate(accounts.get(user.accountId), user))
                                .toList()))
                .chain(found -> Panache.getSession()
                        .chain(session -> session.createNativeQuery(ACCOUNTS, Long.class).getSingleResult())
                        .map(accounts -> {
                            List<Candidate> tried = found.isEmpty() ? List.of(new Candidate(null, null))
                                    : found.stream().limit(MOST).toList();
                            return new Candidates(tried, Math.max(tried.size(), accounts.intValue()),
                                    found.size() > MOST && found.get(MOST).maySignIn());
                        }));
    }

    /** Those whose password it is. */
    private List<Candidate> matching(Candidates candidates, String password) {
        List<Candidate> matching = new ArrayList<>();
        for (int i = 0; i < candidates.hashes; i++) {
            boolean may = i < candidates.all.size() && candidates.all.get(i).maySignIn();
            if (Passwords.matches(password, may ? candidates.all.get(i).user.passwordHash : nobodysHash()) && may) {
                matching.add(candidates.all.get(i));
            }
        }
        return matching;
    }

    private String nobodysHash() {
        if (nobodysHash == null) {
            nobodysHash = Passwords.hash(java.util.UUID.randomUUID().toString());
        }
        return nobodysHash;
    }

    private Uni<Sessions.Grant> start(User known, Optional<String> twoFactorCode, CurrentRequest request) {
        return transactions.write(() -> User.lock(known.accountId, known.id).chain(user -> {
            // The hashing took a while: whoever was disabled or got another password meanwhile does not get in. Held, or else a
            // session could begin beside the change that ends all sessions.
            if (user == null || user.disabledAt != null || !known.passwordHash.equals(user.passwordHash)) {
                throw invalid();
            }
            return secondFactor(user, twoFactorCode).chain(() -> {
                user.lastLoginAt = Times.now(clock);
                user.lastSeenAt = user.lastLoginAt;
                return sessions.start(user, request).call(grant -> announcer.announce(new SignInEvent(Kind.SIGNED_IN,
                        Optional.of(user.accountId), Optional.of(user.id), Optional.of(grant.sessionId()))));
            });
        }));
    }

    private Uni<Void> secondFactor(User user, Optional<String> code) {
        if (!user.twoFactorEnabled) {
            return Uni.createFrom().voidItem();
        }
        if (code.isEmpty()) {
            throw new ApiException(401, "TWO_FACTOR_REQUIRED",
                    "twoFactorCode: send the code of your authenticator application too");
        }
        return twoFactor.accept(user, code.get()).invoke(accepted -> {
            if (!accepted) {
                throw new ApiException(401, WRONG_CODE,
                        "twoFactorCode: it is wrong, or was used already: wait for the next one");
            }
        }).replaceWithVoid();
    }
}
