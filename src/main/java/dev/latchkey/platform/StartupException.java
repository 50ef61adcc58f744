package dev.latchkey.platform;

/** Why the process cannot start, in words for the person who started it: they name the key or the place, and the remedy. */
public final class StartupException extends RuntimeException {

    public StartupException(String message) {
        super(message);
    }

    public StartupException(String message, Throwable cause) {
        super(message, cause);
    }
}
