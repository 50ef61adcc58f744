package dev.latchkey.gateway.policy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import dev.latchkey.scope.ScopeCatalogue;

/** Where a route policy comes from: a file, or one that is built in. */
public final class PolicySource {

    /** Of the licensing API whose scopes are built in. */
    public static final String CRYPTLEX_V3 = "cryptlex-v3";

    private final String name;
    private final ScopeCatalogue catalogue;

    /** @param name {@value #CRYPTLEX_V3}, or the path of a file */
    public PolicySource(String name, ScopeCatalogue catalogue) {
        this.name = name;
        this.catalogue = catalogue;
    }

    /** Its name for others: where the file is, is nobody's business. */
    String name() {
        return isFile() ? Path.of(name).getFileName().toString() : name;
    }

    /** Whether it can change while the process runs. */
    boolean isFile() {
        return !name.equals(CRYPTLEX_V3);
    }

    /**
     * Reads and compiles the policy.
     *
     * @throws PolicyException if it cannot be read, or is not valid
     */
    public RoutePolicy read() throws PolicyException {
        return compile(content());
    }

    RoutePolicy compile(byte[] content) throws PolicyException {
        return PolicyReader.read(name, content, catalogue);
    }

    /** One byte more than is allowed at most, so that the reader sees that it is too much. */
    byte[] content() throws PolicyException {
        try (InputStream stream = open()) {
            return stream.readNBytes(PolicyReader.MAX_BYTES + 1);
        } catch (IOException | InvalidPathException e) {
            throw new PolicyException(name,
                    List.of("it cannot be read (" + e + "); latchkey.policy is the path of a YAML file, or "
                            + CRYPTLEX_V3));
        }
    }

    private InputStream open() throws IOException {
        if (isFile()) {
            return Files.newInputStream(Path.of(name));
        }
        return Optional.ofNullable(PolicySource.class.getResourceAsStream("/policies/" + name + ".yaml"))
                .orElseThrow(() -> new IllegalStateException("the policy " + name + " is not in the package"));
    }
}
