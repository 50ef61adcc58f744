package dev.latchkey.webhook;

import java.time.Duration;

/**
 * What came of sending an event once.
 *
 * @param delivered whether the receiver acknowledged it with a status of 200 to 299
 * @param responseStatus null: no answer
 * @param responseBody how the answer began; null: no answer
 * @param error why it was not delivered, for a person; null if it was
 * @param duration how long it took in all
 */
record Attempt(boolean delivered, Integer responseStatus, String responseBody, String error, Duration duration) {

    static Attempt answered(int status, String body, Duration duration) {
        boolean delivered = status >= 200 && status < 300;
        String error = null;
        if (status >= 300 && status < 400) {
            error = "the endpoint answered " + status + ": redirects are not followed, give the URL that it leads to";
        } else if (!delivered) {
            error = "the endpoint answered " + status;
        }
        return new Attempt(delivered, status, body, error, duration);
    }

    static Attempt failed(String error, Duration duration) {
        return new Attempt(false, null, null, error, duration);
    }
}
