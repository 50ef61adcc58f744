package dev.latchkey.platform.http;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Comma-separated values (RFC 4180). A cell that a spreadsheet would take for a formula begins with an apostrophe (OWASP, "CSV
 * Injection").
 */
public final class Csv {

    /** The media type, with the header line that each file has. */
    public static final String MEDIA_TYPE = "text/csv; charset=UTF-8; header=present";

    /** What a formula begins with, its full-width forms included. */
    private static final String FORMULA = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20";

    private Csv() {
    }

    /** One line, with its end; null is an empty cell. */
    public static String line(Object... cells) {
        return Arrays.stream(cells).map(Csv::cell).collect(Collectors.joining(",", "", "\r\n"));
    }

    private static String cell(Object value) {
        String text = value == null ? "" : value.toString();
        if (!text.isEmpty() && FORMULA.indexOf(text.charAt(0)) >= 0) {
            text = "'" + text;
        }
        return text.chars().anyMatch(c -> ",;\"\t\n\r".indexOf(c) >= 0)
                ? '"' + text.replace("\"", "\"\"") + '"'
                : text;
    }
}
