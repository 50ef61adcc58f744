package dev.latchkey.sidecar;

import java.net.URI;
import java.util.Optional;
import java.util.function.Consumer;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshaker;
import io.netty.handler.codec.http.websocketx.WebSocketClientHandshakerFactory;
import io.netty.handler.codec.http.websocketx.WebSocketHandshakeException;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.NetSocketInternal;

/**
 * A WebSocket (RFC 6455) over a connection that is there. Netty's own: Vert.x's client connects by name alone, and a stream
 * goes
 * to one address of a name while the certificate is judged by the name. All of it runs on one event loop.
 */
final class StreamSocket {

    private static final int MAX_ANSWER = 8 * 1024;
    /** The longest message names hundred ids. */
    private static final int MAX_FRAME = 8 * 1024;
    private static final String VERTX_HANDLER = "handler";

    private final NetSocketInternal socket;
    private final Consumer<String> messages;
    private final Consumer<Throwable> end;
    private final WebSocketClientHandshaker handshaker;
    private boolean isOpen;
    private boolean isEnded;

    /**
     * Opens it.
     *
     * @param messages hears each text
     * @param end hears once that it ended, or could not be opened, and why
     */
    StreamSocket(NetSocket connected, Server.Place place, String path, Optional<String> authorization,
            Consumer<String> messages, Consumer<Throwable> end) {
        this.socket = (NetSocketInternal) connected;
        this.messages = messages;
        this.end = end;
        String host = place.host().indexOf(':') >= 0 ? "[" + place.host() + "]" : place.host();
        HttpHeaders headers = new DefaultHttpHeaders();
        authorization.ifPresent(value -> headers.set(HttpHeaderNames.AUTHORIZATION, value));
        this.handshaker = WebSocketClientHandshakerFactory.newHandshaker(
                URI.create((place.tls() ? "wss://" : "ws://") + host + ":" + place.port() + path), WebSocketVersion.V13, null,
                false, headers, MAX_FRAME);
        socket.closeHandler(closed -> ended(new IllegalStateException("the connection was closed")));
        socket.exceptionHandler(this::ended);
        socket.messageHandler(this::hear);
        ChannelPipeline pipeline = channel().pipeline();
        pipeline.addBefore(VERTX_HANDLER, "http", new HttpClientCodec());
        pipeline.addBefore(VERTX_HANDLER, "aggregator", new HttpObjectAggregator(MAX_ANSWER));
        handshaker.handshake(channel()).addListener(sent -> {
            if (!sent.isSuccess()) {
                ended(sent.cause());
            }
        });
    }

    private Channel channel() {
        return socket.channelHandlerContext().channel();
    }

    private void hear(Object message) {
        try {
            if (isEnded) {
                return;
            }
            if (!isOpen && message instanceof FullHttpResponse answer) {
                open(answer);
            } else if (message instanceof TextWebSocketFrame frame && frame.isFinalFragment()) {
                messages.accept(frame.text());
            } else if (message instanceof CloseWebSocketFrame frame) {
                ended(new IllegalStateException("the server ended the stream: " + frame.statusCode()));
            } else {
                ended(new IllegalStateException("the server does not speak this protocol"));
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void open(FullHttpResponse answer) {
        if (answer.status().code() != 101) {
            ended(new IllegalStateException("the server refused the stream with " + answer.status().code()));
            return;
        }
        try {
            handshaker.finishHandshake(channel(), answer);
            isOpen = true;
        } catch (WebSocketHandshakeException e) {
            ended(e);
        }
    }

    void send(String text) {
        if (isOpen && !isEnded) {
            socket.writeMessage(new TextWebSocketFrame(text));
        }
    }

    private void ended(Throwable reason) {
        if (!isEnded) {
            cut();
            end.accept(reason);
        }
    }

    /** Ends it now, below every handler: what is still to be sent to a stalled peer may never go. Nobody is told. */
    void cut() {
        isEnded = true;
        channel().pipeline().firstContext().close();
    }
}
