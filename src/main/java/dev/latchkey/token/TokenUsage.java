package dev.latchkey.token;

import java.time.Instant;
import java.util.Collection;
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
    public Instant lastUsedAt;
    public String lastUsedIp;

    /** The usage of these tokens, by token; those never used are not in it. By the primary key. */
    static Uni<Map<UUID, TokenUsage>> of(Collection<UUID> tokenIds) {
        return TokenUsage.<TokenUsage> list("tokenId in ?1", tokenIds)
                .map(found -> found.stream().collect(Collectors.toMap(usage -> usage.tokenId, Function.identity())));
    }
}
