package dev.latchkey.sidecar;

import io.vertx.core.net.SocketAddress;

/**
 * One server that a sidecar may ask: one address of a name. Touched on one event loop only.
 */
final class Server {

    /**
     * Where it is.
     *
     * @param host as configured: what its certificate must name
     * @param ip one address of that
     */
    record Place(String host, String ip, int port, boolean tls) {

        SocketAddress address() {
            return SocketAddress.inetSocketAddress(port, ip);
        }

        @Override
        public String toString() {
            return (tls ? "https://" : "http://") + host + ":" + port + (ip.equals(host) ? "" : " (" + ip + ")");
        }
    }

    private final Place place;
    /** When it last failed, by the monotonic clock. */
    private long failedAt;
    private boolean isSuspect;

    Server(Place place) {
        this.place = place;
    }

    Place place() {
        return place;
    }

    /** It did not answer, or not in time: others are asked first, for a while. */
    void failed(long now) {
        isSuspect = true;
        failedAt = now;
    }

    void answered() {
        isSuspect = false;
    }

    boolean isSuspect(long now, long forNanos) {
        return isSuspect && now - failedAt < forNanos;
    }

    long failedAt() {
        return failedAt;
    }

    @Override
    public String toString() {
        return place.toString();
    }
}
