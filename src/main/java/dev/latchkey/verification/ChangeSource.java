package dev.latchkey.verification;

import java.util.OptionalLong;

/** What this process hears of changes, for those who pass it on. */
public interface ChangeSource {

    /** From now on it is told, until the end of this process. */
    void follow(ChangeFollower follower);

    /**
     * How many nanoseconds ago the newest evidence was sent that changes are heard; empty while there is none. All followers
     * were told of whatever was committed before that evidence was sent.
     */
    OptionalLong evidenceAge();
}
