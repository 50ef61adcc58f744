package dev.latchkey.verification;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.Settings;
import dev.latchkey.token.TokenDigest;
import dev.latchkey.token.TokenFormat;
import dev.latchkey.usage.UsageRecorder;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;

/** From the text of a token to the decision, when the answer is in memory: with the use counted and the metrics, as in the service. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class CachedVerifyBenchmark {

    /** A thousand of them, so that not all is in the first level of the processor's cache. */
    private static final int TOKENS = 1_000;

    private final TokenFormat format = new TokenFormat("lkp");
    private final String[] texts = new String[TOKENS];
    private final RequestFacts facts = new RequestFacts("192.0.2.1");
    private final FeedState feed = new FeedState(new Lease(Duration.ofHours(1), System::nanoTime), new InvalidationLog(65_536));
    private TokenVerifier verifier;
    private int next;

    @Setup
    public void fill() {
        CredentialLookup source = new CredentialLookup() {
            @Override
            public Uni<Optional<TokenRecord>> token(TokenDigest digest, Standing standing) {
                return Uni.createFrom().item(Optional.of(new TokenRecord(new VerifiedToken(digest, UUID.randomUUID(),
                        UUID.randomUUID(), UUID.randomUUID(), Set.of("license:read", "user:read"), Optional.empty(), List.of()),
                        UUID.randomUUID(), false, false)));
            }

            @Override
            public Uni<Optional<SessionRecord>> session(UUID id, Standing standing) {
                return Uni.createFrom().item(Optional.empty());
            }
        };
        LookupSlots slots = new LookupSlots(1_000);
        var tokens = new CredentialCache<TokenDigest, TokenRecord>(100_000, 100_000, source::token, feed, slots,
                System::nanoTime);
        var sessions = new CredentialCache<UUID, SessionRecord>(100_000, 100_000, source::session, feed, slots,
                System::nanoTime);
        MeterRegistry registry = new CompositeMeterRegistry().add(new SimpleMeterRegistry());
        LatchkeyConfig config = Settings.load();
        verifier = new LeasedTokenVerifier(tokens, sessions, new UnknownThrottle(1_000_000), new RateLimiter(1_000, () -> 1, System::nanoTime),
                new UsageRecorder(null, config, registry), new VerificationMetrics(registry), Clock.systemUTC());
        feed.connected();
        feed.heartbeat(System.nanoTime());
        SecureRandom random = new SecureRandom();
        for (int i = 0; i < TOKENS; i++) {
            texts[i] = format.generate(random);
            verifier.ask(TokenDigest.of(texts[i]), facts).await().indefinitely();
        }
    }

    private String text() {
        next = (next + 1) % TOKENS;
        return texts[next];
    }

    @Benchmark
    public boolean parse() {
        return format.isWellFormed(text());
    }

    @Benchmark
    public TokenDigest parseAndDigest() {
        String text = text();
        return format.isWellFormed(text) ? TokenDigest.of(text) : null;
    }

    @Benchmark
    public Verification parseDigestAndVerify() {
        String text = text();
        return format.isWellFormed(text) ? verifier.recall(TokenDigest.of(text), facts).orElseThrow() : null;
    }
}
