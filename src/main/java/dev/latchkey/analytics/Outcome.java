package dev.latchkey.analytics;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.latchkey.verification.Rejection;
import dev.latchkey.verification.VerificationListener;

/** What became of a request: as it is stored, and as the API calls it. */
final class Outcome {

    static final String ALLOWED = "allowed";

    private static final Map<String, String> STORED = Stream.concat(
            Stream.of(Map.entry(ALLOWED, VerificationListener.ALLOWED)),
            Arrays.stream(Rejection.values()).map(rejection -> Map.entry(rejection.code(), rejection.name())))
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    private static final Map<String, String> SHOWN = STORED.entrySet().stream()
            .collect(Collectors.toUnmodifiableMap(Map.Entry::getValue, Map.Entry::getKey));

    private Outcome() {
    }

    /** {@value #ALLOWED}, and the codes of the rejections. */
    static List<String> all() {
        return STORED.keySet().stream().sorted().toList();
    }

    static String stored(String shown) {
        return STORED.get(shown);
    }

    /** One that only a later version knows is shown as it is. */
    static String shown(String stored) {
        return SHOWN.getOrDefault(stored, stored);
    }
}
