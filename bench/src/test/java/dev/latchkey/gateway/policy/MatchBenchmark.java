package dev.latchkey.gateway.policy;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

import dev.latchkey.scope.ScopeCatalogue;

/** From the text of a path to its rule: what it costs must not depend on how many rules there are. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MatchBenchmark {

    @Param({ "10", "1000" })
    int rules;

    private RoutePolicy policy;
    private String last;

    @Setup
    public void compile() throws PolicyException {
        StringBuilder yaml = new StringBuilder("rules:\n");
        for (int i = 0; i < rules; i++) {
            yaml.append("  - {match: {methods: [GET], path: \"/api/resource").append(i)
                    .append("/{id}/parts/*\"}, require: [\"license:read\"]}\n");
        }
        policy = PolicyReader.read("benchmark", yaml.toString().getBytes(StandardCharsets.UTF_8), new ScopeCatalogue(Map.of()));
        last = "/api/resource" + (rules - 1) + "/0190f5c2-7a5c-7cc2-8f3a-7a1f2f3c4d5e/parts/7";
    }

    @Benchmark
    public Optional<RouteRule> match() {
        return policy.match("GET", (CanonicalPath) CanonicalPath.of(last));
    }
}
