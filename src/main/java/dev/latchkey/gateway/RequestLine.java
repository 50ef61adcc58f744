package dev.latchkey.gateway;

import java.util.List;

import dev.latchkey.verification.RequestFacts;

/**
 * What a door says of a request.
 *
 * @param method as sent
 * @param target path and query as sent
 * @param authorization all values of the {@code Authorization} header
 * @param misleading headers that must not reach the API behind
 * @param facts where it comes from
 * @param form what the door can do about a request that is not right
 */
public record RequestLine(String method, String target, List<String> authorization, UpstreamHeaders.Misleading misleading,
        RequestFacts facts,
        Form form) {

    /** Whether the door itself forwards the request, or something else does. */
    public enum Form {
        /** Forwards the canonical form of the path, without the headers that imitate ours. */
        REWRITTEN,
        /** Cannot change the request, and so must refuse what is not right. */
        AS_SENT
    }
}
