import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;

/** Makes a key and a JWT that is valid for a day. Arguments: RS256 or ES256, a file for the public key (PEM), one for the JWT. */
class Jwt {

    public static void main(String[] arguments) throws Exception {
        boolean rsa = arguments[0].equals("RS256");
        KeyPairGenerator generator = KeyPairGenerator.getInstance(rsa ? "RSA" : "EC");
        if (rsa) {
            generator.initialize(2048);
        } else {
            generator.initialize(new ECGenParameterSpec("secp256r1"));
        }
        KeyPair pair = generator.generateKeyPair();
        String payload = """
                {"iss":"https://issuer.example","sub":"somebody","upn":"somebody","groups":["license:read"],"iat":%d,"exp":%d,"jti":"1"}"""
                .formatted(Instant.now().getEpochSecond(), Instant.now().plusSeconds(86_400).getEpochSecond());
        String signed = encode("{\"alg\":\"" + arguments[0] + "\",\"typ\":\"JWT\"}") + "." + encode(payload);
        Signature signature = Signature.getInstance(rsa ? "SHA256withRSA" : "SHA256withECDSAinP1363Format");
        signature.initSign(pair.getPrivate());
        signature.update(signed.getBytes(StandardCharsets.US_ASCII));
        Files.writeString(Path.of(arguments[1]), "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(pair.getPublic().getEncoded()) + "\n-----END PUBLIC KEY-----\n");
        Files.writeString(Path.of(arguments[2]),
                signed + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign()));
    }

    private static String encode(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
