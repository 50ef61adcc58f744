package dev.latchkey.verification;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import dev.latchkey.token.TokenDigest;
import io.smallrye.mutiny.Uni;

/** How much heap 100,000 cached tokens take, and as many that are remembered not to exist. */
public final class CacheMemory {

    private static final int TOKENS = 100_000;

    private CacheMemory() {
    }

    public static void main(String[] arguments) throws InterruptedException {
        Set<String> scopes = Set.of("license:read", "license:write", "user:read");
        FeedState feed = new FeedState(new Lease(Duration.ofHours(1), System::nanoTime), new InvalidationLog(65_536));
        var known = new CredentialCache<TokenDigest, TokenRecord>(TOKENS, TOKENS,
                (digest, standing) -> Uni.createFrom().item(Optional.of(new TokenRecord(
                        new VerifiedToken(digest, UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID(), scopes,
                                Optional.of(Instant.now().plusSeconds(3_600)), List.of()),
                        UUID.randomUUID(), false, false))),
                feed, new LookupSlots(10), System::nanoTime);
        var unknown = new CredentialCache<TokenDigest, TokenRecord>(TOKENS, TOKENS,
                (digest, standing) -> Uni.createFrom().item(Optional.empty()), feed, new LookupSlots(10), () -> 0);
        feed.connected();
        feed.heartbeat(System.nanoTime());
        long before = used();
        fill(known, "token ");
        long withTokens = used();
        fill(unknown, "invented ");
        long withAll = used();
        List<UUID> changed = new ArrayList<>();
        for (int i = 0; i < 65_536; i++) {
            changed.add(UUID.randomUUID());
        }
        long withIds = used();
        feed.changed(changed);
        changed = null;
        long withLog = used();
        System.out.printf("tokens cached: %d, heap: %.1f MiB, bytes each: %d%n", known.size(), mebibytes(withTokens - before),
                (withTokens - before) / known.size());
        System.out.printf("tokens known not to exist: %d, heap: %.1f MiB, bytes each: %d%n", unknown.unknownSize(),
                mebibytes(withAll - withTokens), (withAll - withTokens) / unknown.unknownSize());
        System.out.printf("invalidations remembered: 65536, heap: %.1f MiB more than their ids%n", mebibytes(withLog - withIds));
        if (known.cached(TokenDigest.of("token 1")) == null) {
            throw new IllegalStateException("the cache must live until here");
        }
    }

    private static void fill(CredentialCache<TokenDigest, TokenRecord> cache, String text) {
        for (int i = 0; i < TOKENS; i++) {
            cache.ask(TokenDigest.of(text + i), CredentialLookup.Standing.NEW).await().indefinitely();
        }
    }

    private static double mebibytes(long bytes) {
        return bytes / 1024.0 / 1024.0;
    }

    private static long used() throws InterruptedException {
        for (int i = 0; i < 4; i++) {
            System.gc();
            Thread.sleep(100);
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
