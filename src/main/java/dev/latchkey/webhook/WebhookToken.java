package dev.latchkey.webhook;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.SecretKeys;

/**
 * What signs what a webhook is sent, so that its receiver knows who sent it.
 * <p>
 * Two signatures: the plain one, Base64 of an HMAC-SHA-256 over the body with the token's text as the key; and that of Standard
 * Webhooks (standardwebhooks.com), which covers id and time too. The latter's key is, as there, what the Base64 after
 * {@code whsec_} says; of a token without that prefix, its text.
 * <p>
 * Both are to be in a header of the same name, because names of headers are the same in upper and lower case. What a
 * receiver expects shows in its token: {@code whsec_} is the form of Standard Webhooks, whose libraries read a list with spaces
 * between and look for {@code v1} in it, so that the plain one may follow. Everybody else compares the whole value, so the
 * plain one is a field line of its own, before the other.
 */
record WebhookToken(String text) {

    static final String PREFIX = "whsec_";
    private static final int MIN_LENGTH = 16;
    private static final int MAX_LENGTH = 255;
    private static final int MIN_KEY_BYTES = 24;
    private static final int MAX_KEY_BYTES = 64;
    private static final String PURPOSE = "webhook";

    /**
     * A token that somebody chose.
     *
     * @throws ApiException 400 for one that is not allowed
     */
    static WebhookToken check(String text) {
        if (text.length() < MIN_LENGTH || text.length() > MAX_LENGTH || !text.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
            throw ApiException.invalid("token", "must be " + MIN_LENGTH + " to " + MAX_LENGTH + " visible ASCII characters");
        }
        if (text.startsWith(PREFIX)) {
            int bytes = keyBytes(text).map(key -> key.length).orElse(0);
            if (bytes < MIN_KEY_BYTES || bytes > MAX_KEY_BYTES) {
                throw ApiException.invalid("token", "must have the Base64 of " + MIN_KEY_BYTES + " to " + MAX_KEY_BYTES
                        + " bytes after " + PREFIX + ": make one with openssl rand -base64 32, or leave it away to get one");
            }
        }
        return new WebhookToken(text);
    }

    static WebhookToken generate(SecureRandom random) {
        byte[] key = new byte[32];
        random.nextBytes(key);
        return new WebhookToken(PREFIX + Base64.getEncoder().encodeToString(key));
    }

    /** As it is stored. */
    byte[] encrypt(SecretKeys secrets, UUID webhookId) {
        return secrets.encrypt(PURPOSE, webhookId.toString(), text.getBytes(StandardCharsets.UTF_8));
    }

    /** Empty if it was encrypted with another secret. */
    static Optional<WebhookToken> decrypt(SecretKeys secrets, UUID webhookId, byte[] encrypted) {
        return secrets.decrypt(PURPOSE, webhookId.toString(), encrypted)
                .map(plain -> new WebhookToken(new String(plain, StandardCharsets.UTF_8)));
    }

    /**
     * The field lines of the header {@code Webhook-Signature}.
     *
     * @param seconds since the epoch, as {@code webhook-timestamp} says
     */
    List<String> sign(UUID id, long seconds, String body) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        boolean isStandard = text.startsWith(PREFIX);
        String plain = hmac(bytes, body);
        String standard = "v1," + hmac(isStandard ? keyBytes(text).orElseThrow() : bytes, id + "." + seconds + "." + body);
        return isStandard ? List.of(standard + " " + plain) : List.of(plain, standard);
    }

    private static Optional<byte[]> keyBytes(String text) {
        try {
            return Optional.of(Base64.getDecoder().decode(text.substring(PREFIX.length())));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String hmac(byte[] key, String message) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return Base64.getEncoder().encodeToString(mac.doFinal(message.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HMAC-SHA-256 is not available", e);
        }
    }

    /** Never the token itself. */
    @Override
    public String toString() {
        return "WebhookToken";
    }
}
