package dev.latchkey.sidecar;

import java.security.Principal;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.net.ssl.SSLPeerUnverifiedException;

import dev.latchkey.client.BasicCredentials;
import dev.latchkey.client.Client;
import dev.latchkey.client.Clients;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.Ids;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;

/**
 * Tells which client a sidecar acts as: by its certificate, whose authority the listener has checked, or by its id and
 * secret. Thousands of sidecars that come at once, after another server went away, cost one question for each
 * credential.
 */
final class SidecarClients {

    /** Different credentials that are being checked; further ones get 503. */
    private static final int MOST = 256;

    private final Clients clients;
    private final Map<Object, Uni<Optional<Client>>> underWay = new ConcurrentHashMap<>();

    SidecarClients(Clients clients) {
        this.clients = clients;
    }

    /** Empty if nobody is who it claims to be. May complete on any thread. */
    Uni<Optional<Client>> identify(HttpServerRequest request) {
        Optional<String> name = request.isSSL() ? certificateName(request) : Optional.empty();
        if (name.isPresent()) {
            return Ids.parse(name.get()).map(id -> once(id, clients.identified(id, Client.Kind.SIDECAR)))
                    .orElseGet(() -> Uni.createFrom().item(Optional.empty()));
        }
        return BasicCredentials.parse(request.getHeader(HttpHeaders.AUTHORIZATION))
                .map(credentials -> once(credentials, clients.authenticate(credentials, Client.Kind.SIDECAR)))
                .orElseGet(() -> Uni.createFrom().item(Optional.empty()));
    }

    private Uni<Optional<Client>> once(Object proof, Uni<Optional<Client>> question) {
        if (underWay.size() >= MOST && !underWay.containsKey(proof)) {
            return Uni.createFrom().failure(ApiException.unavailable("too many sidecars come at once: try again"));
        }
        return underWay.computeIfAbsent(proof,
                ignored -> question.onTermination().invoke(() -> underWay.remove(proof)).memoize().indefinitely());
    }

    /** The common name in the certificate that the sidecar has shown, if it has. */
    private static Optional<String> certificateName(HttpServerRequest request) {
        try {
            return commonName(request.sslSession().getPeerPrincipal());
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty();
        }
    }

    static Optional<String> commonName(Principal subject) {
        try {
            return new LdapName(subject.getName()).getRdns().stream().filter(part -> part.getType().equalsIgnoreCase("CN"))
                    .map(part -> part.getValue().toString()).findFirst();
        } catch (InvalidNameException e) {
            return Optional.empty();
        }
    }
}
