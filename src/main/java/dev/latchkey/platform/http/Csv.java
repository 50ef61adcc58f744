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

    private Csv() {
    }

    /** One line, with its end; null is an empty cell. */
    public static String line(Object... cells) {
        return Arrays.stream(cells).map(Csv::cell).collect(Collectors.joining(",", "", "\r\n"));
    }

    private static String cell(Object value) {
        String text = value == null ? "" : value.toString();
        if (!text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0) {
            text = "'" + text;
        }
        return text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')
                ? '"' + text.replace("\"", "\"\"") + '"'
                : text;
    }
}
