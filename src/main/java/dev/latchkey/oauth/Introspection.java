package dev.latchkey.oauth;

import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.client.BasicCredentials;
import dev.latchkey.platform.AddressRange;
import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.http.Challenge;
import dev.latchkey.platform.http.ClientAddress;
import dev.latchkey.token.TokenDigest;
import dev.latchkey.verification.RequestFacts;
import dev.latchkey.verification.Verification;
import dev.latchkey.verification.VerifiedToken;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;

/**
 * Answers "is this token active, and what is it good for?" (RFC 7662) to those who may know: a client of its
 * account, and the token itself. To others every token is as inactive as one that never was.
 */
@ApplicationScoped
class Introspection {

    private static final String CLIENTS_ONLY = "Basic realm=\"latchkey\"";

    private final Judge judge;
    private final IntrospectionClients clients;
    private final String issuer;

    Introspection(Judge judge, IntrospectionClients clients, LatchkeyConfig config) {
        this.judge = judge;
        this.clients = clients;
        this.issuer = config.publicUrl().toString();
    }

    /**
     * What is asked.
     *
     * @param clientAddress where the asker says that the token was presented from; empty if they do not say
     * @param askerAddress where the asker is
     */
    record Question(String token, Optional<String> clientAddress, String askerAddress) {

        /** @throws OAuthError if a parameter is missing or wrong */
        static Question of(Form form, String askerAddress) {
            form.get("token_type_hint");
            Optional<String> clientAddress = form.get("client_ip")
                    .map(text -> AddressRange.canonicalAddress(text)
                            .orElseThrow(() -> OAuthError.invalidRequest(
                                    "client_ip: is not an IP address: send the address that the token was presented from")));
            return new Question(form.require("token"), clientAddress, askerAddress);
        }

        /** Never the token. */
        @Override
        public String toString() {
            return "Question[" + clientAddress + ", " + askerAddress + "]";
        }
    }

    /** Asked by whoever has the id and secret of a client. */
    Uni<JsonObject> asClient(BasicCredentials credentials, Question question) {
        return clients.authenticate(credentials, question.askerAddress)
                .chain(client -> aboutAccount(client.accountId(), question));
    }

    static OAuthError wrongClient() {
        return OAuthError.unauthenticated("invalid_client", "this needs the id and secret of a client of kind introspection: "
                + "send them as Authorization: Basic", CLIENTS_ONLY);
    }

    private Uni<JsonObject> aboutAccount(UUID accountId, Question question) {
        // Who does not say where a token came from is told that of one which may not come from everywhere.
        RequestFacts facts = RequestFacts.reported(question.clientAddress.orElse(ClientAddress.UNKNOWN),
                question.clientAddress.orElse(question.askerAddress), accountId);
        return judge.judge(question.token, facts)
                .map(judged -> judged instanceof VerifiedToken token ? active(token) : inactive());
    }

    /** Asked with a token as the credential, which is told of itself and of nothing else. */
    Uni<JsonObject> asToken(String bearer, Question question) {
        return judge.judge(bearer, new RequestFacts(question.askerAddress)).map(judged -> {
            VerifiedToken itself = accepted(judged);
            boolean asksAboutItself = itself.presented().equals(TokenDigest.of(question.token));
            return asksAboutItself && isAllowed(itself, question.clientAddress) ? active(itself) : inactive();
        });
    }

    private static VerifiedToken accepted(Verification judged) {
        if (judged instanceof VerifiedToken token) {
            return token;
        }
        String remedy = "the credential is not a valid personal access token: send another, or those of a client";
        throw OAuthError.unauthenticated("invalid_token", remedy, Challenge.of("invalid_token", remedy));
    }

    private static boolean isAllowed(VerifiedToken token, Optional<String> address) {
        return token.allowedIps().isEmpty()
                || address.isPresent() && token.allowedIps().stream().anyMatch(range -> range.contains(address.get()));
    }

    private static JsonObject inactive() {
        return new JsonObject().put("active", false);
    }

    private JsonObject active(VerifiedToken token) {
        JsonObject answer = new JsonObject().put("active", true)
                .put("scope", String.join(" ", new TreeSet<>(token.scopes())))
                .put("client_id", token.id().toString())
                .put("token_type", "Bearer")
                .put("sub", token.userId().toString())
                .put("iss", issuer)
                .put("account_id", token.accountId().toString());
        token.validUntil().ifPresent(end -> answer.put("exp", end.getEpochSecond()));
        return answer;
    }
}
