package dev.latchkey.sidecar;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.latchkey.platform.AddressRange;
import dev.latchkey.platform.Ids;
import dev.latchkey.usage.TokenUse;
import dev.latchkey.verification.Rejection;
import dev.latchkey.verification.VerificationListener;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Bodies of {@code POST /internal/usage}. Whatever is not well-formed is an {@link IllegalArgumentException}. */
final class UsageMessages {

    /** Counts in one request. */
    static final int MOST = 1_000;

    private static final long MAX_USES = 1_000_000_000;
    /** A sidecar may have been without a server for a while, and its clock may be wrong. */
    private static final long HOURS_BACK = 48;
    private static final long HOURS_AHEAD = 1;
    private static final long MILLIS_PER_HOUR = 3_600_000;
    private static final Set<String> OUTCOMES = Stream
            .concat(Stream.of(VerificationListener.ALLOWED), Stream.of(Rejection.values()).map(Rejection::name))
            .collect(Collectors.toUnmodifiableSet());

    private record Key(UUID token, long hour, String outcome) {
    }

    private UsageMessages() {
    }

    static JsonObject report(List<TokenUse> uses) {
        JsonArray all = new JsonArray();
        uses.forEach(use -> all.add(new JsonObject().put("token", use.tokenId().toString()).put("hour", use.hour())
                .put("outcome", use.outcome()).put("uses", use.uses()).put("last", use.lastMillis())
                .put("address", use.lastAddress())));
        return new JsonObject().put("uses", all);
    }

    /**
     * What is plausible in a report, each token, hour and outcome once; what is not is left out, or it would be sent for ever.
     */
    static List<TokenUse> uses(JsonObject report, Instant now) {
        JsonArray all = report.getJsonArray("uses");
        if (all == null || all.size() > MOST) {
            throw new IllegalArgumentException("uses: must be a list of at most " + MOST);
        }
        Map<Key, TokenUse> uses = new LinkedHashMap<>();
        for (int i = 0; i < all.size(); i++) {
            JsonObject one = all.getJsonObject(i);
            use(one, now).ifPresent(use -> uses.merge(new Key(use.tokenId(), use.hour(), use.outcome()), use,
                    (first, second) -> second));
        }
        return new ArrayList<>(uses.values());
    }

    private static Optional<TokenUse> use(JsonObject json, Instant now) {
        UUID token = Ids.parse(json.getString("token", "")).orElseThrow(() -> new IllegalArgumentException("token: is no id"));
        long hour = json.getLong("hour", -1L);
        long uses = json.getLong("uses", 0L);
        String outcome = json.getString("outcome", "");
        String address = json.getString("address", "");
        long nowMillis = now.toEpochMilli();
        long last = Math.min(json.getLong("last", 0L), nowMillis);
        long thisHour = nowMillis / MILLIS_PER_HOUR;
        boolean isPlausible = hour >= thisHour - HOURS_BACK && hour <= thisHour + HOURS_AHEAD
                && last >= (thisHour - HOURS_BACK) * MILLIS_PER_HOUR && uses > 0 && uses <= MAX_USES
                && OUTCOMES.contains(outcome);
        return isPlausible
                ? Optional.of(new TokenUse(token, hour, outcome, uses, last,
                        AddressRange.canonicalAddress(address).orElse("unknown")))
                : Optional.empty();
    }
}
