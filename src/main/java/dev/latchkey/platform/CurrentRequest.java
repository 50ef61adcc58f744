package dev.latchkey.platform;

import java.util.Optional;

/** What a feature may know of the HTTP request it serves; null where the service does something by itself. */
public interface CurrentRequest {

    /** Who makes it, where the resource demands authentication. */
    Caller caller();

    /** Who makes it, if anybody was authenticated. */
    Optional<Caller> callerIfAny();

    /** Its id, which is in the logs and in the response's {@code X-Request-Id}. */
    String id();

    /** The client's address. */
    String address();

    /** The client's {@code User-Agent}, shortened to 255 characters; empty if there is none. */
    String userAgent();
}
