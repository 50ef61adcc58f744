package dev.latchkey.portal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLConnection;
import java.util.Optional;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

import io.vertx.core.buffer.Buffer;

/**
 * A file of the portal, as it is and compressed.
 *
 * @param mediaType what the file is
 * @param plain its bytes
 * @param compressed with gzip
 */
record PortalAsset(String mediaType, Buffer plain, Buffer compressed) {

    /**
     * Reads a file of the package. It may take a while: not for the event loop.
     *
     * @param path as in a request, with the slash
     * @return empty if there is none
     */
    static Optional<PortalAsset> load(String path) {
        try (InputStream file = Thread.currentThread().getContextClassLoader()
                .getResourceAsStream("META-INF/resources" + path)) {
            if (file == null) {
                return Optional.empty();
            }
            byte[] bytes = file.readAllBytes();
            return Optional.of(new PortalAsset(mediaType(path), Buffer.buffer(bytes), Buffer.buffer(compress(bytes))));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path + " in the package", e);
        }
    }

    private static byte[] compress(byte[] bytes) throws IOException {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream(bytes.length / 2);
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed) {
            {
                def.setLevel(Deflater.BEST_COMPRESSION);
            }
        }) {
            gzip.write(bytes);
        }
        return compressed.toByteArray();
    }

    private static String mediaType(String path) {
        if (path.endsWith(".html")) {
            return "text/html; charset=utf-8";
        }
        if (path.endsWith(".js")) {
            return "text/javascript; charset=utf-8";
        }
        if (path.endsWith(".css")) {
            return "text/css; charset=utf-8";
        }
        if (path.endsWith(".svg")) {
            return "image/svg+xml";
        }
        String guess = URLConnection.guessContentTypeFromName(path);
        return guess == null ? "application/octet-stream" : guess;
    }
}
