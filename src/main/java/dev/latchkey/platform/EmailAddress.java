package dev.latchkey.platform;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The form of an e-mail address as HTML's {@code <input type=email>} defines it (WHATWG HTML, "valid e-mail address"), without
 * the demand for a dot in the domain; at most 254 characters (RFC 5321 section 4.5.3.1.3).
 */
public final class EmailAddress {

    private static final Pattern FORM = Pattern.compile(
            "[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
                    + "(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*");

    private EmailAddress() {
    }

    public static boolean isValid(String address) {
        return address.length() <= 254 && FORM.matcher(address).matches();
    }

    /** The form in which addresses are compared. */
    public static String normalise(String address) {
        return address.strip().toLowerCase(Locale.ROOT);
    }
}
