package dev.latchkey.scope;

import java.util.regex.Pattern;

/**
 * A permission to restrict what a token can do.
 *
 * @param name {@code resource:action}, such as {@code license:read}
 * @param description what it permits, in one sentence
 */
public record Scope(String name, String description) implements Comparable<Scope> {

    private static final Pattern FORM = Pattern.compile("[a-z][A-Za-z0-9]*(:[a-z][A-Za-z0-9]*)+");
    private static final int MAX_LENGTH = 100;

    public static boolean isValidName(String name) {
        return name.length() <= MAX_LENGTH && FORM.matcher(name).matches();
    }

    /** What it is about: all but the last part of the name. */
    public String resource() {
        return name.substring(0, name.lastIndexOf(':'));
    }

    /** What may be done: the last part of the name. */
    public String action() {
        return name.substring(name.lastIndexOf(':') + 1);
    }

    @Override
    public int compareTo(Scope other) {
        return name.compareTo(other.name);
    }
}
