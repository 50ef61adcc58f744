package dev.latchkey.token;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.platform.Announcer;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Caller;
import dev.latchkey.platform.Change;
import dev.latchkey.platform.Ids;
import dev.latchkey.platform.Labels;
import dev.latchkey.platform.ScopeNotGrantable;
import dev.latchkey.platform.Times;
import dev.latchkey.scope.ScopeCatalogue;
import dev.latchkey.token.TokenImportResource.Item;
import dev.latchkey.token.TokenImportResource.Outcome;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/**
 * Makes tokens of digests of values that were issued elsewhere, by the rules of issue. Part of a transaction that the caller
 * opens.
 */
@ApplicationScoped
class TokenImporter {

    private static final Pattern DIGEST = Pattern.compile("[0-9a-fA-F]{64}");

    /**
     * What nobody has yet: by the unique index on digest, and by that on replaced_digest. One statement for all, in the order
     * of the digests, so that no two imports wait for each other.
     */
    private static final String INSERT = """
            INSERT INTO personal_access_token (id, account_id, owner_id, name, description, digest, hint, scopes, allowed_ips, tags,
                                               rate_limit_requests, rate_limit_window_seconds, expires_at, created_at, updated_at)
            SELECT r.id, :account, r.owner, r.name, r.description, decode(r.digest, 'hex'), r.hint, r.scopes, r.ranges, r.tags,
                   r.requests, r.window, r.expires, :now, :now
            FROM jsonb_to_recordset(cast(cast(:rows AS text) AS jsonb)) AS r (id uuid, owner uuid, name text, description text,
                digest text, hint text, scopes text[], ranges text[], tags text[], requests integer, "window" integer,
                expires timestamptz)
            WHERE NOT EXISTS (SELECT FROM personal_access_token t WHERE t.replaced_digest = decode(r.digest, 'hex'))
            ORDER BY r.digest
            ON CONFLICT (digest) DO NOTHING RETURNING id
            """;

    private final ScopeCatalogue catalogue;
    private final TokenFormat format;
    private final Announcer announcer;
    private final Clock clock;

    TokenImporter(ScopeCatalogue catalogue, TokenFormat format, Announcer announcer, Clock clock) {
        this.catalogue = catalogue;
        this.format = format;
        this.announcer = announcer;
        this.clock = clock;
    }

    /** A token that may be made, as far as its own fields say. */
    private record Candidate(int index, String format, PersonalAccessToken token) {
    }

    Uni<Outcome> run(Caller caller, List<TokenRequests.Imported> wanted) {
        Instant now = Times.now(clock);
        Item[] results = new Item[wanted.size()];
        Set<UUID> owners = wanted.stream().map(each -> owner(caller, each)).collect(Collectors.toSet());
        return TokenPolicy.hold(caller.accountId()).chain(policy -> TokenOwner.of(caller.accountId(), owners).map(known -> {
            List<Candidate> candidates = new ArrayList<>();
            Set<String> digests = new HashSet<>();
            for (int i = 0; i < results.length; i++) {
                try {
                    PersonalAccessToken token = token(caller, wanted.get(i), known, policy, now);
                    if (!digests.add(HexFormat.of().formatHex(token.digest))) {
                        throw notImported();
                    }
                    candidates.add(new Candidate(i, wanted.get(i).format(), token));
                } catch (ApiException e) {
                    results[i] = Item.failed(i, e);
                }
            }
            return candidates;
        }).chain(candidates -> withRoom(caller, policy, candidates, results)))
                .chain(candidates -> insert(caller, candidates, results, now))
                .map(made -> new Outcome(made, Arrays.asList(results)));
    }

    private static UUID owner(Caller caller, TokenRequests.Imported wanted) {
        return wanted.userId() == null ? caller.userId() : wanted.userId();
    }

    /** @throws ApiException what speaks against it */
    private PersonalAccessToken token(Caller caller, TokenRequests.Imported wanted, Map<UUID, TokenOwner> owners,
            TokenPolicy policy,
            Instant now) {
        ForeignFormat from = format.foreign().stream().filter(each -> each.name().equals(wanted.format())).findFirst()
                .orElseThrow(() -> ApiException.invalid("format",
                        "is not declared: use one of GET /v3/personal-access-tokens/import/formats, or ask the operator"));
        if (!DIGEST.matcher(wanted.digest()).matches()) {
            throw ApiException.invalid("digest", "must be the SHA-256 of the token's text, as 64 hex digits");
        }
        UUID owner = owner(caller, wanted);
        requireMayOwn(caller, owner, Optional.ofNullable(owners.get(owner)));
        Grant grant = new Grant(catalogue.parse("scopes", wanted.scopes()), wanted.expiresAt(),
                Grant.ranges(wanted.allowedIps()),
                Optional.ofNullable(wanted.rateLimit()));
        grant.requireWithin(caller);
        policy.require(grant, now);
        PersonalAccessToken token = new PersonalAccessToken();
        token.id = Ids.next();
        token.accountId = caller.accountId();
        token.ownerId = owner;
        token.name = wanted.name().strip();
        token.description = TokenIssuer.textOrNull(wanted.description());
        token.digest = HexFormat.of().parseHex(wanted.digest());
        token.hint = from.prefix() + "…";
        token.scopes = grant.scopeArray();
        token.allowedIps = grant.rangeArray();
        token.limit(grant.rateLimit());
        token.tags = Labels.of(wanted.tags());
        token.expiresAt = grant.expiresAt();
        return token;
    }

    /** Whoever imports may know the value, and act with it in the owner's name: only what they could do themselves. */
    private static void requireMayOwn(Caller caller, UUID owner, Optional<TokenOwner> known) {
        if (owner.equals(caller.userId())) {
            return;
        }
        if (known.isEmpty() || !caller.holds(ScopeCatalogue.USER_WRITE)) {
            throw ApiException.invalid("userId",
                    "is no user of the account whom you may act on: leave it away, or ask an administrator");
        }
        if (!caller.scopes().containsAll(known.get().roleScopes())) {
            throw new ScopeNotGrantable("userId: this user may do more than you: ask an administrator");
        }
    }

    /** Without those of owners who would have too many. */
    private Uni<List<Candidate>> withRoom(Caller caller, TokenPolicy policy, List<Candidate> candidates, Item[] results) {
        // In one order for all, because each owner is held.
        Map<UUID, List<Candidate>> byOwner = candidates.stream().sorted((a, b) -> a.token.ownerId.compareTo(b.token.ownerId))
                .collect(Collectors.groupingBy(each -> each.token.ownerId, LinkedHashMap::new, Collectors.toList()));
        List<Candidate> fitting = new ArrayList<>();
        Uni<Void> all = Uni.createFrom().voidItem();
        for (Map.Entry<UUID, List<Candidate>> owned : byOwner.entrySet()) {
            all = all.chain(() -> policy.requireRoom(caller.accountId(), owned.getKey(), owned.getValue().size(), clock)
                    .invoke(() -> fitting.addAll(owned.getValue()))
                    .onFailure(ApiException.class).recoverWithUni(tooMany -> {
                        owned.getValue().forEach(each -> results[each.index] = Item.failed(each.index, (ApiException) tooMany));
                        return Uni.createFrom().voidItem();
                    }));
        }
        return all.replaceWith(fitting);
    }

    private Uni<Integer> insert(Caller caller, List<Candidate> candidates, Item[] results, Instant now) {
        if (candidates.isEmpty()) {
            return Uni.createFrom().item(0);
        }
        JsonArray rows = new JsonArray();
        candidates.forEach(each -> rows.add(row(each.token)));
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(INSERT, UUID.class).setParameter("account", caller.accountId())
                        .setParameter("now", now).setParameter("rows", rows.encode()).getResultList())
                .chain(ids -> {
                    Set<UUID> made = new HashSet<>(ids);
                    Uni<Void> told = Uni.createFrom().voidItem();
                    for (Candidate each : candidates) {
                        if (made.contains(each.token.id)) {
                            results[each.index] = Item.made(each.index, each.token.id);
                            List<Change> changes = new ArrayList<>(TokenIssuer.created(each.token));
                            Change.note(changes, "format", null, each.format);
                            told = told.chain(() -> announcer
                                    .announce(new TokenEvent(TokenEvent.Kind.CREATED, each.token.id, caller, changes)));
                        } else {
                            results[each.index] = Item.failed(each.index, notImported());
                        }
                    }
                    return told.replaceWith(made.size());
                });
    }

    private static JsonObject row(PersonalAccessToken token) {
        return new JsonObject().put("id", token.id.toString()).put("owner", token.ownerId.toString()).put("name", token.name)
                .put("description", token.description).put("digest", HexFormat.of().formatHex(token.digest))
                .put("hint", token.hint)
                .put("scopes", new JsonArray(Arrays.asList(token.scopes)))
                .put("ranges", token.allowedIps == null ? null : new JsonArray(Arrays.asList(token.allowedIps)))
                .put("tags", new JsonArray(Arrays.asList(token.tags))).put("requests", token.rateLimitRequests)
                .put("window", token.rateLimitWindowSeconds)
                .put("expires", token.expiresAt == null ? null : token.expiresAt.toString());
    }

    /** The same whoever has it: a digest of another account must not be found out. */
    private static ApiException notImported() {
        return new ApiException(409, "NOT_IMPORTED",
                "this digest cannot be imported: it may be known already; give the client a new token");
    }
}
