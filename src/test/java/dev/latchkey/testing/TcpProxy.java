package dev.latchkey.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Stands between a sidecar and a server and passes bytes on, until a test wants it otherwise. The stream of changes and
 * the other connections are told apart by how they begin.
 */
public final class TcpProxy implements AutoCloseable {

    public static final String STREAM = "stream";
    public static final String OTHERS = "others";

    private final ServerSocket server;
    private final int target;
    private final List<Link> links = new CopyOnWriteArrayList<>();
    private final Set<String> stalled = ConcurrentHashMap.newKeySet();
    private volatile boolean isCut;

    /** @param target a port of this machine */
    public TcpProxy(int target) {
        this.target = target;
        try {
            this.server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        daemon(() -> {
            while (!server.isClosed()) {
                Socket client = server.accept();
                if (isCut) {
                    client.close();
                } else {
                    daemon(() -> new Link(client).run());
                }
            }
        });
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Ends all connections, and refuses new ones until {@link #mend}. */
    public void cut() {
        isCut = true;
        links.forEach(Link::close);
    }

    public void mend() {
        isCut = false;
    }

    /** Ends the connections of this kind; new ones may be made at once. */
    public void cut(String kind) {
        links.stream().filter(link -> link.kind.equals(kind)).forEach(Link::close);
    }

    /** Holds back what the server says on the connections of this kind, those that are made later included. */
    public void stall(String kind) {
        stalled.add(kind);
    }

    /** Lets everything go that was held back, at once and in order. */
    public void release(String kind) {
        synchronized (stalled) {
            stalled.remove(kind);
            stalled.notifyAll();
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        cut();
    }

    private final class Link {

        private final Socket client;
        private final Socket target;
        private volatile String kind = "";

        Link(Socket client) throws IOException {
            this.client = client;
            this.target = new Socket("127.0.0.1", TcpProxy.this.target);
            client.setTcpNoDelay(true);
            target.setTcpNoDelay(true);
            links.add(this);
        }

        void run() throws IOException {
            byte[] buffer = new byte[64 * 1024];
            try {
                InputStream in = client.getInputStream();
                OutputStream out = target.getOutputStream();
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    if (kind.isEmpty()) {
                        kind = new String(buffer, 0, count, StandardCharsets.ISO_8859_1).startsWith("GET /internal/changes")
                                ? STREAM
                                : OTHERS;
                        daemon(this::passBack);
                    }
                    out.write(buffer, 0, count);
                }
            } finally {
                close();
            }
        }

        private void passBack() throws IOException {
            byte[] buffer = new byte[64 * 1024];
            InputStream in = target.getInputStream();
            OutputStream out = client.getOutputStream();
            try {
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    synchronized (stalled) {
                        while (stalled.contains(kind) && !client.isClosed()) {
                            stalled.wait(100);
                        }
                    }
                    out.write(buffer, 0, count);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                close();
            }
        }

        void close() {
            links.remove(this);
            try {
                client.close();
                target.close();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void daemon(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException e) {
                // A connection ended, which is what this is for.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }
}
