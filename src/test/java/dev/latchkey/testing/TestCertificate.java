package dev.latchkey.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/**
 * A certificate that vouches for itself, made by Java's own {@code keytool}.
 *
 * @param certificate path of a PEM file
 * @param key path of a PEM file
 */
public record TestCertificate(String certificate, String key) {

    private static final String PASSWORD = "for tests";

    /** One for this common name, which is also its DNS name. */
    public static TestCertificate of(String name) {
        try {
            Path directory = Files.createTempDirectory("latchkey-test-certificate");
            Path store = directory.resolve("store.p12");
            Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair", "-alias", "test", "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=" + name, "-ext",
                    "san=dns:" + name, "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", PASSWORD)
                    .redirectErrorStream(true).start();
            String output = new String(keytool.getInputStream().readAllBytes());
            if (!keytool.waitFor(30, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
                throw new IllegalStateException(output);
            }
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                keys.load(in, PASSWORD.toCharArray());
            }
            return new TestCertificate(
                    write(directory.resolve("certificate.pem"), "CERTIFICATE", keys.getCertificate("test").getEncoded()),
                    write(directory.resolve("key.pem"), "PRIVATE KEY",
                            keys.getKey("test", PASSWORD.toCharArray()).getEncoded()));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String write(Path file, String kind, byte[] bytes) throws IOException {
        Files.writeString(file,
                "-----BEGIN " + kind + "-----\n" + Base64.getMimeEncoder(64, "\n".getBytes()).encodeToString(bytes)
                        + "\n-----END " + kind + "-----\n");
        return file.toString();
    }
}
