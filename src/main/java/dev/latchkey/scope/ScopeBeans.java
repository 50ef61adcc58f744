package dev.latchkey.scope;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import dev.latchkey.platform.LatchkeyConfig;

class ScopeBeans {

    @Produces
    @Singleton
    ScopeCatalogue catalogue(LatchkeyConfig config) {
        return new ScopeCatalogue(config.scopes());
    }
}
