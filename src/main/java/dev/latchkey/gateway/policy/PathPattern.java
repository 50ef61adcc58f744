package dev.latchkey.gateway.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A pattern of paths: segments that must be equal, {@code *} or <code>{name}</code> for any one segment, {@code **} for any
 * number of segments, none included. A trailing slash of the path is ignored.
 *
 * @param text as written
 */
record PathPattern(String text, List<Element> elements) {

    /** What a pattern is made of. */
    sealed interface Element permits Literal, Wildcard {
    }

    /** @param segment decoded */
    record Literal(String segment) implements Element {
    }

    enum Wildcard implements Element {
        /** Any one segment. */
        ONE,
        /** Any number of segments. */
        MANY
    }

    private static final Pattern PARAMETER = Pattern.compile("\\{[A-Za-z][A-Za-z0-9_]*\\}");

    /**
     * Reads a pattern.
     *
     * @param ignoresCase whether literal segments match in any case
     * @throws IllegalArgumentException saying what is wrong, and what would be right
     */
    static PathPattern parse(String text, boolean ignoresCase) {
        if (!text.startsWith("/")) {
            throw new IllegalArgumentException("must begin with a slash");
        }
        if (text.length() > 1 && text.endsWith("/")) {
            throw new IllegalArgumentException("must not end with a slash: one at the end of a path is ignored");
        }
        List<Element> elements = new ArrayList<>();
        for (String part : text.equals("/") ? new String[0] : text.substring(1).split("/", -1)) {
            if (part.equals("**")) {
                elements.add(Wildcard.MANY);
            } else if (part.equals("*") || PARAMETER.matcher(part).matches()) {
                elements.add(Wildcard.ONE);
            } else {
                String literal = literal(part);
                elements.add(new Literal(ignoresCase ? literal.toLowerCase(Locale.ROOT) : literal));
            }
        }
        return new PathPattern(text, List.copyOf(elements));
    }

    private static String literal(String part) {
        if (part.indexOf('*') >= 0 || part.indexOf('{') >= 0 || part.indexOf('}') >= 0) {
            throw new IllegalArgumentException("'" + part + "': *, ** and {name} stand for whole segments");
        }
        JudgedPath path = CanonicalPath.of("/" + part);
        if (path instanceof CanonicalPath canonical && canonical.isAsSent() && !part.isEmpty()) {
            return canonical.segments().next();
        }
        throw new IllegalArgumentException("'" + part + "' is not in the form in which paths are judged"
                + (path instanceof UnacceptablePath unacceptable ? ": it " + unacceptable.problem()
                        : path instanceof CanonicalPath canonical && !part.isEmpty()
                                ? ": write " + canonical.text().substring(1)
                                : ": no empty segments"));
    }
}
