package dev.latchkey;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * What was built.
 *
 * @param version of the project
 * @param commit from which it was built, 40 hexadecimal digits; "unknown" if the sources came without their history
 */
record Build(String version, String commit) {

    static Build ofThisProgram() {
        Properties properties = new Properties();
        try (InputStream file = Build.class.getResourceAsStream("version.properties")) {
            properties.load(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Build(properties.getProperty("version"), properties.getProperty("commit"));
    }
}
