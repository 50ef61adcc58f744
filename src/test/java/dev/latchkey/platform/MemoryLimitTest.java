package dev.latchkey.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryLimitTest {

    @TempDir
    private Path root;

    private void file(String path, String content) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    @Test
    void theOwnGroupCounts() throws IOException {
        file("proc/self/cgroup", "0::/kubepods/pod1\n");
        file("sys/fs/cgroup/kubepods/pod1/memory.max", "67108864\n");
        file("sys/fs/cgroup/memory.max", "max\n");
        assertThat(MemoryLimit.of(root)).hasValue(64L << 20);
    }

    @Test
    void inAContainerItIsTheRoot() throws IOException {
        file("proc/self/cgroup", "0::/\n");
        file("sys/fs/cgroup/memory.max", "134217728\n");
        assertThat(MemoryLimit.of(root)).hasValue(128L << 20);
    }

    @Test
    void theFirstVersionOfControlGroupsIsReadToo() throws IOException {
        file("proc/self/cgroup", "9:memory:/docker/abc\n");
        file("sys/fs/cgroup/memory/memory.limit_in_bytes", "67108864\n");
        assertThat(MemoryLimit.of(root)).hasValue(64L << 20);
    }

    @Test
    void thereMayBeNone() throws IOException {
        assertThat(MemoryLimit.of(root)).isEmpty();
        file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        assertThat(MemoryLimit.of(root)).isEmpty();
        file("sys/fs/cgroup/memory.max", "max\n");
        assertThat(MemoryLimit.of(root)).isEmpty();
    }
}
