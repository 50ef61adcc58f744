import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Writes an envoy.service.auth.v3.CheckRequest as one gRPC message: GET of a path with a token. Arguments: file, path, token. */
class CheckMessage {

    public static void main(String[] arguments) throws Exception {
        // attributes(1).request(4).http(2): id(1), method(2), headers(3: key 1, value 2), path(4), host(5), scheme(6)
        ByteArrayOutputStream http = new ByteArrayOutputStream();
        field(http, 1, text("1234567890"));
        field(http, 2, text("GET"));
        header(http, "authorization", "Bearer " + arguments[2]);
        header(http, ":authority", "api.example.com");
        header(http, "user-agent", "curl/8.1");
        header(http, "accept", "*/*");
        header(http, "x-request-id", "0190f5c2-7a5c-7cc2-8f3a-7a1f2f3c4d5e");
        field(http, 4, text(arguments[1]));
        field(http, 5, text("api.example.com"));
        field(http, 6, text("http"));
        byte[] message = nested(nested(nested(http.toByteArray(), 2), 4), 1);
        try (OutputStream file = new FileOutputStream(arguments[0])) {
            file.write(ByteBuffer.allocate(5).put((byte) 0).putInt(message.length).array());
            file.write(message);
        }
    }

    private static void header(ByteArrayOutputStream out, String name, String value) {
        ByteArrayOutputStream entry = new ByteArrayOutputStream();
        field(entry, 1, text(name));
        field(entry, 2, text(value));
        field(out, 3, entry.toByteArray());
    }

    private static byte[] nested(byte[] content, int number) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        field(out, number, content);
        return out.toByteArray();
    }

    private static void field(ByteArrayOutputStream out, int number, byte[] content) {
        out.write(number << 3 | 2);
        int length = content.length;
        while (length > 127) {
            out.write(length & 127 | 128);
            length >>= 7;
        }
        out.write(length);
        out.writeBytes(content);
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
