package dev.latchkey.platform;

import java.time.Clock;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Plain values that the container hands out. */
public class Beans {

    /** The one clock. */
    @Produces
    @Singleton
    Clock clock() {
        return Clock.systemUTC();
    }

    @Produces
    @Singleton
    SecretKeys secretKeys(LatchkeyConfig config) {
        return new SecretKeys(config.secret().orElseThrow(() -> new StartupException("latchkey.secret is missing")));
    }
}
