package dev.latchkey.gateway.policy;

import java.util.List;

/** A policy that cannot be used. The message has a line for each thing that is wrong, with its line in the file. */
public final class PolicyException extends Exception {

    public PolicyException(String source, List<String> problems) {
        super("the route policy " + source + " is not valid:\n  - " + String.join("\n  - ", problems));
    }
}
