package dev.latchkey.account;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

import dev.latchkey.platform.Announcement;
import dev.latchkey.platform.Caller;

/** Somebody signed in, was refused, or signed out. */
public final class SignInEvent extends Announcement {

    /** What happened. */
    public enum Kind {
        SIGNED_IN("user.signed-in"),
        REFUSED("user.sign-in-refused"),
        SIGNED_OUT("user.signed-out"),
        /** One or all of a person's sessions, by the person, from one of them. */
        SESSIONS_ENDED("user.sessions-ended"),
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
    private final List<UUID> endedSessions;

    SignInEvent(Kind kind, Optional<UUID> accountId, Optional<UUID> userId, Optional<UUID> sessionId) {
        this(kind, accountId, userId, sessionId, List.of());
    }

    private SignInEvent(Kind kind, Optional<UUID> accountId, Optional<UUID> userId, Optional<UUID> sessionId,
            List<UUID> endedSessions) {
        this.kind = kind;
        this.accountId = accountId;
        this.userId = userId;
        this.sessionId = sessionId;
        this.endedSessions = List.copyOf(endedSessions);
    }

    static SignInEvent ended(Caller caller, List<UUID> sessions) {
        return new SignInEvent(Kind.SESSIONS_ENDED, Optional.of(caller.accountId()), Optional.of(caller.userId()),
                Optional.of(caller.credential().id()), sessions);
    }

    @Override
    public Set<UUID> changed() {
        return switch (kind) {
            case SIGNED_OUT, REFRESH_TOKEN_REUSED -> sessionId.map(Set::of).orElse(Set.of());
            case SESSIONS_ENDED -> Set.copyOf(endedSessions);
            case SIGNED_IN, REFUSED -> Set.of();
        };
    }

    /** What a person ended of their own: the session that asked may be among them, or not. */
    public List<UUID> endedSessions() {
        return endedSessions;
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
