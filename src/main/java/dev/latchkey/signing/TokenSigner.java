package dev.latchkey.signing;

import java.util.Map;

import dev.latchkey.platform.ApiException;
import io.smallrye.mutiny.Uni;

/** Signs JWTs (RFC 7519) with ES256. */
public interface TokenSigner {

    /**
     * Signs on a thread made for that, never on the caller's, and answers where the caller is. Fails with
     * {@link ApiException} 503 if too many wait already, or if there is no key, as on a sidecar.
     *
     * @param claims all of them but {@code iss}, which the purpose decides; times in seconds since the epoch
     */
    Uni<String> sign(KeyPurpose purpose, Map<String, Object> claims);
}
