package dev.latchkey.token;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import dev.latchkey.platform.LatchkeyConfig;

class TokenBeans {

    @Produces
    @Singleton
    TokenFormat format(LatchkeyConfig config) {
        return TokenFormat.of(config.token());
    }
}
