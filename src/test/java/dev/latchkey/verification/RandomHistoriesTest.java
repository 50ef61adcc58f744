package dev.latchkey.verification;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import dev.latchkey.token.TokenDigest;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;

/**
 * Thousands of random histories of issuing, verifying, revoking, rotating, deleting, disabling and shrinking, in
 * simulated time, against a sequential model of what was true when: with a database whose answers are on their way
 * for a while, a feed that is late, stalls, releases bursts, and is cut, and a process that is stopped. Everything
 * follows from the seed, which a failure names.
 */
class RandomHistoriesTest {

    private static final int HISTORIES = 1_500;
    private static final long BOUND = TimeUnit.SECONDS.toNanos(2);
    /** Set to a seed that a failure named, to see it again. */
    private static final Long ONLY = Long.getLong("latchkey.seed");

    /** What cannot be checked is logged by whoever runs the service; here it happens all the time. */
    @BeforeAll
    static void silence() {
        Logger.getLogger(LeasedTokenVerifier.class.getName()).setLevel(Level.OFF);
    }

    @AfterAll
    static void speak() {
        Logger.getLogger(LeasedTokenVerifier.class.getName()).setLevel(null);
    }

    @Test
    void noHistoryAcceptsWhatWasRefusedByTheModelForLongerThanTheBound() {
        long first = ONLY != null ? ONLY : new Random().nextLong();
        long accepted = 0;
        long fromMemory = 0;
        for (int i = 0; i < (ONLY != null ? 1 : HISTORIES); i++) {
            History history = new History(first + i);
            history.run();
            assertThat(history.failures).isEmpty();
            accepted += history.accepted;
            fromMemory += history.fromMemory;
        }
        System.out.printf("seeds %d to %d: %d accepted, %d of them from memory%n", first, first + HISTORIES - 1, accepted,
                fromMemory);
        if (ONLY != null) {
            return;
        }
        assertThat(accepted).as("a verifier that refuses all would pass").isGreaterThan(HISTORIES * 20L);
        assertThat(fromMemory).as("and so would one that always asks").isGreaterThan(HISTORIES * 20L);
    }

    /** One simulated world. Times are in nanoseconds. */
    private static final class History {

        private static final long LENGTH = TimeUnit.SECONDS.toNanos(10);
        private static final long LOOKUP_TIMEOUT = TimeUnit.SECONDS.toNanos(1);
        private static final long BEAT = TimeUnit.MILLISECONDS.toNanos(250);

        /** Something that happens in the database or in the process; the latter waits while the process is stopped. */
        private record Event(long time, long number, boolean inProcess, Runnable work) implements Comparable<Event> {
            @Override
            public int compareTo(Event other) {
                return time != other.time ? Long.compare(time, other.time) : Long.compare(number, other.number);
            }
        }

        /** The model: a token as the database has it. */
        private static final class Token {
            final UUID id = UUID.randomUUID();
            User owner;
            TokenDigest value;
            boolean revoked;
            boolean deleted;
        }

        private static final class User {
            final UUID id = UUID.randomUUID();
            Role role;
            boolean disabled;
        }

        private static final class Role {
            final UUID id = UUID.randomUUID();
            boolean grants = true;
        }

        private final long seed;
        private final Random random;
        private final PriorityQueue<Event> events = new PriorityQueue<>();
        private long now;
        private long number;
        private long stoppedUntil;

        private final UUID account = UUID.randomUUID();
        private final List<Role> roles = new ArrayList<>();
        private final List<User> users = new ArrayList<>();
        private final List<Token> tokens = new ArrayList<>();
        /** Every value there ever was, whose it is, and from when on it was good or not. */
        private final Map<TokenDigest, Token> values = new HashMap<>();
        private final Map<TokenDigest, TreeMap<Long, Boolean>> truth = new HashMap<>();
        /** The values that this process itself spoiled, and when it had done so. */
        private final Map<TokenDigest, Long> spoiltHere = new HashMap<>();

        private final FeedState feed = new FeedState(new Lease(Duration.ofSeconds(1), () -> now), new InvalidationLog(16));
        private final LookupSlots slots = new LookupSlots(64);
        private final LeasedTokenVerifier verifier;
        /** What is on its way on the current connection, in order. */
        private ArrayDeque<Runnable> wire = new ArrayDeque<>();
        private int connection;
        private boolean connected;
        private boolean stalled;

        private final List<String> failures = new ArrayList<>();
        private long accepted;
        private long fromMemory;
        private long lookups;

        History(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
            CredentialLookup source = new CredentialLookup() {
                @Override
                public Uni<Optional<TokenRecord>> token(TokenDigest digest, Standing standing) {
                    return Uni.createFrom().emitter(emitter -> lookUp(digest, emitter));
                }

                @Override
                public Uni<Optional<SessionRecord>> session(UUID id, Standing standing) {
                    throw new UnsupportedOperationException();
                }
            };
            CredentialCache<TokenDigest, TokenRecord> cache = new CredentialCache<>(100, 100, source::token, feed, slots,
                    () -> now);
            CredentialCache<UUID, SessionRecord> none = new CredentialCache<>(1, 1, source::session, feed, slots, () -> now);
            this.verifier = new LeasedTokenVerifier(cache, none, new UnknownThrottle(1_000_000),
                    new RateLimiter(1_000, () -> 1, System::nanoTime), (id, outcome, address, at) -> {
                    }, new VerificationMetrics(new SimpleMeterRegistry()), Clock.systemUTC());
        }

        void run() {
            for (int i = 0; i < 2; i++) {
                roles.add(new Role());
            }
            for (int i = 0; i < 3; i++) {
                User user = new User();
                user.role = pick(roles);
                users.add(user);
            }
            inDatabase(0, this::issue);
            connect();
            every(BEAT, true, this::beat);
            every(millis(60), false, () -> change(false));
            every(millis(200), true, () -> change(true));
            every(millis(5), true, this::verify);
            every(millis(1_500), true, this::trouble);
            while (!events.isEmpty() && events.peek().time < LENGTH) {
                Event event = events.poll();
                if (event.inProcess && event.time < stoppedUntil) {
                    // In any order when it goes on, as an event loop may find them.
                    events.add(new Event(stoppedUntil + random.nextInt(1_000), event.number, true, event.work));
                    continue;
                }
                now = Math.max(now, event.time);
                event.work.run();
            }
        }

        private void every(long period, boolean inProcess, Runnable work) {
            schedule(random.nextLong(period), inProcess, new Runnable() {
                @Override
                public void run() {
                    work.run();
                    schedule(period / 2 + random.nextLong(period), inProcess, this);
                }
            });
        }

        private void schedule(long delay, boolean inProcess, Runnable work) {
            events.add(new Event(now + delay, number++, inProcess, work));
        }

        private void inDatabase(long delay, Runnable work) {
            schedule(delay, false, work);
        }

        private static long millis(long millis) {
            return TimeUnit.MILLISECONDS.toNanos(millis);
        }

        private <T> T pick(List<T> list) {
            return list.get(random.nextInt(list.size()));
        }

        // --- the database ----------------------------------------------------------------------------------------

        private void issue() {
            Token token = new Token();
            token.owner = pick(users);
            tokens.add(token);
            value(token);
        }

        private void value(Token token) {
            token.value = TokenDigest.of("value " + number++);
            values.put(token.value, token);
            truth.put(token.value, new TreeMap<>(Map.of(now, isGood(token.value))));
        }

        private boolean isGood(TokenDigest value) {
            Token token = values.get(value);
            return !token.revoked && !token.deleted && token.value.equals(value) && !token.owner.disabled
                    && token.owner.role.grants;
        }

        /** A transaction commits: by this process, which then invalidates by itself before it answers, or by somebody else. */
        private void change(boolean here) {
            Token token = pick(tokens);
            UUID changed = token.id;
            switch (random.nextInt(8)) {
                case 0, 1 -> {
                    issue();
                    changed = null;
                }
                case 2 -> token.revoked = true;
                case 3 -> token.deleted = true;
                case 4 -> value(token);
                case 5 -> {
                    token.owner.disabled = !token.owner.disabled;
                    changed = token.owner.id;
                }
                case 6 -> {
                    token.owner.role.grants = !token.owner.role.grants;
                    changed = token.owner.role.id;
                }
                default -> {
                    token.owner.role = pick(roles);
                    changed = token.owner.id;
                }
            }
            if (tokens.size() > 12) {
                tokens.remove(0);
            }
            List<TokenDigest> spoilt = new ArrayList<>();
            truth.forEach((value, history) -> {
                boolean good = isGood(value);
                boolean was = history.lastEntry().getValue();
                if (was != good) {
                    history.put(now, good);
                }
                if (was && !good) {
                    spoilt.add(value);
                }
                if (good) {
                    spoiltHere.remove(value);
                }
            });
            if (changed != null) {
                UUID id = changed;
                announce(() -> feed.changed(List.of(id)));
                if (here) {
                    feed.changed(List.of(id));
                    // What is cached may still name the role that the owner had before, if somebody else gave them another a
                    // moment ago: then only the bound holds for a change of the role.
                    if (roles.stream().noneMatch(role -> role.id.equals(id))) {
                        spoilt.forEach(value -> spoiltHere.put(value, now));
                    }
                }
            }
        }

        /** Reaches whoever listens at this moment, after what was announced before. */
        private void announce(Runnable message) {
            if (!connected) {
                return;
            }
            ArrayDeque<Runnable> current = wire;
            current.add(message);
            schedule(random.nextLong(millis(random.nextInt(20) == 0 ? 800 : 20)), true, () -> deliver(current));
        }

        private void deliver(ArrayDeque<Runnable> from) {
            if (from == wire && !stalled && !wire.isEmpty()) {
                wire.poll().run();
            }
        }

        private void lookUp(TokenDigest value, UniEmitter<? super Optional<TokenRecord>> emitter) {
            lookups++;
            boolean[] ended = { false };
            long there = random.nextLong(millis(random.nextInt(10) == 0 ? 700 : 3));
            long back = random.nextLong(millis(random.nextInt(10) == 0 ? 700 : 3));
            inDatabase(there, () -> {
                Optional<TokenRecord> found = read(value);
                schedule(back, true, () -> {
                    if (!ended[0]) {
                        ended[0] = true;
                        emitter.complete(found);
                    }
                });
            });
            schedule(LOOKUP_TIMEOUT, true, () -> {
                if (!ended[0]) {
                    ended[0] = true;
                    emitter.fail(new IllegalStateException("too late"));
                }
            });
        }

        private Optional<TokenRecord> read(TokenDigest value) {
            Token token = values.get(value);
            if (token.deleted || !token.value.equals(value)) {
                return Optional.empty();
            }
            Set<String> scopes = token.owner.role.grants ? Set.of("license:read") : Set.of();
            return Optional.of(new TokenRecord(new VerifiedToken(value, token.id, token.owner.id, account, scopes,
                    Optional.empty(), List.of()), token.owner.role.id, token.revoked, token.owner.disabled));
        }

        // --- the process -----------------------------------------------------------------------------------------

        private void connect() {
            int mine = ++connection;
            wire = new ArrayDeque<>();
            stalled = false;
            connected = true;
            // LISTEN took effect; the process hears of it a little later, and of nothing in between.
            ArrayDeque<Runnable> current = wire;
            current.add(() -> {
                if (mine == connection) {
                    feed.connected();
                }
            });
            schedule(random.nextLong(millis(20)), true, () -> deliver(current));
        }

        private void beat() {
            long sent = now;
            inDatabase(random.nextLong(millis(random.nextInt(20) == 0 ? 600 : 5)), () -> announce(() -> feed.heartbeat(sent)));
        }

        private void trouble() {
            switch (random.nextInt(6)) {
                case 0 -> {
                    // Cut, noticed at once or only after a while, and made anew.
                    connected = false;
                    wire = new ArrayDeque<>();
                    schedule(random.nextBoolean() ? 0 : random.nextLong(millis(3_000)), true, () -> {
                        feed.disconnected();
                        schedule(random.nextLong(millis(1_000)), true, this::connect);
                    });
                }
                case 1 -> {
                    // Stalled, then everything at once.
                    stalled = true;
                    int mine = connection;
                    schedule(random.nextLong(millis(4_000)), true, () -> {
                        if (mine == connection) {
                            stalled = false;
                            while (!wire.isEmpty()) {
                                wire.poll().run();
                            }
                        }
                    });
                }
                case 2 -> stoppedUntil = now + random.nextLong(millis(6_000));
                case 3 -> feed.everythingChanged();
                default -> {
                }
            }
        }

        private void verify() {
            List<TokenDigest> known = List.copyOf(truth.keySet());
            TokenDigest value = random.nextInt(3) == 0 ? pick(known) : pick(tokens).value;
            long arrived = now;
            long lookupsBefore = lookups;
            boolean[] isLater = { false };
            RequestFacts facts = new RequestFacts("192.0.2.1");
            verifier.recall(value, facts).map(recalled -> Uni.createFrom().item(recalled))
                    .orElseGet(() -> verifier.ask(value, facts)).subscribe().with(decision -> {
                        if (decision instanceof VerifiedToken token && token.scopes().contains("license:read")) {
                            accepted++;
                            if (!isLater[0] && lookups == lookupsBefore) {
                                fromMemory++;
                            }
                            if (!wasGood(value, now - BOUND)) {
                                fail("was not good at any time within the bound");
                            }
                            Long spoilt = spoiltHere.get(value);
                            if (spoilt != null && spoilt <= arrived) {
                                fail("was spoilt by this process before");
                            }
                        }
                    });
            isLater[0] = true;
        }

        /** Not thrown, because an exception does not find its way out of a callback. */
        private void fail(String why) {
            failures.add("seed %d, accepted at %d ms: %s".formatted(seed, TimeUnit.NANOSECONDS.toMillis(now), why));
        }

        /** Whether the value was good at any time since. */
        private boolean wasGood(TokenDigest value, long since) {
            TreeMap<Long, Boolean> history = truth.get(value);
            Map.Entry<Long, Boolean> before = history.floorEntry(since);
            return before != null && before.getValue() || history.tailMap(since).containsValue(true);
        }
    }
}
