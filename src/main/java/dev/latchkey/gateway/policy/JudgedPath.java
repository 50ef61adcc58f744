package dev.latchkey.gateway.policy;

/** What a path turned out to be: one that can be matched with rules, or one that no door accepts. */
public sealed interface JudgedPath permits CanonicalPath, UnacceptablePath {
}
