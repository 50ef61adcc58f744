package dev.latchkey.account;

import java.util.Optional;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

import dev.latchkey.platform.Text;

/** The bodies by which people change what they are themselves. */
final class MeRequests {

    private static final String TOO_LONG = "is too long: at most {max} characters";
    private static final int MAX_PASSWORD = 1024;
    private static final int MAX_CODE = 64;

    private MeRequests() {
    }

    /** A field that is absent stays as it is. */
    @Schema(name = "ChangeMe")
    static final class Change {
        @Schema(implementation = String.class)
        public Optional<@Text(max = UserRequests.MAX_NAME, blank = true) String> firstName;
        @Schema(implementation = String.class)
        public Optional<@Text(max = UserRequests.MAX_NAME, blank = true) String> lastName;
        @Schema(implementation = String.class)
        public Optional<@Text(max = UserRequests.MAX_NAME, blank = true) String> company;
        @Schema(implementation = String.class, description = "Needs currentPassword")
        public Optional<@Text(max = UserRequests.MAX_ADDRESS) String> email;
        @Schema(description = "Needed to change email")
        @Size(max = MAX_PASSWORD, message = TOO_LONG)
        public String currentPassword;
    }

    @Schema(name = "ChangePassword")
    record ChangePassword(
            @Schema(required = true) @NotNull(message = "is missing") @Size(max = MAX_PASSWORD, message = TOO_LONG) String currentPassword,
            @Schema(required = true, description = "12 to 128 characters") @NotNull(message = "is missing") @Size(max = MAX_PASSWORD, message = TOO_LONG) String newPassword) {

        @Override
        public String toString() {
            return "ChangePassword";
        }
    }

    @Schema(name = "PasswordProof")
    record PasswordProof(
            @Schema(required = true) @NotNull(message = "is missing") @Size(max = MAX_PASSWORD, message = TOO_LONG) String currentPassword) {

        @Override
        public String toString() {
            return "PasswordProof";
        }
    }

    @Schema(name = "TwoFactorProof")
    record TwoFactorProof(
            @Schema(required = true) @NotNull(message = "is missing") @Size(max = MAX_PASSWORD, message = TOO_LONG) String currentPassword,
            @Schema(required = true, description = "Of the authenticator application; where two-factor authentication is on, a recovery code too", examples = "123456") @NotNull(message = "is missing") @Size(max = MAX_CODE, message = TOO_LONG) String twoFactorCode) {

        @Override
        public String toString() {
            return "TwoFactorProof";
        }
    }
}
