package dev.latchkey.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import io.vertx.core.json.JsonObject;

/** HTTP/1.1 byte by byte: sends what no client would, and reads one answer. */
public final class RawHttp {

    private RawHttp() {
    }

    /** @param status 0: the connection was closed without an answer */
    public record Answer(int status, List<Map.Entry<String, String>> headers, String body) {

        public List<String> values(String name) {
            return headers.stream().filter(header -> header.getKey().equalsIgnoreCase(name)).map(Map.Entry::getValue).toList();
        }

        public String value(String name) {
            List<String> values = values(name);
            return values.size() == 1 ? values.get(0) : values.toString();
        }

        /** Of the error body; empty if there is none. */
        public String code() {
            return body.startsWith("{") ? new JsonObject(body).getString("code", "") : "";
        }
    }

    /** Sends a request with a Host header and those given, each a whole line, and closes the connection afterwards. */
    public static Answer send(int port, String method, String target, String... headers) {
        StringBuilder request = new StringBuilder(method).append(' ').append(target)
                .append(" HTTP/1.1\r\nHost: api.example\r\n");
        for (String header : headers) {
            request.append(header).append("\r\n");
        }
        return exchange(port, request.append("Connection: close\r\n\r\n").toString());
    }

    /** Sends exactly these characters (ISO 8859-1) and reads until the other side closes, or nothing comes for 10 s. */
    public static Answer exchange(int port, String bytes) {
        return exchangeFrom("127.0.0.1", port, bytes);
    }

    /** The same from another of this machine's own addresses: on Linux all of 127.0.0.0/8 are. */
    public static Answer exchangeFrom(String address, int port, String bytes) {
        try (Socket socket = new Socket()) {
            socket.bind(new InetSocketAddress(address, 0));
            socket.connect(new InetSocketAddress("127.0.0.1", port), 2_000);
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().flush();
            return read(socket.getInputStream());
        } catch (IOException e) {
            return new Answer(0, List.of(), e.toString());
        }
    }

    private static Answer read(InputStream in) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            in.transferTo(bytes);
        } catch (IOException e) {
            if (bytes.size() == 0) {
                throw e;
            }
        }
        String text = bytes.toString(StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            return new Answer(0, List.of(), text);
        }
        String[] lines = text.substring(0, end).split("\r\n");
        List<Map.Entry<String, String>> headers = new ArrayList<>();
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            headers.add(Map.entry(lines[i].substring(0, colon), lines[i].substring(colon + 1).strip()));
        }
        String body = text.substring(end + 4);
        boolean chunked = headers.stream().anyMatch(
                header -> header.getKey().equalsIgnoreCase("transfer-encoding") && header.getValue().equals("chunked"));
        return new Answer(Integer.parseInt(lines[0].split(" ")[1]), headers, chunked ? unchunked(body) : body);
    }

    private static String unchunked(String body) {
        StringBuilder whole = new StringBuilder();
        int at = 0;
        while (at < body.length()) {
            int line = body.indexOf("\r\n", at);
            int length = line < 0 ? 0 : Integer.parseInt(body.substring(at, line), 16);
            if (length == 0) {
                break;
            }
            whole.append(body, line + 2, Math.min(body.length(), line + 2 + length));
            at = line + 2 + length + 2;
        }
        return whole.toString();
    }
}
