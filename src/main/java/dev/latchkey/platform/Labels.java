package dev.latchkey.platform;

import java.util.LinkedHashSet;
import java.util.List;

/** The tags that something carries: names, each once, in the order in which they were given. */
public final class Labels {

    /** How many something may carry. */
    public static final int MAX = 50;
    /** How many characters one may have. */
    public static final int MAX_LENGTH = 64;

    private Labels() {
    }

    /** As they are stored; null is none. */
    public static String[] of(List<String> names) {
        return names == null ? new String[0]
                : new LinkedHashSet<>(names.stream().map(String::strip).toList()).toArray(String[]::new);
    }
}
