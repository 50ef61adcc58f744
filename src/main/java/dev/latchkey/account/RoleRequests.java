package dev.latchkey.account;

import java.util.List;
import java.util.Optional;

import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;

import org.eclipse.microprofile.openapi.annotations.media.Schema;

import dev.latchkey.platform.Text;

/** The bodies that the role resources read. */
final class RoleRequests {

    static final int MAX_NAME = 64;
    static final int MAX_DESCRIPTION = 1000;
    static final int MAX_CLAIMS = 500;
    private static final String TOO_MANY = "has too many entries: at most {max}";
    private static final String NULL_ENTRY = "has an entry that is null: remove it";

    private RoleRequests() {
    }

    @Schema(name = "CreateRole")
    record Create(
            @Schema(required = true, description = "No other role of the account has it", examples = "release manager") @NotNull(message = "is missing: give the role a name") @Text(max = MAX_NAME) String name,
            @Text(max = MAX_DESCRIPTION, multiline = true, blank = true) String description,
            @Schema(required = true, description = "Scopes, from GET /v3/roles/claims", examples = "[\"license:read\"]") @NotNull(message = "is missing: give the scopes that its users may exercise") @Size(max = MAX_CLAIMS, message = TOO_MANY) List<@NotNull(message = NULL_ENTRY) String> claims) {
    }

    /** A field that is absent stays as it is; a description that is null is cleared. */
    @Schema(name = "ChangeRole")
    static final class Change {
        @Schema(implementation = String.class)
        public Optional<@Text(max = MAX_NAME) String> name;
        @Schema(implementation = String.class)
        public Optional<@Text(max = MAX_DESCRIPTION, multiline = true, blank = true) String> description;
        @Schema(implementation = String[].class)
        public Optional<@Size(max = MAX_CLAIMS, message = TOO_MANY) List<@NotNull(message = NULL_ENTRY) String>> claims;
    }
}
