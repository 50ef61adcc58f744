package dev.latchkey.account;

import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import dev.latchkey.platform.Announcement;

/** Somebody signed in, was refused, or signed out. */
public final class SignInEvent extends Announcement {

    /** What happened. */
    public enum Kind {
        SIGNED_IN("user.signed-in"),
        REFUSED("user.sign-in-refused"),
        SIGNED_OUT("user.signed-out"),
        REFRESH_TOKEN_REUSED("user.refresh-token-reused");

        private final String action;

        Kind(String action) {
            this.action = action;
        }

        /** Its name in the event log. */
        public String action() {
            return action;
        }
    }

    private final Kind kind;
    private final Optional<UUID> accountId;
    private final Optional<UUID> userId;
    private final Optional<UUID> sessionId;

    SignInEvent(Kind kind, Optional<UUID> accountId, Optional<UUID> userId, Optional<UUID> sessionId) {
        this.kind = kind;
        this.accountId = accountId;
        this.userId = userId;
        this.sessionId = sessionId;
    }

    @Override
    public Set<UUID> changed() {
        boolean ends = kind == Kind.SIGNED_OUT || kind == Kind.REFRESH_TOKEN_REUSED;
        return ends ? sessionId.map(Set::of).orElse(Set.of()) : Set.of();
    }

    public Kind kind() {
        return kind;
    }

    /** Empty: the sign-in named no account of ours. */
    public Optional<UUID> accountId() {
        return accountId;
    }

    /** Empty: the sign-in named no user of the account. */
    public Optional<UUID> userId() {
        return userId;
    }

    public Optional<UUID> sessionId() {
        return sessionId;
    }
}
