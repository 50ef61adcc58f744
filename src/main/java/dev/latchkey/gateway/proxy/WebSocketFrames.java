package dev.latchkey.gateway.proxy;

import io.vertx.core.buffer.Buffer;

/**
 * Follows the frames of a WebSocket (RFC 6455 section 5.2) as far as to know where one ends: only there can another be put in
 * between.
 */
final class WebSocketFrames {

    private static final int MASKED = 0x80;
    private static final int MASK_BYTES = 4;

    /** Bytes of the header that are yet to come, of which the first two tell how many there are. */
    private int headerLeft = 2;
    private int headerRead;
    private int lengthBytes;
    private long payloadLeft;

    /** The status 1008, policy violation (RFC 6455 section 7.4.1), in a close frame from a server. */
    static Buffer policyViolation() {
        return Buffer.buffer(new byte[] { (byte) 0x88, 2, 0x03, (byte) 0xf0 });
    }

    /** These bytes passed. */
    void pass(Buffer bytes) {
        int i = 0;
        while (i < bytes.length()) {
            if (headerLeft == 0) {
                long skipped = Math.min(payloadLeft, bytes.length() - i);
                payloadLeft -= skipped;
                i += (int) skipped;
                if (payloadLeft == 0) {
                    begin();
                }
                continue;
            }
            header(bytes.getByte(i++) & 0xff);
        }
    }

    private void header(int value) {
        headerRead++;
        headerLeft--;
        if (headerRead == 2) {
            int length = value & ~MASKED;
            lengthBytes = length == 127 ? 8 : length == 126 ? 2 : 0;
            payloadLeft = lengthBytes == 0 ? length : 0;
            headerLeft = lengthBytes + ((value & MASKED) != 0 ? MASK_BYTES : 0);
        } else if (headerRead > 2 && headerRead <= 2 + lengthBytes) {
            payloadLeft = payloadLeft << 8 | value;
        }
        if (headerLeft == 0 && payloadLeft == 0) {
            begin();
        }
    }

    private void begin() {
        headerLeft = 2;
        headerRead = 0;
        lengthBytes = 0;
        payloadLeft = 0;
    }

    /** Whether the last frame is complete. */
    boolean isBetweenFrames() {
        return headerRead == 0;
    }
}
