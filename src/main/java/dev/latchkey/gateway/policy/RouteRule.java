package dev.latchkey.gateway.policy;

import java.util.Set;

/**
 * A rule of a route policy.
 *
 * @param line where it begins in the policy's file, from 1
 * @param name for people: in the dry run and in logs
 * @param methods upper-case; with {@value #ANY_METHOD} it is for every method
 */
public record RouteRule(int line, String name, Set<String> methods, PathPattern path, Demand demand) {

    static final String ANY_METHOD = "*";

    boolean isForAnyMethod() {
        return methods.contains(ANY_METHOD);
    }

    boolean isFor(String method) {
        return isForAnyMethod() || methods.contains(method);
    }
}
