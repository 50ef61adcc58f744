package dev.latchkey.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * How much memory this process may have: the limit of its control group, as a container has one. Linux's documentation:
 * "Control Group v2",
 * memory.max; "Memory Resource Controller" (v1), memory.limit_in_bytes.
 */
public final class MemoryLimit {

    private static final String UNIFIED = "0::";
    /** Version 1 says a number of this size where there is no limit. */
    private static final long NONE = 1L << 60;

    private MemoryLimit() {
    }

    /** In bytes; nothing if there is no limit, or no control group. */
    public static OptionalLong ofThisProcess() {
        return of(Path.of("/"));
    }

    static OptionalLong of(Path root) {
        Path groups = root.resolve("sys/fs/cgroup");
        try {
            for (Path file : List.of(groups.resolve(ownGroup(root)).resolve("memory.max"), groups.resolve("memory.max"),
                    groups.resolve("memory/memory.limit_in_bytes"))) {
                if (Files.isReadable(file)) {
                    String limit = Files.readString(file).strip();
                    long bytes = limit.equals("max") ? NONE : Long.parseLong(limit);
                    return bytes >= NONE ? OptionalLong.empty() : OptionalLong.of(bytes);
                }
            }
            return OptionalLong.empty();
        } catch (IOException | NumberFormatException e) {
            // What cannot be read limits nothing that is known here.
            return OptionalLong.empty();
        }
    }

    private static String ownGroup(Path root) throws IOException {
        Path file = root.resolve("proc/self/cgroup");
        if (!Files.isReadable(file)) {
            return "";
        }
        return Files.readAllLines(file).stream().filter(line -> line.startsWith(UNIFIED))
                .map(line -> line.substring(UNIFIED.length()).replaceFirst("^/+", "")).findFirst().orElse("");
    }
}
