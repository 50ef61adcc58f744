package dev.latchkey;

import java.util.Map;

import jakarta.inject.Singleton;

import io.quarkus.info.runtime.spi.InfoContributor;

/** What {@code /q/info} on the management port says of the program: version and commit. */
@Singleton
public class BuildInfo implements InfoContributor {

    @Override
    public String name() {
        return "build";
    }

    @Override
    public Map<String, Object> data() {
        Build build = Build.ofThisProgram();
        return Map.of("version", build.version(), "commit", build.commit());
    }
}
