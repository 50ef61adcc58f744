package dev.latchkey.gateway.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;

import org.junit.jupiter.api.Test;

import io.vertx.core.buffer.Buffer;

/** Only between two frames can another be put in between. */
class WebSocketFramesTest {

    private static Buffer frame(int length, boolean masked) {
        Buffer frame = Buffer.buffer().appendByte((byte) 0x82);
        int mask = masked ? 0x80 : 0;
        if (length < 126) {
            frame.appendByte((byte) (mask | length));
        } else if (length < 65_536) {
            frame.appendByte((byte) (mask | 126)).appendUnsignedShort(length);
        } else {
            frame.appendByte((byte) (mask | 127)).appendLong(length);
        }
        return frame.appendBytes(new byte[length + (masked ? 4 : 0)]);
    }

    @Test
    void theEndOfEachFrameIsFoundHoweverTheBytesArrive() {
        Random random = new Random(11);
        int[] lengths = { 0, 1, 5, 125, 126, 127, 300, 65_535, 65_536, 70_000 };
        for (int round = 0; round < 200; round++) {
            WebSocketFrames frames = new WebSocketFrames();
            for (int n = 0; n < 5; n++) {
                assertThat(frames.isBetweenFrames()).isTrue();
                Buffer frame = frame(lengths[random.nextInt(lengths.length)], random.nextBoolean());
                int at = 0;
                while (at < frame.length()) {
                    int count = Math.min(frame.length() - at, 1 + random.nextInt(round % 2 == 0 ? 5 : 50_000));
                    frames.pass(frame.getBuffer(at, at + count));
                    at += count;
                    assertThat(frames.isBetweenFrames()).as("%d of %d", at, frame.length()).isEqualTo(at == frame.length());
                }
            }
        }
    }

    @Test
    void severalFramesInOneBufferAreTold() {
        WebSocketFrames frames = new WebSocketFrames();
        frames.pass(frame(3, false).appendBuffer(frame(0, false)).appendBuffer(frame(200, true)));
        assertThat(frames.isBetweenFrames()).isTrue();
        frames.pass(Buffer.buffer(new byte[] { (byte) 0x81 }));
        assertThat(frames.isBetweenFrames()).isFalse();
    }

    @Test
    void theCloseThatIsPutInSaysPolicyViolation() {
        Buffer close = WebSocketFrames.policyViolation();
        assertThat(close.getByte(0) & 0x0f).isEqualTo(8);
        assertThat(close.getByte(1)).isEqualTo((byte) 2);
        assertThat(close.getUnsignedShort(2)).isEqualTo(1008);
    }
}
