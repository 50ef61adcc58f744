package dev.latchkey.webhook;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

/**
 * Who may have how many of this process's requests under way, so that one who is slow leaves the others unaffected: each
 * webhook
 * a few, and all that were slow lately together a half. So those that answer always have the other half, however many do not.
 * Used by one thread only.
 */
final class DeliverySlots {

    /** Who takes longer than this is slow, */
    static final Duration SLOW = Duration.ofSeconds(1);
    /** until an answer comes faster, or for so long. */
    private static final Duration REMEMBERED = Duration.ofMinutes(10);
    private static final int MOST_REMEMBERED = 1_000;

    private final int all;
    private final int perWebhook;
    private final Map<UUID, Integer> taken = new HashMap<>();
    private final Cache<UUID, Boolean> slow = Caffeine.newBuilder().maximumSize(MOST_REMEMBERED)
            .expireAfterWrite(REMEMBERED).executor(Runnable::run).build();
    private int inUse;

    DeliverySlots(int all, int perWebhook) {
        this.all = all;
        this.perWebhook = perWebhook;
    }

    /** How many requests are under way. */
    int inUse() {
        return inUse;
    }

    int perWebhook() {
        return perWebhook;
    }

    void take(UUID webhook) {
        taken.merge(webhook, 1, Integer::sum);
        inUse++;
    }

    void giveBack(UUID webhook) {
        taken.computeIfPresent(webhook, (id, count) -> count == 1 ? null : count - 1);
        inUse--;
    }

    /** An attempt took so long. */
    void took(UUID webhook, Duration duration) {
        if (duration.compareTo(SLOW) > 0) {
            slow.put(webhook, true);
        } else {
            slow.invalidate(webhook);
        }
    }

    /** How many more those that are not slow may have. */
    int free() {
        return all - inUse;
    }

    /** How many more the slow ones may have: with a single slot in all, that one if nobody has it. */
    int freeForSlow() {
        int takenBySlow = taken.entrySet().stream().filter(each -> isSlow(each.getKey())).mapToInt(Map.Entry::getValue).sum();
        return Math.min(free(), Math.max(1, all / 2) - takenBySlow);
    }

    /** Those that were slow lately. */
    List<UUID> slow() {
        return List.copyOf(slow.asMap().keySet());
    }

    /** How many are under way, by webhook. */
    Map<UUID, Integer> taken() {
        return Map.copyOf(taken);
    }

    private boolean isSlow(UUID webhook) {
        return slow.asMap().containsKey(webhook);
    }
}
