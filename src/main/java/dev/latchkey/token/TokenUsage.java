package dev.latchkey.token;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;

import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import io.smallrye.mutiny.Uni;

/** When and from where a token was last used. */
@Entity
@Table(name = "token_usage")
public class TokenUsage extends PanacheEntityBase {

    @Id
    public UUID tokenId;
    /** Null: never. */
    public Instant lastUsedAt;
    public String lastUsedIp;

    /** Tells these tokens when they were used. By the primary key. */
    static Uni<Void> load(List<PersonalAccessToken> tokens) {
        if (tokens.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return TokenUsage.<TokenUsage> list("tokenId in ?1", tokens.stream().map(token -> token.id).toList())
                .invoke(found -> {
                    Map<UUID, TokenUsage> used = found.stream()
                            .collect(Collectors.toMap(usage -> usage.tokenId, Function.identity()));
                    tokens.forEach(token -> token.usage = used.get(token.id));
                }).replaceWithVoid();
    }
}
