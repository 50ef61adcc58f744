package dev.latchkey.sidecar;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

import dev.latchkey.client.Client;
import dev.latchkey.sidecar.LookupMessages.Answer;
import dev.latchkey.sidecar.LookupMessages.Answers;
import dev.latchkey.sidecar.LookupMessages.Asked;
import dev.latchkey.verification.ChangeSource;
import dev.latchkey.verification.CredentialLookup;
import dev.latchkey.verification.CredentialLookup.Standing;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.smallrye.mutiny.Uni;

/**
 * Answers lookups of sidecars: always from the database, and of a client's own account alone. A token of another account
 * is answered as one that does not exist.
 */
final class LookupDoor {

    private static final Duration FRESH = Duration.ofSeconds(1);

    private final CredentialLookup lookup;
    private final ChangeSource source;
    private final Map<Standing, LookupShares> shares = new EnumMap<>(Standing.class);
    private final Counter answered;
    private final Counter refused;

    LookupDoor(CredentialLookup lookup, ChangeSource source, MeterRegistry registry) {
        this.lookup = lookup;
        this.source = source;
        for (Standing standing : Standing.values()) {
            shares.put(standing, LookupShares.of(standing));
        }
        this.answered = counter(registry, "answered");
        this.refused = counter(registry, "unavailable");
    }

    private static Counter counter(MeterRegistry registry, String result) {
        return Counter.builder("latchkey.sidecar.lookups").tag("result", result)
                .description("Lookups that sidecars asked for").register(registry);
    }

    /** Never fails. May complete on any thread. */
    Uni<Answers> answer(Client client, List<Asked> asked) {
        if (asked.isEmpty()) {
            return Uni.createFrom().item(() -> new Answers(hasLease(), List.of()));
        }
        List<Uni<Answer>> answers = asked.stream().map(one -> answer(client, one)).toList();
        return Uni.join().all(answers).andCollectFailures().map(all -> new Answers(hasLease(), all));
    }

    private Uni<Answer> answer(Client client, Asked asked) {
        LookupShares share = shares.get(asked.standing());
        return Uni.createFrom().deferred(() -> {
            if (!share.take(client.id())) {
                refused.increment();
                return Uni.createFrom().item(Answer.UNAVAILABLE);
            }
            return lookup.token(asked.digest(), asked.standing())
                    .onTermination().invoke(() -> share.release(client.id()))
                    .map(found -> new Answer(true, found.filter(token -> token.accountId().equals(client.accountId()))))
                    .invoke(answer -> answered.increment())
                    .onFailure().invoke(failure -> refused.increment())
                    .onFailure().recoverWithItem(Answer.UNAVAILABLE);
        });
    }

    private boolean hasLease() {
        OptionalLong age = source.evidenceAge();
        return age.isPresent() && age.getAsLong() < FRESH.toNanos();
    }
}
