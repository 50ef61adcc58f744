package dev.latchkey.platform;

/**
 * What is left of a {@link RateLimit} here.
 *
 * @param remaining requests that this process would still let through at once
 * @param seconds until there will be more if nothing was left, else until all of it is there again; 1 or more
 */
public record RateStatus(RateLimit limit, long remaining, long seconds) {

    /** For a person: why a request was refused, and when another will not be. */
    public String remedy() {
        return "the token may be used for " + limit + ": try again in " + seconds + " s";
    }
}
