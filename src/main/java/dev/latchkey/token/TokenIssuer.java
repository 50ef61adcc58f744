package dev.latchkey.token;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.platform.Announcer;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Caller;
import dev.latchkey.platform.Change;
import dev.latchkey.platform.Ids;
import dev.latchkey.platform.Labels;
import dev.latchkey.platform.Times;
import dev.latchkey.scope.ScopeCatalogue;
import dev.latchkey.token.TokenEvent.Kind;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;

/**
 * Creates, changes, rotates, revokes and deletes tokens, by the rules of issue. Each method is part of a
 * transaction that the caller opens, and writes each step under a lock on the token's row: what it decided on
 * cannot change before it commits.
 */
@ApplicationScoped
public class TokenIssuer {

    /**
     * Holds the token that makes another against its revocation: a revocation that takes descendants along either
     * waits for the new one and finds it, or comes first and makes this find nothing.
     */
    private static final String HOLD = """
            SELECT * FROM personal_access_token
            WHERE id = :id AND revoked_at IS NULL
              AND (digest = :digest OR replaced_digest = :digest AND replaced_until > :now)
            FOR SHARE
            """;

    /** Both tokens of a request that needs two, in one order for all, so that no two requests wait for each other. */
    private static final String LOCK_IN_ORDER = """
            SELECT id FROM personal_access_token WHERE id IN (:first, :second) AND account_id = :account ORDER BY id FOR UPDATE
            """;

    /** By the index personal_access_token_parent, level by level. */
    private static final String REVOKE_DESCENDANTS = """
            WITH RECURSIVE descendant AS (
                SELECT id FROM personal_access_token WHERE parent_id = :id AND account_id = :account
                UNION
                SELECT t.id FROM personal_access_token t JOIN descendant d ON t.parent_id = d.id
            )
            UPDATE personal_access_token SET revoked_at = :now, updated_at = :now
            WHERE id IN (SELECT id FROM descendant) AND revoked_at IS NULL
            RETURNING id
            """;

    /**
     * By the index personal_access_token_parent. A deleted token's descendants become its maker's: or else whoever
     * made the deleted one could no longer be revoked together with all that came of it.
     */
    private static final String ADOPT_CHILDREN = """
            UPDATE personal_access_token SET parent_id = (SELECT parent_id FROM personal_access_token WHERE id = :id)
            WHERE parent_id = :id AND account_id = :account
            """;

    private static final String IDLE = """
            SELECT t.* FROM account a
            JOIN personal_access_token t ON t.account_id = a.id
            LEFT JOIN token_usage u ON u.token_id = t.id
            WHERE a.token_max_idle_days IS NOT NULL AND a.disabled_at IS NULL AND t.revoked_at IS NULL
              AND (t.expires_at IS NULL OR t.expires_at > :now)
              AND greatest(t.created_at, u.last_used_at) < cast(:now AS timestamptz) - a.token_max_idle_days * interval '1 day'
            LIMIT 200 FOR UPDATE OF t SKIP LOCKED
            """;
    /** As many as that takes. */
    static final int IDLE_BATCH = 200;

    /**
     * A token whose text may be shown.
     *
     * @param secret the text; null when it was shown before
     */
    record Issued(PersonalAccessToken token, String secret) {
        UUID id() {
            return token.id;
        }
    }

    private final ScopeCatalogue catalogue;
    private final TokenFormat format;
    private final Announcer announcer;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    public TokenIssuer(ScopeCatalogue catalogue, TokenFormat format, Announcer announcer, Clock clock) {
        this.catalogue = catalogue;
        this.format = format;
        this.announcer = announcer;
        this.clock = clock;
    }

    /** Makes a token of the caller's. */
    Uni<Issued> create(Caller caller, TokenRequests.Create wanted) {
        return Uni.createFrom().deferred(() -> {
            Instant now = Times.now(clock);
            Grant grant = new Grant(catalogue.parse("scopes", wanted.scopes()), wanted.expiresAt(),
                    Grant.ranges(wanted.allowedIps()), Optional.ofNullable(wanted.rateLimit()));
            String secret = format.generate(random);
            PersonalAccessToken token = new PersonalAccessToken();
            token.id = Ids.next();
            token.accountId = caller.accountId();
            token.ownerId = caller.userId();
            token.parentId = caller.token().map(Caller.Token::id).orElse(null);
            token.name = wanted.name().strip();
            token.description = textOrNull(wanted.description());
            setValue(token, secret);
            token.scopes = grant.scopeArray();
            token.allowedIps = grant.rangeArray();
            token.limit(grant.rateLimit());
            token.tags = Labels.of(wanted.tags());
            token.expiresAt = grant.expiresAt();
            token.createdAt = now;
            token.updatedAt = now;
            return TokenPolicy.hold(caller.accountId())
                    .chain(policy -> holdCredential(caller, false).chain(own -> {
                        grant.requireWithin(caller);
                        own.ifPresent(grant::requireUseWithin);
                        policy.require(grant, now);
                        return policy.requireRoom(caller.accountId(), caller.userId(), 1, clock);
                    }))
                    .chain(() -> token.<PersonalAccessToken> persistAndFlush())
                    .call(() -> announce(Kind.CREATED, token, caller, created(token)))
                    .replaceWith(new Issued(token, secret));
        });
    }

    /** Edits, shrinks or revokes a token. */
    Uni<PersonalAccessToken> change(Caller caller, UUID id, TokenRequests.Change wanted, boolean cascade) {
        Uni<Optional<TokenPolicy>> held = wanted.changesUse()
                ? TokenPolicy.hold(caller.accountId()).map(Optional::of)
                : Uni.createFrom().item(Optional.empty());
        return held.chain(policy -> lock(caller, id).chain(token -> {
            if (wanted.editsFields()) {
                requireOwner(caller, token);
            }
            if (wanted.revoked != null && wanted.revoked.isEmpty()) {
                throw ApiException.invalid("revoked", "must be true or false");
            }
            boolean revoke = wanted.revoked != null && wanted.revoked.get();
            if (wanted.revoked != null && !revoke && token.revokedAt != null) {
                throw revoked("revocation is irreversible: create another token");
            }
            // What the token that asks has is read before anything is edited: it may be this one.
            Uni<Void> edited = wanted.editsFields()
                    ? holdCredential(caller, false).chain(own -> edit(caller, token, wanted, policy, own))
                    : Uni.createFrom().voidItem();
            return edited.chain(() -> revoke ? revoke(caller, token, cascade) : Uni.createFrom().voidItem()).replaceWith(token);
        }));
    }

    /**
     * @param policy the account's, where it changes from where or how often the token may be used
     * @param own of the token that asks
     */
    private Uni<Void> edit(Caller caller, PersonalAccessToken token, TokenRequests.Change wanted, Optional<TokenPolicy> policy,
            Optional<Grant> own) {
        Grant before = Grant.of(token);
        List<Change> changes = edit(token, wanted);
        policy.ifPresent(demanded -> {
            Grant grant = Grant.of(token);
            if (!grant.isUseWithin(before)) {
                grant.requireWithin(caller);
                own.ifPresent(grant::requireUseWithin);
            }
            demanded.requireUse(grant);
        });
        if (changes.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        token.updatedAt = Times.now(clock);
        return announce(Kind.UPDATED, token, caller, changes);
    }

    private List<Change> edit(PersonalAccessToken token, TokenRequests.Change wanted) {
        List<Change> changes = new ArrayList<>();
        if (wanted.name != null) {
            String name = wanted.name
                    .orElseThrow(() -> ApiException.invalid("name", "cannot be empty: leave it away to keep it")).strip();
            Change.note(changes, "name", token.name, name);
            token.name = name;
        }
        if (wanted.description != null) {
            String description = textOrNull(wanted.description.orElse(null));
            Change.note(changes, "description", token.description, description);
            token.description = description;
        }
        if (wanted.tags != null) {
            String[] tags = Labels.of(wanted.tags.orElse(null));
            Change.note(changes, "tags", List.of(token.tags), List.of(tags));
            token.tags = tags;
        }
        if (wanted.scopes != null) {
            SortedSet<String> scopes = catalogue.parse("scopes", wanted.scopes.orElse(List.of()));
            if (scopes.isEmpty()) {
                throw ApiException.invalid("scopes", "cannot be empty: revoke the token instead");
            }
            SortedSet<String> more = new TreeSet<>(scopes);
            more.removeAll(Arrays.asList(token.scopes));
            if (!more.isEmpty()) {
                throw new dev.latchkey.platform.ScopeNotGrantable("scopes may only become fewer; the token does not have "
                        + String.join(", ", more) + ": create another token");
            }
            Change.note(changes, "scopes", List.of(token.scopes), List.copyOf(scopes));
            token.scopes = scopes.toArray(String[]::new);
        }
        if (wanted.allowedIps != null) {
            String[] ranges = Grant.rangeArray(Grant.ranges(wanted.allowedIps.orElse(null)));
            Change.note(changes, "allowedIps", asList(token.allowedIps), asList(ranges));
            token.allowedIps = ranges;
        }
        if (wanted.rateLimit != null) {
            Change.note(changes, "rateLimit", token.rateLimit().orElse(null), wanted.rateLimit.orElse(null));
            token.limit(wanted.rateLimit);
        }
        return changes;
    }

    /**
     * Gives a token a new value, and the old value a grace period. Refused for another's token, whoever asks: it
     * discloses a secret that acts in the owner's name.
     */
    Uni<Issued> rotate(Caller caller, UUID id, TokenRequests.Rotate wanted) {
        return TokenPolicy.hold(caller.accountId()).chain(policy -> lock(caller, id).chain(token -> {
            Instant now = Times.now(clock);
            requireOwner(caller, token);
            switch (token.status(now)) {
                case REVOKED -> throw revoked("a revoked token cannot be rotated: create another token");
                case EXPIRED -> throw new ApiException(409, "TOKEN_EXPIRED",
                        "an expired token cannot be rotated: create another token");
                case ACTIVE -> {
                }
            }
            Instant oldExpiry = token.expiresAt;
            Instant newExpiry = wanted.expiresAt() == null ? oldExpiry : wanted.expiresAt();
            Grant old = Grant.of(token);
            Grant renewed = new Grant(old.scopes(), newExpiry, old.ranges(), old.rateLimit());
            long graceSeconds = wanted.gracePeriodSeconds() == null ? 0 : wanted.gracePeriodSeconds();
            renewed.requireWithin(caller);
            return holdCredential(caller, true).invoke(own -> {
                own.ifPresent(renewed::requireUseWithin);
                policy.require(renewed, now);
            })
                    .chain(() -> {
                        List<Change> changes = new ArrayList<>();
                        Change.note(changes, "hint", token.hint, null);
                        if (graceSeconds > 0) {
                            Instant graceEnd = now.plusSeconds(graceSeconds);
                            token.replacedDigest = token.digest;
                            token.replacedUntil = Stream.of(graceEnd, oldExpiry, newExpiry).filter(Objects::nonNull)
                                    .min(Comparator.naturalOrder()).orElseThrow();
                            changes.add(new Change("replacedUntil", null, token.replacedUntil));
                        } else {
                            token.replacedDigest = null;
                            token.replacedUntil = null;
                        }
                        String secret = format.generate(random);
                        setValue(token, secret);
                        changes.set(0, new Change("hint", changes.get(0).oldValue(), token.hint));
                        Change.note(changes, "expiresAt", oldExpiry, newExpiry);
                        token.expiresAt = newExpiry;
                        token.updatedAt = now;
                        return token.<PersonalAccessToken> persistAndFlush()
                                .call(() -> announce(Kind.ROTATED, token, caller, changes))
                                .replaceWith(new Issued(token, secret));
                    });
        }));
    }

    /** A token ends itself, and by default what it made. */
    Uni<Void> revokeSelf(Caller caller, boolean cascade) {
        UUID id = caller.token().orElseThrow().id();
        return lock(caller, id).chain(token -> revoke(caller, token, cascade));
    }

    /**
     * Ends the token with that value, and what it made, for whoever holds it: whatever state it is in, and wherever
     * they are. Does nothing if there is no such token, or the value was replaced and its grace is over: a dead
     * value must not harm the one that replaced it.
     */
    public Uni<Void> revokeValue(TokenDigest digest) {
        return PersonalAccessToken.lock(digest, Times.now(clock)).chain(token -> {
            if (token == null) {
                return Uni.createFrom().voidItem();
            }
            return revoke(itself(token), token, true);
        });
    }

    /**
     * Ends the token with that value, and what it made, because it was found where it should not be; its owner is told where.
     * Does
     * nothing if there is no such token.
     *
     * @param found what whoever found it says of that: not to be trusted
     */
    Uni<Void> revokeLeaked(TokenDigest digest, List<Change> found) {
        return PersonalAccessToken.lock(digest, Times.now(clock)).chain(token -> {
            if (token == null) {
                return Uni.createFrom().voidItem();
            }
            Caller possessor = itself(token);
            Uni<Void> told = token.revokedAt != null ? Uni.createFrom().voidItem()
                    : announce(Kind.LEAKED, token, possessor, found);
            return told.chain(() -> revoke(possessor, token, true));
        });
    }

    /**
     * Ends tokens that were not used for as long as their accounts allow, some at a time; answers how many. By the
     * indexes account_idle, personal_access_token_created and token_usage's primary key.
     */
    Uni<Integer> revokeIdle() {
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(IDLE, PersonalAccessToken.class)
                        .setParameter("now", Times.now(clock))
                        .getResultList())
                .chain(idle -> {
                    Uni<Void> all = Uni.createFrom().voidItem();
                    for (PersonalAccessToken token : idle) {
                        token.revokedAt = Times.now(clock);
                        token.updatedAt = token.revokedAt;
                        all = all.chain(() -> announce(Kind.REVOKED, token, itself(token),
                                List.of(new Change("reason", null, "not used for as long as the account allows"))));
                    }
                    return all.replaceWith(idle.size());
                });
    }

    private static Caller itself(PersonalAccessToken token) {
        return new Caller(token.accountId, token.ownerId, Set.of(), new Caller.Token(token.id, token.digest,
                Optional.ofNullable(token.expiresAt)));
    }

    Uni<Void> delete(Caller caller, UUID id, boolean cascade) {
        return lock(caller, id).chain(token -> (cascade ? revokeDescendants(caller, token) : Uni.createFrom().voidItem())
                .chain(() -> Panache.getSession())
                .chain(session -> session.createNativeQuery(ADOPT_CHILDREN).setParameter("id", token.id)
                        .setParameter("account", token.accountId).executeUpdate())
                .chain(() -> announce(Kind.DELETED, token, caller, List.of()))
                .chain(() -> PersonalAccessToken.delete("id", token.id)).replaceWithVoid());
    }

    private Uni<Void> revoke(Caller caller, PersonalAccessToken token, boolean cascade) {
        Uni<Void> revoked = Uni.createFrom().voidItem();
        if (token.revokedAt == null) {
            token.revokedAt = Times.now(clock);
            token.updatedAt = token.revokedAt;
            revoked = token.flush().chain(() -> announce(Kind.REVOKED, token, caller, List.of()));
        }
        return cascade ? revoked.chain(() -> revokeDescendants(caller, token)) : revoked;
    }

    private Uni<Void> revokeDescendants(Caller caller, PersonalAccessToken token) {
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(REVOKE_DESCENDANTS, UUID.class).setParameter("id", token.id)
                        .setParameter("account", token.accountId).setParameter("now", Times.now(clock)).getResultList())
                .chain(ids -> {
                    if (ids.isEmpty()) {
                        return Uni.createFrom().voidItem();
                    }
                    Uni<Void> all = Uni.createFrom().voidItem();
                    for (UUID id : ids) {
                        all = all.chain(() -> announcer.announce(new TokenEvent(Kind.REVOKED, id, caller, List.of())));
                    }
                    // While this waited for a token that was just making another, it could not see that other: look again.
                    return all.chain(() -> revokeDescendants(caller, token));
                });
    }

    /** The token, if the caller may see it; 404 if not, or if there is none. */
    private static Uni<PersonalAccessToken> lock(Caller caller, UUID id) {
        Uni<?> ordered = caller.token().filter(token -> !token.id().equals(id)).isEmpty() ? Uni.createFrom().voidItem()
                : Panache.getSession().chain(session -> session.createNativeQuery(LOCK_IN_ORDER, UUID.class)
                        .setParameter("first", caller.token().get().id()).setParameter("second", id)
                        .setParameter("account", caller.accountId()).getResultList());
        return ordered
                .chain(() -> PersonalAccessToken.lock(caller.accountId(), id).map(token -> requireVisible(caller, token)));
    }

    /** Own tokens, and with {@code user:write} everyone's in the account; a token always sees itself. */
    static PersonalAccessToken requireVisible(Caller caller, PersonalAccessToken token) {
        if (token == null || !token.ownerId.equals(caller.userId()) && !caller.holds(ScopeCatalogue.USER_WRITE)) {
            throw ApiException.notFound();
        }
        return token;
    }

    private static void requireOwner(Caller caller, PersonalAccessToken token) {
        if (!token.ownerId.equals(caller.userId())) {
            throw new ApiException(403, "NOT_TOKEN_OWNER",
                    "only the owner edits or rotates a token: revoke or delete it, or ask the owner");
        }
    }

    private static ApiException revoked(String message) {
        return new ApiException(409, "TOKEN_REVOKED", message);
    }

    /**
     * Holds the token that asks until the transaction ends.
     *
     * @param currentValue whether it must be the token's current value: one that was rotated out may create in its grace, but
     *        not rotate, or a leaked value would take the token over from the value it was replaced by
     * @return what it permits itself, whatever the account says; empty: no token asks
     */
    private Uni<Optional<Grant>> holdCredential(Caller caller, boolean currentValue) {
        if (caller.token().isEmpty()) {
            return Uni.createFrom().item(Optional.empty());
        }
        Caller.Token token = caller.token().get();
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(HOLD, PersonalAccessToken.class).setParameter("id", token.id())
                        .setParameter("digest", token.valueDigest()).setParameter("now", Times.now(clock)).getResultList())
                .map(held -> {
                    if (held.isEmpty()) {
                        throw revoked(
                                "the token that asks was revoked or rotated meanwhile: use its current value, or another");
                    }
                    if (currentValue && !Arrays.equals(held.get(0).digest, token.valueDigest())) {
                        throw new ApiException(409, "TOKEN_ROTATED",
                                "this value of the token was replaced: use the current one to rotate it");
                    }
                    return Optional.of(Grant.of(held.get(0)));
                });
    }

    private void setValue(PersonalAccessToken token, String secret) {
        token.digest = TokenDigest.of(secret).bytes();
        token.hint = format.hint(secret);
    }

    private Uni<Void> announce(Kind kind, PersonalAccessToken token, Caller caller, List<Change> changes) {
        return announcer.announce(new TokenEvent(kind, token.id, caller, changes));
    }

    /** What the event log says of a new one. */
    static List<Change> created(PersonalAccessToken token) {
        List<Change> changes = new ArrayList<>();
        Change.note(changes, "name", null, token.name);
        Change.note(changes, "scopes", null, List.of(token.scopes));
        Change.note(changes, "expiresAt", null, token.expiresAt);
        Change.note(changes, "allowedIps", null, asList(token.allowedIps));
        Change.note(changes, "tags", List.of(), List.of(token.tags));
        Change.note(changes, "rateLimit", null, token.rateLimit().orElse(null));
        return changes;
    }

    private static List<String> asList(String[] values) {
        return values == null ? null : List.of(values);
    }

    /** Without white space around it; null if there is nothing else. */
    static String textOrNull(String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }
}
