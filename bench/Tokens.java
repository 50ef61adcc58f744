import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.zip.CRC32;

/** Prints as many tokens as the argument says, each with the digest under which the database knows it. */
class Tokens {

    private static final String ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    public static void main(String[] arguments) throws Exception {
        SecureRandom random = new SecureRandom();
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < Integer.parseInt(arguments[0]); i++) {
            StringBuilder token = new StringBuilder("lkp_");
            for (int j = 0; j < 30; j++) {
                token.append(ALPHABET.charAt(random.nextInt(62)));
            }
            CRC32 crc = new CRC32();
            crc.update(token.toString().getBytes(StandardCharsets.US_ASCII));
            char[] checksum = new char[6];
            long rest = crc.getValue();
            for (int j = 5; j >= 0; j--) {
                checksum[j] = ALPHABET.charAt((int) (rest % 62));
                rest /= 62;
            }
            token.append(checksum);
            lines.append(token).append('\t')
                    .append(HexFormat.of().formatHex(sha256.digest(token.toString().getBytes(StandardCharsets.US_ASCII))))
                    .append('\n');
        }
        new PrintStream(System.out, false, StandardCharsets.US_ASCII).append(lines).flush();
    }
}
