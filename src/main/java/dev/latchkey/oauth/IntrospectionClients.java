package dev.latchkey.oauth;

import java.time.Duration;

import jakarta.enterprise.context.ApplicationScoped;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;

import dev.latchkey.client.BasicCredentials;
import dev.latchkey.client.Client;
import dev.latchkey.client.Clients;
import dev.latchkey.platform.AddressThrottle;
import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.token.TokenDigest;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;

/**
 * Tells who asks. Each wrong id or secret costs a query, so they are counted against the address that they come from, as
 * tokens are that do not exist. Whoever's were right within the last {@link #PROVED} is not affected, whatever others do
 * from the same address; when more than {@link #MAX_PROVED} were, those that ask least are counted, too.
 */
@ApplicationScoped
// The cache that Caffeine picks by name for these limits, and its entry; in a native executable names must be known.
@RegisterForReflection(classNames = { "com.github.benmanes.caffeine.cache.SSMSW", "com.github.benmanes.caffeine.cache.PSWMS" })
class IntrospectionClients {

    private static final Duration PROVED = Duration.ofMinutes(10);
    private static final int MAX_PROVED = 10_000;

    private final Clients clients;
    private final AddressThrottle throttle;
    private final Cache<TokenDigest, Boolean> proved = Caffeine.newBuilder().maximumSize(MAX_PROVED)
            .executor(Runnable::run).expireAfterWrite(PROVED).build();

    IntrospectionClients(Clients clients, LatchkeyConfig config) {
        this.clients = clients;
        this.throttle = new AddressThrottle(config.verification().unknownPerMinute());
    }

    /** Fails with {@link OAuthError} 401 if these are no client's, and 429 if too many from this address were not. */
    Uni<Client> authenticate(BasicCredentials credentials, String address) {
        TokenDigest pair = TokenDigest.of(credentials.id() + ':' + credentials.secret());
        boolean counted = proved.getIfPresent(pair) == null;
        if (counted && !throttle.take("", address)) {
            return Uni.createFrom().failure(
                    OAuthError.tooMany("too many wrong credentials came from this address: try again in a second", 1));
        }
        return clients.authenticate(credentials, Client.Kind.INTROSPECTION)
                .onFailure().invoke(() -> giveBack(counted, address))
                .map(client -> {
                    if (client.isEmpty()) {
                        proved.invalidate(pair);
                        throw Introspection.wrongClient();
                    }
                    giveBack(counted, address);
                    proved.put(pair, Boolean.TRUE);
                    return client.get();
                });
    }

    private void giveBack(boolean counted, String address) {
        if (counted) {
            throttle.giveBack("", address);
        }
    }
}
