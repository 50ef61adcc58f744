package dev.latchkey.scope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.latchkey.platform.StartupException;

/** The catalogue is the 29 scopes that clients know, and what the operator adds to them. */
class ScopeCatalogueTest {

    private final ScopeCatalogue catalogue = new ScopeCatalogue(Map.of());

    @Test
    void holdsExactlyThe29ScopesWithTheirPublishedDescriptions() {
        Map<String, String> descriptions = catalogue.all().stream()
                .collect(Collectors.toMap(Scope::name, Scope::description, (one, other) -> one, TreeMap::new));
        assertThat(descriptions).hasSize(29).containsOnly(
                entry("account:read", "Read-only access to the account details."),
                entry("account:write", "Update and delete account."),
                entry("activation:read", "Read-only access to all the license activations."),
                entry("analytics:read", "Read-only access to analytics."),
                entry("eventLog:read", "Read-only access to event logs."),
                entry("invoice:read", "Read-only access to all the invoices."),
                entry("license:read", "Read-only access to all the licenses."),
                entry("license:write", "Create, update and delete licenses."),
                entry("licenseTemplate:read", "Read-only access to all the license templates."),
                entry("licenseTemplate:write", "Create, update and delete license templates."),
                entry("paymentMethod:read", "Read-only access to all the credit cards."),
                entry("paymentMethod:write", "Create, update and delete credit cards."),
                entry("personalAccessToken:write", "Create, revoke and delete personal access tokens."),
                entry("product:read", "Read-only access to all the products and related policies."),
                entry("product:write", "Create, update and delete products."),
                entry("release:read", "Read-only access to all the releases."),
                entry("release:write", "Create, update, publish and delete releases."),
                entry("role:read", "Read-only access to all the roles."),
                entry("role:write", "Create, update and delete roles."),
                entry("tag:read", "Read-only access to all the tags."),
                entry("tag:write", "Create, update and delete tags."),
                entry("trialActivation:read", "Read-only access to all the trial activations."),
                entry("trialActivation:write", "Extend and delete trial activations."),
                entry("trialPolicy:read", "Read-only access to all the trial policies."),
                entry("trialPolicy:write", "Create, update and delete trial policies."),
                entry("user:read", "Read-only access to all the users."),
                entry("user:write",
                        "Create, update and delete users. Generate password reset tokens for users with `USER` role."),
                entry("webhook:read", "Read-only access to all the webhooks."),
                entry("webhook:write", "Create, update and delete webhooks."));
        assertThat(catalogue.all()).hasSize(29);
    }

    @Test
    void theAcceptedMisspellingFindsTheScopeThatItMeans() {
        assertThat(ScopeCatalogue.canonical("licenseTemaplate:write")).isEqualTo("licenseTemplate:write");
        assertThat(catalogue.find("licenseTemaplate:write")).map(Scope::name).contains("licenseTemplate:write");
        assertThat(catalogue.unknown(List.of("licenseTemaplate:write"))).isEmpty();
        assertThat(catalogue.names()).hasSize(29).doesNotContain("licenseTemaplate:write");
    }

    @Test
    void noOtherSpellingIsAccepted() {
        for (String name : List.of("licenseTemaplate:read", "License:read", "license:Read", " license:read", "license",
                "license:",
                "license:*", "*", "")) {
            assertThat(catalogue.find(name)).as(name).isEmpty();
            assertThat(ScopeCatalogue.canonical(name)).isEqualTo(name);
        }
    }

    @Test
    void unknownNamesAreTheOnesThatNoScopeHas() {
        assertThat(catalogue.unknown(List.of("license:read", "no:such", "user:write", "deployment:write")))
                .containsExactly("no:such", "deployment:write");
    }

    @Test
    void theOperatorsScopesAreAdded() {
        ScopeCatalogue extended = new ScopeCatalogue(
                Map.of("deployment:write", () -> "Deploy.", "a1:b2:c3", () -> "Three parts."));
        assertThat(extended.all()).hasSize(31);
        assertThat(extended.names()).hasSize(31).contains("deployment:write", "a1:b2:c3", "license:read");
        assertThat(extended.find("deployment:write")).contains(new Scope("deployment:write", "Deploy."));
        assertThat(extended.unknown(List.of("deployment:write"))).isEmpty();
    }

    @Test
    void aNameHasAResourceAndAnAction() {
        Scope scope = new Scope("a1:b2:c3", "Three parts.");
        assertThat(scope.resource()).isEqualTo("a1:b2");
        assertThat(scope.action()).isEqualTo("c3");
    }

    @ParameterizedTest
    @ValueSource(strings = { "license:read", "user:write", "licenseTemplate:write", "licenseTemaplate:write" })
    void aScopeThatExistsAlreadyStopsTheStart(String name) {
        assertThatThrownBy(() -> new ScopeCatalogue(Map.of(name, () -> "Mine."))).isInstanceOf(StartupException.class)
                .hasMessageContaining("latchkey.scopes.\"" + name + "\"").hasMessageContaining("built-in");
    }

    @ParameterizedTest
    @ValueSource(strings = { "deployment", "deployment:", ":write", "Deployment:write", "deployment:Write", "deploy-ment:write",
            "deploy ment:write", "deployment:write ", "deployment::write", "1deployment:write", "deployment:1write",
            "déploiement:write", "deployment:write\n", "deployment:*", "*session", "*token", "a:b,c:d", "" })
    void aBadNameStopsTheStart(String name) {
        assertThatThrownBy(() -> new ScopeCatalogue(Map.of(name, () -> "Mine."))).isInstanceOf(StartupException.class)
                .hasMessageContaining("latchkey.scopes.\"" + name + "\"").hasMessageContaining("allowed: resource:action");
    }

    @Test
    void aNameOfMoreThan100CharactersStopsTheStart() {
        assertThat(Scope.isValidName("a:" + "b".repeat(98))).isTrue();
        assertThatThrownBy(() -> new ScopeCatalogue(Map.of("a:" + "b".repeat(99), () -> "Mine.")))
                .isInstanceOf(StartupException.class).hasMessageContaining("latchkey.scopes.\"a:bbb");
    }

    @ParameterizedTest
    @ValueSource(strings = { "", " ", "\t\n", "\u3000" })
    void aBlankDescriptionStopsTheStart(String description) {
        assertThatThrownBy(() -> new ScopeCatalogue(Map.of("deployment:write", () -> description)))
                .isInstanceOf(StartupException.class)
                .hasMessageContaining("latchkey.scopes.\"deployment:write\".description");
    }
}
