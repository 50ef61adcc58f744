package dev.latchkey.portal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The portal answers at its own addresses and leaves everybody else's alone. */
class PortalTest {

    @ParameterizedTest
    @ValueSource(strings = { "/", "/index.html", "/sign-in", "/set-password", "/overview", "/access-tokens",
            "/access-tokens/new",
            "/access-tokens/42",
            "/access-tokens/", "/scopes", "/policy", "/profile" })
    void aPageIsThePortals(String path) {
        assertThat(Portal.isPage(path)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = { "/v3", "/v3/scopes", "/v3/policy", "/oauth2/token", "/.well-known/jwks.json", "/auth/nginx",
            "/q/openapi",
            "/internal", "/static/bundle/app.js", "/favicon.ico", "/access-tokens.html", "//access-tokens", "" })
    void nothingElseIs(String path) {
        assertThat(Portal.isPage(path)).isFalse();
    }
}
