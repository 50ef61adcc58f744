package dev.latchkey.gateway;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Names of headers, as the most careless reader behind a gateway takes them: interfaces such as CGI and WSGI make no difference
 * between cases, nor between hyphens and other signs. Immutable, and asked for each header of each request: it makes no copies.
 */
public final class HeaderNames {

    /** Folded, by their length. */
    private final List<List<String>> byLength = new ArrayList<>();

    public HeaderNames(Collection<String> names) {
        for (String name : names) {
            while (byLength.size() <= name.length()) {
                byLength.add(new ArrayList<>());
            }
            byLength.get(name.length()).add(folded(name));
        }
    }

    /** Whether a name could be taken for one of these. */
    public boolean contains(String name) {
        if (name.length() >= byLength.size()) {
            return false;
        }
        List<String> candidates = byLength.get(name.length());
        for (int i = 0; i < candidates.size(); i++) {
            if (beginsWith(name, candidates.get(i))) {
                return true;
            }
        }
        return false;
    }

    /** @param folded letters in lower case, digits and hyphens */
    static boolean beginsWith(String name, String folded) {
        if (name.length() < folded.length()) {
            return false;
        }
        for (int i = 0; i < folded.length(); i++) {
            if (fold(name.charAt(i)) != folded.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static String folded(String name) {
        StringBuilder folded = new StringBuilder(name.length());
        name.chars().forEach(c -> folded.append(fold((char) c)));
        return folded.toString();
    }

    /** Whatever is neither a letter nor a digit is the same. */
    private static char fold(char c) {
        if (c >= 'a' && c <= 'z' || c >= '0' && c <= '9') {
            return c;
        }
        if (c >= 'A' && c <= 'Z') {
            return (char) (c | 0x20);
        }
        // Of some characters that are not in ASCII the lower case is.
        char lower = c < 128 ? '-' : Character.toLowerCase(c);
        return lower >= 'a' && lower <= 'z' ? lower : '-';
    }
}
