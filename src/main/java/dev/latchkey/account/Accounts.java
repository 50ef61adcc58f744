package dev.latchkey.account;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.account.AccountEvent.Resource;
import dev.latchkey.platform.AddressRange;
import dev.latchkey.platform.Announcer;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Caller;
import dev.latchkey.platform.Change;
import dev.latchkey.platform.Ids;
import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.Times;
import dev.latchkey.platform.database.Transactions;
import dev.latchkey.platform.database.UniqueViolation;
import dev.latchkey.scope.ScopeCatalogue;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.mutiny.Uni;

/** Makes accounts, changes what is known of them and what they demand of tokens, and ends them. */
@ApplicationScoped
public class Accounts {

    /** How long a deleted account can be brought back, by whoever runs the service. */
    static final Duration KEPT = Duration.ofDays(30);
    static final Pattern ALIAS = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");

    /** Says so to the event log's trigger, until the transaction ends. */
    private static final String PURGING = "SELECT set_config('latchkey.purge', 'on', true)";
    /** By the index account_purge. One server takes it, the others take the next. */
    private static final String ENDED = """
            SELECT id FROM account WHERE purge_after <= :now ORDER BY purge_after LIMIT 1 FOR UPDATE SKIP LOCKED
            """;
    private static final int PIECE = 2_000;
    /** What an account has most of, a piece at a time, by the indexes on account_id. */
    private static final List<String> PIECES = List.of(
            "DELETE FROM personal_access_token WHERE ctid IN (SELECT ctid FROM personal_access_token WHERE account_id = :account LIMIT "
                    + PIECE + ")",
            """
                    DELETE FROM event_log e USING (
                        SELECT id, created_at FROM event_log WHERE account_id = :account ORDER BY created_at, id LIMIT\s"""
                    + PIECE + """
                            ) AS piece WHERE e.created_at = piece.created_at AND e.id = piece.id
                            """);
    private static final String DELETE = "DELETE FROM account WHERE id = :account";

    private final Transactions transactions;
    private final ScopeCatalogue catalogue;
    private final PolicyBreaches breaches;
    private final Announcer announcer;
    private final Clock clock;
    private final boolean hasDatabase;

    public Accounts(Transactions transactions, ScopeCatalogue catalogue, PolicyBreaches breaches, Announcer announcer,
            Clock clock,
            LatchkeyConfig config) {
        this.transactions = transactions;
        this.catalogue = catalogue;
        this.breaches = breaches;
        this.announcer = announcer;
        this.clock = clock;
        this.hasDatabase = config.role() == LatchkeyConfig.Role.SERVER;
    }

    /** Part of a session that the caller opens; 404 for any account but the caller's. */
    Uni<Account> own(Caller caller, UUID id) {
        if (!id.equals(caller.accountId())) {
            throw ApiException.notFound();
        }
        return Account.<Account> findById(id).onItem().ifNull().failWith(ApiException::notFound);
    }

    /** Part of a transaction that the caller opens, as what follows. */
    Uni<AccountView> create(AccountRequests.Create wanted, String passwordHash) {
        Account account = new Account();
        account.id = Ids.next();
        account.alias = alias(wanted.alias());
        account.company = wanted.company().strip();
        account.email = Users.address(wanted.email());
        account.createdAt = Times.now(clock);
        account.updatedAt = account.createdAt;
        User user = new User();
        user.id = Ids.next();
        user.accountId = account.id;
        user.email = account.email;
        user.firstName = wanted.firstName() == null ? "" : wanted.firstName().strip();
        user.lastName = wanted.lastName() == null ? "" : wanted.lastName().strip();
        user.company = account.company;
        user.passwordHash = passwordHash;
        user.createdAt = account.createdAt;
        user.updatedAt = account.createdAt;
        Uni<Void> roles = Uni.createFrom().voidItem();
        for (ReservedRole reserved : ReservedRole.values()) {
            Role role = new Role();
            role.id = Ids.next();
            role.accountId = account.id;
            role.name = reserved.roleName();
            role.description = reserved.description();
            role.scopes = reserved.scopes(catalogue).toArray(String[]::new);
            role.reserved = true;
            role.createdAt = account.createdAt;
            role.updatedAt = account.createdAt;
            if (reserved == ReservedRole.SUPER_ADMIN) {
                user.roleId = role.id;
            }
            roles = roles.chain(role::persist).replaceWithVoid();
        }
        Uni<Void> allRoles = roles;
        return account.<Account> persistAndFlush()
                .onFailure(UniqueViolation.of("account_alias")).transform(taken -> aliasTaken(account.alias))
                .chain(() -> allRoles).chain(() -> user.persistAndFlush())
                .chain(() -> announcer.announce(
                        AccountEvent.byService(Resource.ACCOUNT, "created", account.id, account.id, List.of())))
                .chain(() -> announcer.announce(
                        AccountEvent.byService(Resource.USER, "created", account.id, user.id, List.of())))
                .replaceWith(() -> AccountView.of(account));
    }

    Uni<AccountView> change(Caller caller, UUID id, AccountRequests.Change wanted) {
        boolean shorten = wanted.existingTokens != null && switch (wanted.existingTokens.orElse("")) {
            case AccountRequests.KEEP -> false;
            case AccountRequests.SHORTEN -> true;
            default -> throw ApiException.invalid("existingTokens", "must be keep or shorten");
        };
        return lock(caller, id).chain(account -> {
            List<Change> changes = new ArrayList<>();
            describe(account, wanted, changes);
            if (wanted.tokenPolicy != null) {
                tighten(account, wanted.tokenPolicy.orElseThrow(() -> ApiException.invalid("tokenPolicy", "cannot be null")),
                        changes);
            }
            if (changes.isEmpty() && !shorten) {
                return Uni.createFrom().item(AccountView.of(account));
            }
            account.updatedAt = Times.now(clock);
            String alias = account.alias;
            return account.flush().onFailure(UniqueViolation.of("account_alias")).transform(taken -> aliasTaken(alias))
                    .chain(() -> shorten ? breaches.shorten(id) : Uni.createFrom().item(0))
                    .invoke(shortened -> Change.note(changes, "shortenedTokens", 0, shortened))
                    .chain(() -> announcer.announce(
                            AccountEvent.affectingCredentials(Resource.ACCOUNT, "updated", id, caller, changes)))
                    .replaceWith(() -> AccountView.of(account));
        });
    }

    /** What a policy would break, without it being in force: the transaction that the caller opens must not commit. */
    Uni<PolicyBreaches.Preview> preview(Caller caller, UUID id, AccountRequests.Policy wanted) {
        return lock(caller, id).chain(account -> {
            tighten(account, wanted, new ArrayList<>());
            return account.flush().chain(() -> breaches.preview(id));
        });
    }

    private static void describe(Account account, AccountRequests.Change wanted, List<Change> changes) {
        if (wanted.company != null) {
            String company = wanted.company.orElseThrow(() -> ApiException.invalid("company", "cannot be empty")).strip();
            Change.note(changes, "company", account.company, company);
            account.company = company;
        }
        if (wanted.email != null) {
            String email = Users.address(wanted.email.orElseThrow(() -> ApiException.invalid("email", "cannot be empty")));
            Change.note(changes, "email", account.email, email);
            account.email = email;
        }
        if (wanted.alias != null) {
            String alias = alias(wanted.alias.orElseThrow(() -> ApiException.invalid("alias", "cannot be empty")));
            Change.note(changes, "alias", account.alias, alias);
            account.alias = alias;
        }
        if (wanted.website != null) {
            String website = website(wanted.website.orElse(""));
            Change.note(changes, "website", account.website, website);
            account.website = website;
        }
    }

    private void tighten(Account account, AccountRequests.Policy wanted, List<Change> changes) {
        if (wanted.maxLifetimeSeconds != null) {
            Long seconds = wanted.maxLifetimeSeconds.orElse(null);
            Change.note(changes, "tokenPolicy.maxLifetimeSeconds", account.maxTokenLifetimeSeconds, seconds);
            account.maxTokenLifetimeSeconds = seconds;
        }
        if (wanted.expiryRequired != null) {
            boolean required = wanted.expiryRequired.orElse(false);
            Change.note(changes, "tokenPolicy.expiryRequired", account.tokenExpiryRequired, required);
            account.tokenExpiryRequired = required;
        }
        if (wanted.allowedIps != null) {
            String[] ranges = ranges(wanted.allowedIps.orElse(List.of()));
            Change.note(changes, "tokenPolicy.allowedIps", list(account.tokenAllowedIps), list(ranges));
            account.tokenAllowedIps = ranges;
        }
        if (wanted.deniedScopes != null) {
            String[] denied = catalogue.parse("tokenPolicy.deniedScopes", wanted.deniedScopes.orElse(List.of()))
                    .toArray(String[]::new);
            Change.note(changes, "tokenPolicy.deniedScopes", list(account.tokenDeniedScopes), list(denied));
            account.tokenDeniedScopes = denied;
        }
        if (wanted.maxIdleDays != null) {
            Integer days = wanted.maxIdleDays.orElse(null);
            Change.note(changes, "tokenPolicy.maxIdleDays", account.tokenMaxIdleDays, days);
            account.tokenMaxIdleDays = days;
        }
        if (wanted.tokensPerUser != null) {
            int tokens = wanted.tokensPerUser
                    .orElseThrow(() -> ApiException.invalid("tokenPolicy.tokensPerUser", "cannot be null"));
            Change.note(changes, "tokenPolicy.tokensPerUser", account.tokensPerUser, tokens);
            account.tokensPerUser = tokens;
        }
        if (wanted.rateLimit != null) {
            Change.note(changes, "tokenPolicy.rateLimit", account.rateLimit().orElse(null), wanted.rateLimit.orElse(null));
            account.limit(wanted.rateLimit);
        }
        if (wanted.rateLimitIsMaximum != null) {
            boolean isMaximum = wanted.rateLimitIsMaximum.orElse(false);
            Change.note(changes, "tokenPolicy.rateLimitIsMaximum", account.rateLimitIsMaximum, isMaximum);
            account.rateLimitIsMaximum = isMaximum;
        }
    }

    /** Everybody in it is refused at once; what is left goes after {@link #KEPT}. */
    Uni<AccountView> delete(Caller caller, UUID id, String alias) {
        return lock(caller, id).call(account -> User.find(id, caller.userId())
                .chain(user -> Role.find(id, user.roleId)).invoke(role -> {
                    if (!role.is(ReservedRole.SUPER_ADMIN)) {
                        throw new ApiException(403, "SUPER_ADMIN_ONLY", "only a super-admin deletes the account");
                    }
                    if (!account.alias.equals(alias)) {
                        throw ApiException.invalid("alias", "is not the account's alias: repeat it to delete the account");
                    }
                })).chain(account -> {
                    Instant now = Times.now(clock);
                    account.disabledAt = now;
                    account.purgeAfter = now.plus(KEPT);
                    account.updatedAt = now;
                    return account.flush()
                            .chain(() -> announcer.announce(
                                    AccountEvent.affectingCredentials(Resource.ACCOUNT, "deleted", id, caller, List.of())))
                            .replaceWith(() -> AccountView.of(account));
                });
    }

    private static Uni<Account> lock(Caller caller, UUID id) {
        if (!id.equals(caller.accountId())) {
            throw ApiException.notFound();
        }
        return Account.lock(id).onItem().ifNull().failWith(ApiException::notFound);
    }

    /** Takes away a piece of an account that was deleted long enough ago, and the account with its last. */
    @Scheduled(every = "10s", delayed = "10s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    Uni<Void> purge() {
        if (!hasDatabase) {
            return Uni.createFrom().voidItem();
        }
        return transactions.write(() -> Panache.getSession()
                .chain(session -> session.createNativeQuery(ENDED, UUID.class).setParameter("now", Times.now(clock))
                        .getSingleResultOrNull()
                        .chain(id -> id == null ? Uni.createFrom().voidItem()
                                : session.createNativeQuery(PURGING, String.class).getSingleResult()
                                        .chain(() -> piece(id, 0)))));
    }

    private static Uni<Void> piece(UUID account, int number) {
        return Panache.getSession().chain(session -> session
                .createNativeQuery(number < PIECES.size() ? PIECES.get(number) : DELETE).setParameter("account", account)
                .executeUpdate())
                .chain(deleted -> deleted == PIECE || number == PIECES.size() ? Uni.createFrom().voidItem()
                        : piece(account, number + 1));
    }

    private static String alias(String text) {
        if (!ALIAS.matcher(text).matches()) {
            throw ApiException.invalid("alias", "must be 1 to 63 of a-z, 0-9 and -, not - at either end");
        }
        return text;
    }

    private static String website(String text) {
        String address = text.strip();
        if (address.isEmpty()) {
            return address;
        }
        try {
            URI uri = new URI(address);
            String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
            if ((scheme.equals("http") || scheme.equals("https")) && uri.getHost() != null && uri.getUserInfo() == null) {
                return address;
            }
        } catch (URISyntaxException e) {
            throw badWebsite();
        }
        throw badWebsite();
    }

    private static ApiException badWebsite() {
        return ApiException.invalid("website", "must be an address such as https://example.com");
    }

    private static String[] ranges(List<String> texts) {
        LinkedHashSet<String> ranges = new LinkedHashSet<>();
        for (int i = 0; i < texts.size(); i++) {
            int number = i;
            ranges.add(AddressRange.parse(texts.get(i).strip()).map(AddressRange::toString)
                    .orElseThrow(() -> ApiException.invalid("tokenPolicy.allowedIps[" + number + "]",
                            "is neither an IP address nor a CIDR range without host bits, such as 10.0.0.0/8 or 2001:db8::/32")));
        }
        return ranges.isEmpty() ? null : ranges.toArray(String[]::new);
    }

    private static List<String> list(String[] values) {
        return values == null ? null : List.of(values);
    }

    private static ApiException aliasTaken(String alias) {
        return new ApiException(409, "ALIAS_TAKEN", "alias: " + alias + " is taken: choose another");
    }
}
