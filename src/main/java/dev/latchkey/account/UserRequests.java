package dev.latchkey.account;

import java.util.List;
import java.util.Optional;

import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;

import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

import dev.latchkey.account.Metadata.Entry;
import dev.latchkey.platform.Labels;
import dev.latchkey.platform.Text;

/** The bodies that the user resources read. */
final class UserRequests {

    static final int MAX_NAME = 255;
    static final int MAX_ADDRESS = 254;
    static final String MISSING_BODY = "is missing: send a JSON object";
    private static final String TOO_MANY = "has too many entries: at most {max}";
    private static final String NULL_ENTRY = "has an entry that is null: remove it";
    private static final String TOO_LONG = "is too long: at most {max} characters";
    /** What is read at all; whether it may be chosen is {@link Passwords#requireAcceptable}. */
    private static final int MAX_PASSWORD = 1024;

    private UserRequests() {
    }

    @Schema(name = "CreateUser")
    record Create(
            @Schema(required = true, description = "Nobody else in the account has it", examples = "ada@example.com") @NotNull(message = "is missing: give the person's e-mail address") @Text(max = MAX_ADDRESS) String email,
            @Schema(examples = "Ada") @Text(max = MAX_NAME, blank = true) String firstName,
            @Schema(examples = "Lovelace") @Text(max = MAX_NAME, blank = true) String lastName,
            @Text(max = MAX_NAME, blank = true) String company,
            @Schema(description = "The name of the role; absent: user", examples = "user") @Text(max = RoleRequests.MAX_NAME) String role,
            @Schema(description = "12 to 128 characters; absent: the answer has an invitation, by which the person sets one") @Size(max = MAX_PASSWORD, message = TOO_LONG) String password,
            @Size(max = Labels.MAX, message = TOO_MANY) List<@NotNull(message = NULL_ENTRY) @Text(max = Labels.MAX_LENGTH) String> tags,
            @Size(max = Metadata.MAX, message = TOO_MANY) List<@NotNull(message = NULL_ENTRY) @Valid Entry> metadata) {

        @Override
        public String toString() {
            return "CreateUser";
        }
    }

    /** A field that is absent stays as it is; one that is null is cleared. */
    @Schema(name = "ChangeUser")
    static final class Change {
        @Schema(implementation = String.class)
        public Optional<@Text(max = MAX_ADDRESS) String> email;
        @Schema(implementation = String.class)
        public Optional<@Text(max = MAX_NAME, blank = true) String> firstName;
        @Schema(implementation = String.class)
        public Optional<@Text(max = MAX_NAME, blank = true) String> lastName;
        @Schema(implementation = String.class)
        public Optional<@Text(max = MAX_NAME, blank = true) String> company;
        @Schema(implementation = String.class, description = "The name of the role", examples = "admin")
        public Optional<@Text(max = RoleRequests.MAX_NAME) String> role;
        @Schema(type = SchemaType.BOOLEAN, description = "true: they, and their tokens, are refused at once; false: no longer")
        public Optional<Boolean> disabled;
        @Schema(implementation = String[].class)
        public Optional<@Size(max = Labels.MAX, message = TOO_MANY) List<@NotNull(message = NULL_ENTRY) @Text(max = Labels.MAX_LENGTH) String>> tags;
        @Schema(implementation = Metadata.Entry[].class)
        public Optional<@Size(max = Metadata.MAX, message = TOO_MANY) List<@NotNull(message = NULL_ENTRY) @Valid Entry>> metadata;
    }

    @Schema(name = "NewPassword")
    record NewPassword(
            @Schema(required = true, description = "12 to 128 characters") @NotNull(message = "is missing") @Size(max = MAX_PASSWORD, message = TOO_LONG) String newPassword) {

        @Override
        public String toString() {
            return "NewPassword";
        }
    }

    @Schema(name = "ResetPassword")
    record Reset(
            @Schema(required = true, description = "From the invitation or reset link") @NotNull(message = "is missing") @Size(max = 255, message = TOO_LONG) String token,
            @Schema(required = true, description = "12 to 128 characters") @NotNull(message = "is missing") @Size(max = MAX_PASSWORD, message = TOO_LONG) String newPassword) {

        @Override
        public String toString() {
            return "ResetPassword";
        }
    }
}
