package dev.latchkey.sidecar;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.latchkey.platform.Ids;

/**
 * What a server says on a stream, one text frame each. What a sidecar says is nonces alone: {@link #isNonce}.
 */
sealed interface StreamMessage {

    Pattern ECHO = Pattern.compile("echo ([0-9]{1,19})(?: ([0-9]{1,18}))?");
    Pattern CHANGED = Pattern.compile("changed ([0-9a-f-]{36}):([0-9a-f,-]+)");
    Pattern NONCE = Pattern.compile("[0-9]{1,19}");

    /** Whatever is committed from now on will be told: the stream begins. */
    record Hello() implements StreamMessage {
        @Override
        public String text() {
            return "hello";
        }
    }

    /**
     * The answer to a nonce.
     *
     * @param ageNanos how long before the server read the nonce its newest evidence was sent; empty: it has none
     */
    record Echo(String nonce, OptionalLong ageNanos) implements StreamMessage {
        @Override
        public String text() {
            return "echo " + nonce + (ageNanos.isPresent() ? " " + Math.max(0, ageNanos.getAsLong()) : "");
        }

        /**
         * When the evidence was sent, by the sidecar's clock: the server read the nonce later than it was sent, so this is
         * no later than it was; empty if there is none.
         */
        OptionalLong evidence(long nonceSentNanos) {
            return ageNanos.isPresent() ? OptionalLong.of(nonceSentNanos - ageNanos.getAsLong()) : OptionalLong.empty();
        }
    }

    /** These tokens, sessions, users and roles of the account, or it itself, changed. */
    record Changed(UUID account, Collection<UUID> ids) implements StreamMessage {
        @Override
        public String text() {
            return "changed " + account + ":" + ids.stream().map(UUID::toString).collect(Collectors.joining(","));
        }
    }

    /** Anything may have changed. */
    record Everything() implements StreamMessage {
        @Override
        public String text() {
            return "everything";
        }
    }

    String text();

    /** The message that a text is, if it is one. */
    static Optional<StreamMessage> parse(String text) {
        if (text.equals("hello")) {
            return Optional.of(new Hello());
        }
        if (text.equals("everything")) {
            return Optional.of(new Everything());
        }
        Matcher echo = ECHO.matcher(text);
        if (echo.matches()) {
            return Optional.of(new Echo(echo.group(1),
                    echo.group(2) == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(echo.group(2)))));
        }
        Matcher changed = CHANGED.matcher(text);
        if (!changed.matches()) {
            return Optional.empty();
        }
        Optional<UUID> account = Ids.parse(changed.group(1));
        List<Optional<UUID>> ids = Stream.of(changed.group(2).split(",", -1)).map(Ids::parse).toList();
        return account.isEmpty() || ids.stream().anyMatch(Optional::isEmpty) ? Optional.empty()
                : Optional.of(new Changed(account.get(), ids.stream().map(Optional::get).toList()));
    }

    static boolean isNonce(String text) {
        return NONCE.matcher(text).matches();
    }
}
