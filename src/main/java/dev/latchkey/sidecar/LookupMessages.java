package dev.latchkey.sidecar;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import dev.latchkey.platform.AddressRange;
import dev.latchkey.platform.RateLimit;
import dev.latchkey.token.TokenDigest;
import dev.latchkey.verification.CredentialLookup.Standing;
import dev.latchkey.verification.SharedScopes;
import dev.latchkey.verification.TokenRecord;
import dev.latchkey.verification.VerifiedToken;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Bodies of {@code POST /internal/lookup}. Whatever is not well-formed is an {@link IllegalArgumentException}. */
final class LookupMessages {

    /** Digests in one request. */
    static final int MOST = 256;

    private LookupMessages() {
    }

    /** @param standing whether the sidecar found the token before */
    record Asked(TokenDigest digest, Standing standing) {
    }

    /**
     * What a server knows of one digest.
     *
     * @param isKnown false: it could not be asked, and another server may be
     * @param token empty: there is none, or it is another account's
     */
    record Answer(boolean isKnown, Optional<TokenRecord> token) {
        static final Answer UNAVAILABLE = new Answer(false, Optional.empty());
    }

    /**
     * The answers, in the order of the questions.
     *
     * @param hasLease whether the server itself has fresh evidence that it hears of changes
     */
    record Answers(boolean hasLease, List<Answer> answers) {
    }

    static JsonObject question(List<Asked> asked) {
        JsonArray tokens = new JsonArray();
        for (Asked one : asked) {
            tokens.add(new JsonObject().put("digest", encode(one.digest)).put("known", one.standing == Standing.KNOWN));
        }
        return new JsonObject().put("tokens", tokens);
    }

    static List<Asked> asked(JsonObject question) {
        JsonArray tokens = present(question.getValue("tokens"), JsonArray.class, "tokens");
        if (tokens.size() > MOST) {
            throw new IllegalArgumentException("tokens: are more than " + MOST + ": ask in several requests");
        }
        List<Asked> asked = new ArrayList<>(tokens.size());
        for (Object each : tokens) {
            JsonObject one = present(each, JsonObject.class, "tokens");
            asked.add(new Asked(decode(present(one.getValue("digest"), String.class, "digest")),
                    one.getBoolean("known", false) ? Standing.KNOWN : Standing.NEW));
        }
        return asked;
    }

    static JsonObject answer(Answers answers) {
        JsonArray tokens = new JsonArray();
        answers.answers.forEach(answer -> tokens.add(answer.isKnown ? answer.token.map(LookupMessages::token).orElse(null)
                : new JsonObject().put("unavailable", true)));
        return new JsonObject().put("lease", answers.hasLease).put("tokens", tokens);
    }

    private static JsonObject token(TokenRecord record) {
        VerifiedToken granted = record.granted();
        JsonObject json = new JsonObject().put("id", record.id().toString()).put("user", record.userId().toString())
                .put("role", record.roleId().toString()).put("account", record.accountId().toString())
                .put("scopes", new JsonArray(List.copyOf(granted.scopes())));
        granted.validUntil().ifPresent(end -> json.put("validUntil", end.toString()));
        if (!granted.allowedIps().isEmpty()) {
            json.put("allowedIps", new JsonArray(granted.allowedIps().stream().map(AddressRange::toString).toList()));
        }
        record.rateLimit().ifPresent(limit -> json.put("rateLimit",
                new JsonObject().put("requests", limit.requests()).put("window", limit.window())));
        if (record.revoked()) {
            json.put("revoked", true);
        }
        if (record.ownerDisabled()) {
            json.put("ownerDisabled", true);
        }
        return json;
    }

    /** @param asked what was asked, to which the answers belong one by one */
    static Answers answers(JsonObject body, List<TokenDigest> asked, SharedScopes shared) {
        JsonArray tokens = present(body.getValue("tokens"), JsonArray.class, "tokens");
        if (tokens.size() != asked.size()) {
            throw new IllegalArgumentException("tokens: are not as many as were asked for");
        }
        List<Answer> answers = new ArrayList<>(tokens.size());
        for (int i = 0; i < tokens.size(); i++) {
            JsonObject token = tokens.getJsonObject(i);
            if (token == null) {
                answers.add(new Answer(true, Optional.empty()));
            } else if (token.getBoolean("unavailable", false)) {
                answers.add(Answer.UNAVAILABLE);
            } else {
                answers.add(new Answer(true, Optional.of(record(asked.get(i), token, shared))));
            }
        }
        return new Answers(body.getBoolean("lease", false), answers);
    }

    private static TokenRecord record(TokenDigest digest, JsonObject token, SharedScopes shared) {
        Set<String> scopes = new HashSet<>();
        token.getJsonArray("scopes").forEach(scope -> scopes.add((String) scope));
        // A range that cannot be read allows nobody: the lookup fails rather than drop it.
        List<AddressRange> allowed = token.getJsonArray("allowedIps", new JsonArray()).stream()
                .map(range -> AddressRange.parse((String) range).orElseThrow()).toList();
        VerifiedToken granted = new VerifiedToken(digest, id(token, "id"), id(token, "user"), id(token, "account"),
                shared.of(scopes), Optional.ofNullable(token.getString("validUntil")).map(Instant::parse), allowed);
        return new TokenRecord(granted, id(token, "role"), token.getBoolean("revoked", false),
                token.getBoolean("ownerDisabled", false), Optional.ofNullable(token.getJsonObject("rateLimit"))
                        .map(limit -> new RateLimit(limit.getInteger("requests"), limit.getInteger("window"))));
    }

    private static UUID id(JsonObject token, String field) {
        return UUID.fromString(token.getString(field));
    }

    private static String encode(TokenDigest digest) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(digest.bytes());
    }

    private static TokenDigest decode(String text) {
        return TokenDigest.ofBytes(Base64.getUrlDecoder().decode(text));
    }

    private static <T> T present(Object value, Class<T> type, String field) {
        if (!type.isInstance(value)) {
            throw new IllegalArgumentException(field + ": is missing or of another type");
        }
        return type.cast(value);
    }
}
