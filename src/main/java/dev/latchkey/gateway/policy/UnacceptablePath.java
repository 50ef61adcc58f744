package dev.latchkey.gateway.policy;

/**
 * A path of which programs disagree what it means.
 *
 * @param problem goes on after "the path"
 */
public record UnacceptablePath(String problem) implements JudgedPath {
}
