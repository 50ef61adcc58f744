package dev.latchkey.token;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

import dev.latchkey.platform.AddressRange;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.ApiException.FieldError;
import dev.latchkey.platform.Caller;
import dev.latchkey.platform.RateLimit;
import dev.latchkey.platform.ScopeNotGrantable;

/**
 * What a token permits: which scopes, until when, from where, how often.
 *
 * @param scopes in canonical spelling
 * @param expiresAt null: never
 * @param ranges empty: any address
 * @param rateLimit empty: as the account says
 */
record Grant(SortedSet<String> scopes, Instant expiresAt, List<AddressRange> ranges, Optional<RateLimit> rateLimit) {

    static Grant of(PersonalAccessToken token) {
        return new Grant(new TreeSet<>(Arrays.asList(token.scopes)), token.expiresAt, token.ranges(),
                token.rateLimit());
    }

    /**
     * Nobody hands out more than they hold: a user no scope outside their role; a token moreover no later expiry than
     * its own. From where and how often is compared with what the token itself has: see {@link #requireUseWithin}.
     *
     * @throws ScopeNotGrantable naming what the caller does not hold
     */
    void requireWithin(Caller caller) {
        caller.requireToHold(scopes);
        Optional<Caller.Token> held = caller.token();
        if (held.isEmpty()) {
            return;
        }
        held.get().validUntil().ifPresent(end -> {
            if (expiresAt == null || expiresAt.isAfter(end)) {
                throw new ScopeNotGrantable(
                        "expiresAt: a token hands out nothing that outlives it: give " + end + " or earlier");
            }
        });
    }

    /**
     * From no other address than the token's own, and no more often. What the account allows meanwhile does not count: it may
     * allow more one day.
     *
     * @throws ScopeNotGrantable naming what is wider
     */
    void requireUseWithin(Grant held) {
        if (!isRangeWithin(held)) {
            throw new ScopeNotGrantable("allowedIps: a token hands out no wider address range than its own: give ranges within "
                    + held.ranges.stream().map(AddressRange::toString).collect(Collectors.joining(", ")));
        }
        if (!isRateWithin(held)) {
            throw new ScopeNotGrantable("rateLimit: a token hands out no wider rate limit than its own: give one within "
                    + held.rateLimit.get());
        }
    }

    /** Whether it can be used from no other address, and no more often. */
    boolean isUseWithin(Grant other) {
        return isRangeWithin(other) && isRateWithin(other);
    }

    private boolean isRangeWithin(Grant other) {
        return other.ranges.isEmpty() || !ranges.isEmpty()
                && ranges.stream().allMatch(range -> other.ranges.stream().anyMatch(outer -> outer.contains(range)));
    }

    private boolean isRateWithin(Grant other) {
        return other.rateLimit.isEmpty() || rateLimit.isPresent() && rateLimit.get().isWithin(other.rateLimit.get());
    }

    private static String quoted(String name) {
        return "'" + (name.length() > 100 ? name.substring(0, 100) + "…" : name) + "'";
    }

    /**
     * The ranges that these texts are.
     *
     * @throws ApiException 400 with one error for each text that is none
     */
    static List<AddressRange> ranges(List<String> texts) {
        if (texts == null) {
            return List.of();
        }
        List<FieldError> errors = new ArrayList<>();
        LinkedHashSet<AddressRange> ranges = new LinkedHashSet<>();
        for (int i = 0; i < texts.size(); i++) {
            Optional<AddressRange> range = AddressRange.parse(texts.get(i).strip());
            if (range.isPresent()) {
                ranges.add(range.get());
            } else {
                errors.add(new FieldError("allowedIps[" + i + "]", quoted(texts.get(i))
                        + " is neither an IP address nor a CIDR range without host bits, such as 10.0.0.0/8 or 2001:db8::/32"));
            }
        }
        if (!errors.isEmpty()) {
            throw ApiException.invalid(errors);
        }
        return List.copyOf(ranges);
    }

    String[] scopeArray() {
        return scopes.toArray(String[]::new);
    }

    String[] rangeArray() {
        return rangeArray(ranges);
    }

    /** As stored: null when any address is allowed. */
    static String[] rangeArray(List<AddressRange> ranges) {
        return ranges.isEmpty() ? null : ranges.stream().map(AddressRange::toString).toArray(String[]::new);
    }
}
