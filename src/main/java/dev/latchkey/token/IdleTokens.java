package dev.latchkey.token;

import jakarta.enterprise.context.ApplicationScoped;

import dev.latchkey.platform.LatchkeyConfig;
import dev.latchkey.platform.database.Transactions;
import io.quarkus.scheduler.Scheduled;
import io.smallrye.mutiny.Uni;

/** Ends the tokens that nobody uses, where the account wants that. Servers may do so at once: each takes others. */
@ApplicationScoped
public class IdleTokens {

    /** In one run, so that none goes on for ever. */
    private static final int MOST_BATCHES = 50;

    private final Transactions transactions;
    private final TokenIssuer issuer;
    private final boolean hasDatabase;

    public IdleTokens(Transactions transactions, TokenIssuer issuer, LatchkeyConfig config) {
        this.transactions = transactions;
        this.issuer = issuer;
        this.hasDatabase = config.role() == LatchkeyConfig.Role.SERVER;
    }

    @Scheduled(every = "${latchkey.token.idle-check-interval}", delayed = "10s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    Uni<Void> revoke() {
        return hasDatabase ? revoke(MOST_BATCHES) : Uni.createFrom().voidItem();
    }

    private Uni<Void> revoke(int batches) {
        return transactions.write(issuer::revokeIdle)
                .chain(revoked -> revoked < TokenIssuer.IDLE_BATCH || batches == 1 ? Uni.createFrom().voidItem()
                        : revoke(batches - 1));
    }
}
