package dev.latchkey.account;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

import javax.crypto.spec.SecretKeySpec;

import jakarta.enterprise.context.ApplicationScoped;

import org.bouncycastle.util.encoders.Base32;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

import com.eatthepath.otp.TimeBasedOneTimePasswordGenerator;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.SecretKeys;
import dev.latchkey.token.TokenDigest;
import io.quarkus.arc.InjectableInstance;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.mutiny.Uni;

/**
 * Time-based one-time passwords (RFC 6238: HMAC-SHA-1, 30 seconds, six digits, as authenticator applications expect) as a
 * second
 * factor, and recovery codes for whoever has lost the device. A code is accepted one step early or late, and never again: not
 * by
 * another server either, because the step is kept in the user's row, which is held meanwhile.
 */
@ApplicationScoped
public class TwoFactor {

    static final String PURPOSE = "two-factor";
    private static final Duration STEP = Duration.ofSeconds(30);
    private static final int DIGITS = 6;
    private static final int SECRET_BYTES = 20;
    private static final int RECOVERY_CODES = 10;
    /** 80 bits each. */
    private static final int RECOVERY_BYTES = 10;

    /** By the primary key. */
    private static final String USE_RECOVERY_CODE = "DELETE FROM recovery_code WHERE user_id = :user AND digest = :digest";
    private static final String FORGET_RECOVERY_CODES = "DELETE FROM recovery_code WHERE user_id = :user";
    private static final String ADD_RECOVERY_CODE = """
            INSERT INTO recovery_code (account_id, user_id, digest) VALUES (:account, :user, :digest)
            """;

    /**
     * What an authenticator application needs to know.
     *
     * @param secret Base32 (RFC 4648 section 6)
     * @param uri in the form of the Key URI Format of Google Authenticator, for a QR code
     */
    @RegisterForReflection
    @Schema(name = "TwoFactorSecret")
    record Secret(@Schema(description = "Base32, to be typed") String secret,
            @Schema(description = "The same for a QR code") String uri) {

        @Override
        public String toString() {
            return "Secret";
        }
    }

    /** Shown once. */
    @RegisterForReflection
    @Schema(name = "RecoveryCodes")
    record RecoveryCodes(@Schema(description = "Each lets you in once, in place of a code") List<String> recoveryCodes) {

        @Override
        public String toString() {
            return "RecoveryCodes";
        }
    }

    private final InjectableInstance<SecretKeys> secrets;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    public TwoFactor(InjectableInstance<SecretKeys> secrets, Clock clock) {
        this.secrets = secrets;
        this.clock = clock;
    }

    /** A new secret of the user's, which counts once {@link #enable} was shown a code of it. The user is held by the caller. */
    Secret prepare(User user, String account) {
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        user.twoFactorSecret = secrets.get().encrypt(PURPOSE, user.id.toString(), secret);
        user.twoFactorSecretId = secrets.get().id();
        user.twoFactorStep = 0;
        String text = Base32.toBase32String(secret).replace("=", "");
        String label = URLEncoder.encode("Latchkey (" + account + "):" + user.email, StandardCharsets.UTF_8).replace("+",
                "%20");
        return new Secret(text, "otpauth://totp/" + label + "?secret=" + text + "&issuer=Latchkey");
    }

    /**
     * Whether this is the user's code now, or a recovery code of theirs; it is not accepted again. The user is held by the
     * caller.
     */
    Uni<Boolean> accept(User user, String code) {
        String given = code.replaceAll("[\\s-]", "");
        if (given.length() == DIGITS && given.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Uni.createFrom().item(isCurrent(user, given));
        }
        return Panache.getSession().chain(session -> session.createNativeQuery(USE_RECOVERY_CODE).setParameter("user", user.id)
                .setParameter("digest", TokenDigest.of(given.toUpperCase(Locale.ROOT)).bytes()).executeUpdate())
                .map(used -> used == 1);
    }

    private boolean isCurrent(User user, String code) {
        byte[] secret = Optional.ofNullable(user.twoFactorSecret)
                .flatMap(stored -> secrets.get().decrypt(PURPOSE, user.id.toString(), stored))
                .orElseThrow(
                        () -> new ApiException(409, "NO_TWO_FACTOR_SECRET", "ask for a secret first: POST /v3/me/2fa-secret"));
        Instant now = clock.instant();
        long current = now.getEpochSecond() / STEP.toSeconds();
        for (long step = current - 1; step <= current + 1; step++) {
            if (step > user.twoFactorStep && MessageDigest.isEqual(code(secret, step).getBytes(StandardCharsets.US_ASCII),
                    code.getBytes(StandardCharsets.US_ASCII))) {
                user.twoFactorStep = step;
                return true;
            }
        }
        return false;
    }

    private static String code(byte[] secret, long step) {
        try {
            return new TimeBasedOneTimePasswordGenerator(STEP, DIGITS).generateOneTimePasswordString(
                    new SecretKeySpec(secret, TimeBasedOneTimePasswordGenerator.TOTP_ALGORITHM_HMAC_SHA1),
                    Instant.ofEpochSecond(step * STEP.toSeconds()), Locale.ROOT);
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("a secret of 20 bytes is a key", e);
        }
    }

    /** New codes in place of those from before. */
    Uni<RecoveryCodes> renewRecoveryCodes(User user) {
        List<String> codes = new ArrayList<>();
        for (int i = 0; i < RECOVERY_CODES; i++) {
            byte[] bytes = new byte[RECOVERY_BYTES];
            random.nextBytes(bytes);
            codes.add(Base32.toBase32String(bytes));
        }
        return forgetRecoveryCodes(user.id).chain(() -> Panache.getSession()).chain(session -> {
            Uni<Integer> all = Uni.createFrom().item(0);
            for (String code : codes) {
                all = all.chain(() -> session.createNativeQuery(ADD_RECOVERY_CODE).setParameter("account", user.accountId)
                        .setParameter("user", user.id).setParameter("digest", TokenDigest.of(code).bytes()).executeUpdate());
            }
            return all;
        }).replaceWith(() -> new RecoveryCodes(codes.stream().map(code -> code.replaceAll("(.{4})(?=.)", "$1-")).toList()));
    }

    /** The second factor is gone. */
    Uni<Void> disable(User user) {
        user.twoFactorEnabled = false;
        user.twoFactorSecret = null;
        user.twoFactorSecretId = null;
        return forgetRecoveryCodes(user.id);
    }

    private static Uni<Void> forgetRecoveryCodes(UUID userId) {
        return Panache.getSession()
                .chain(session -> session.createNativeQuery(FORGET_RECOVERY_CODES).setParameter("user", userId)
                        .executeUpdate())
                .replaceWithVoid();
    }
}
