package dev.latchkey.account;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import org.junit.jupiter.api.Test;

import dev.latchkey.scope.ScopeCatalogue;

/** Every account has the same three roles, which follow the catalogue. */
class ReservedRoleTest {

    private final ScopeCatalogue catalogue = new ScopeCatalogue(
            Map.of("deployment:read", () -> "See.", "deployment:write", () -> "Deploy."));

    @Test
    void areThreeAndEachSaysWhatItIs() {
        assertThat(Arrays.stream(ReservedRole.values()).map(ReservedRole::roleName)).containsExactly("super-admin", "admin",
                "user");
        assertThat(ReservedRole.values()).allSatisfy(role -> assertThat(role.description()).isNotBlank());
    }

    @Test
    void aSuperAdminMayDoEverything() {
        assertThat(ReservedRole.SUPER_ADMIN.scopes(catalogue)).isEqualTo(catalogue.names()).hasSize(31);
    }

    @Test
    void anAdminMayDoEverythingButChangeTheAccountAndTheRoles() {
        Set<String> all = new TreeSet<>(catalogue.names());
        all.removeAll(Set.of("account:write", "role:write"));
        assertThat(ReservedRole.ADMIN.scopes(catalogue)).isEqualTo(all).hasSize(29)
                .contains("account:read", "role:read", "user:write", "deployment:write");
    }

    @Test
    void aUserReadsEverythingAndManagesTheirTokens() {
        assertThat(ReservedRole.USER.scopes(catalogue)).containsExactlyInAnyOrder("account:read", "activation:read",
                "analytics:read", "deployment:read", "eventLog:read", "invoice:read", "license:read", "licenseTemplate:read",
                "paymentMethod:read", "personalAccessToken:write", "product:read", "release:read", "role:read", "tag:read",
                "trialActivation:read", "trialPolicy:read", "user:read", "webhook:read");
    }

    @Test
    void eachMayDoAllThatTheNextMay() {
        assertThat(ReservedRole.SUPER_ADMIN.scopes(catalogue)).containsAll(ReservedRole.ADMIN.scopes(catalogue));
        assertThat(ReservedRole.ADMIN.scopes(catalogue)).containsAll(ReservedRole.USER.scopes(catalogue));
    }
}
