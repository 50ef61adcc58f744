package dev.latchkey.testing;

import java.io.DataInputStream;
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
 * Stands between a service and its PostgreSQL and passes bytes on, until a test wants it otherwise. Connections are
 * told apart by the {@code application_name} with which they begin.
 */
public final class DatabaseProxy implements AutoCloseable {

    private final ServerSocket server;
    private final int target;
    private final List<Link> links = new CopyOnWriteArrayList<>();
    private final Set<String> stalled = ConcurrentHashMap.newKeySet();
    private volatile boolean isCut;

    /** @param target the port of the database on this machine */
    public DatabaseProxy(int target) {
        this.target = target;
        try {
            this.server = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        daemon(() -> {
            while (!server.isClosed()) {
                accept(server.accept());
            }
        });
    }

    private void accept(Socket client) throws IOException {
        if (isCut) {
            client.close();
            return;
        }
        daemon(() -> {
            Link link = new Link(client, new Socket("127.0.0.1", target));
            links.add(link);
            if (isCut) {
                link.close();
            }
            link.run();
        });
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Ends all connections, and refuses new ones until {@link #mend}. */
    public void cut() {
        isCut = true;
        links.forEach(Link::close);
        links.clear();
    }

    public void mend() {
        isCut = false;
    }

    /** Ends the connections of this name; new ones may be made at once. */
    public void cut(String name) {
        links.stream().filter(link -> link.name.equals(name)).forEach(Link::close);
    }

    /** Holds back what the database says on the connections of this name, those that are made later included. */
    public void stall(String name) {
        stalled.add(name);
    }

    /** Lets everything go that was held back, at once and in order. */
    public void release(String name) {
        synchronized (stalled) {
            stalled.remove(name);
            stalled.notifyAll();
        }
    }

    /** Stalls what is there now for ever, without closing it; connections that are made later pass. */
    public void swallow(String name) {
        links.stream().filter(link -> link.name.equals(name)).forEach(link -> link.isSwallowed = true);
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
        private final Socket database;
        private volatile String name = "";
        private volatile boolean isSwallowed;

        Link(Socket client, Socket database) throws IOException {
            this.client = client;
            this.database = database;
            client.setTcpNoDelay(true);
            database.setTcpNoDelay(true);
        }

        void run() throws IOException {
            DataInputStream in = new DataInputStream(client.getInputStream());
            // PostgreSQL documentation, "Message Formats", StartupMessage.
            int length = in.readInt();
            byte[] rest = new byte[length - 4];
            in.readFully(rest);
            List<String> words = List.of(new String(rest, 4, rest.length - 4, StandardCharsets.UTF_8).split("\0"));
            int at = words.indexOf("application_name");
            name = at < 0 ? "" : words.get(at + 1);
            OutputStream out = database.getOutputStream();
            out.write(new byte[] { (byte) (length >> 24), (byte) (length >> 16), (byte) (length >> 8), (byte) length });
            out.write(rest);
            daemon(this::passBack);
            try {
                in.transferTo(out);
            } finally {
                close();
            }
        }

        private void passBack() throws IOException {
            byte[] buffer = new byte[64 * 1024];
            InputStream in = database.getInputStream();
            OutputStream out = client.getOutputStream();
            try {
                for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                    awaitRelease();
                    if (!isSwallowed) {
                        out.write(buffer, 0, count);
                    }
                }
            } finally {
                close();
            }
        }

        private void awaitRelease() {
            synchronized (stalled) {
                while (stalled.contains(name) && !client.isClosed()) {
                    try {
                        stalled.wait(100);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                        return;
                    }
                }
            }
        }

        void close() {
            try {
                client.close();
                database.close();
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
