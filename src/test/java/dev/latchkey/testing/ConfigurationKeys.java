package dev.latchkey.testing;

import java.lang.reflect.Method;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

import dev.latchkey.platform.LatchkeyConfig;
import io.smallrye.config.WithDefault;

/** Every key of the configuration, with its default; empty if it has none. */
public final class ConfigurationKeys {

    private ConfigurationKeys() {
    }

    public static Map<String, String> all() {
        return keys("latchkey", LatchkeyConfig.class);
    }

    /** As environment variables. */
    public static Set<String> variables() {
        return all().keySet().stream().map(key -> key.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_"))
                .collect(Collectors.toSet());
    }

    private static Map<String, String> keys(String prefix, Class<?> mapping) {
        Map<String, String> keys = new TreeMap<>();
        for (Method method : mapping.getDeclaredMethods()) {
            String name = prefix + "." + method.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            if (method.getReturnType().isInterface() && method.getReturnType().getEnclosingClass() == LatchkeyConfig.class) {
                keys.putAll(keys(name, method.getReturnType()));
            } else {
                WithDefault defaultValue = method.getAnnotation(WithDefault.class);
                keys.put(name, defaultValue == null ? "" : defaultValue.value());
            }
        }
        return keys;
    }
}
