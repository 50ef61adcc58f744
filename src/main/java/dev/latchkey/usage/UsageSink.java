package dev.latchkey.usage;

import java.util.List;

import io.smallrye.mutiny.Uni;

/** Where counts go: all of a batch, or none of it and a failure. */
public interface UsageSink {

    /** How many it takes at once. */
    int most();

    Uni<Void> write(List<TokenUse> batch);
}
