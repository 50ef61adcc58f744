/**
 * The reverse proxy. {@link dev.latchkey.gateway.proxy.ProxyDoor} judges a request and makes of it what the upstream is to see;
 * an {@link dev.latchkey.gateway.proxy.HttpExchange} or a {@link dev.latchkey.gateway.proxy.Tunnel} passes it on; {@link
 * dev.latchkey.gateway.proxy.OpenExchanges} watches what goes on, and ends what its token does not allow any more.
 * <p>
 * HTTP itself is Vert.x's server and client. Rejected: {@code vertx-http-proxy} (4.5.27) between them. It was built in and
 * taken out
 * again, because what it does cannot be made good from outside: it answers requests and responses whose framing it does not
 * like
 * by itself, past its interceptors, so that nobody hears that the exchange is over; a body of HTTP/2 without a length is
 * dropped; a
 * response with {@code Expires: 0} ends in an exception that leaves its connection in use for ever; heads are held back until a
 * body
 * begins, so that a stream of events without events looks dead; and on HTTP/2 its answer to a failed upstream is an exception.
 */
package dev.latchkey.gateway.proxy;
