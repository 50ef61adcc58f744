package dev.latchkey.process;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.security.InvalidKeyException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import javax.crypto.spec.SecretKeySpec;

import org.bouncycastle.util.encoders.Base32;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import com.eatthepath.otp.TimeBasedOneTimePasswordGenerator;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;

import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.Visit;
import io.vertx.core.json.JsonObject;

/** Every page: for whom it is, in both themes, in a narrow window, for whoever comes by a link. */
class PortalPagesIT extends PortalInChromium {

    private static String tokenPage;

    @BeforeAll
    static void makeTokens() {
        if (latchkey == null) {
            return;
        }
        latchkey.createToken(session, new JsonObject().put("name", "a pipeline with a rather long name that does not fit")
                .put("description", "Releases.").put("scopes", List.of("license:read", "license:write", "product:read",
                        "personalAccessToken:write"))
                .put("tags", List.of("ci")).put("allowedIps", List.of("10.0.0.0/8", "127.0.0.1", "::1")));
        String used = token("used", "license:read");
        for (int i = 0; i < 3; i++) {
            assertThat(latchkey.judge(used)).isEqualTo(200);
        }
        token("revoked", "tag:read");
        database.execute("UPDATE personal_access_token SET revoked_at = now() WHERE name = 'revoked'");
        token("soon", "tag:read");
        database.execute("UPDATE personal_access_token SET expires_at = now() + interval '3 days' WHERE name = 'soon'");
        tokenPage = "/access-tokens/" + idOf("a pipeline with a rather long name that does not fit");
    }

    /** What each page is called. */
    private static Map<String, String> pages() {
        Map<String, String> pages = new HashMap<>(Map.of("/access-tokens", "Access Tokens", "/access-tokens/new", "New token",
                "/scopes", "Scopes", "/policy?method=GET&path=/v3/licenses/1", "Policy tester", "/overview", "Overview",
                "/profile", "Profile", "/access-tokens/1/2", "Not found"));
        pages.put(tokenPage, "a pipeline with a rather long name that does not fit");
        return pages;
    }

    @ParameterizedTest
    @EnumSource(names = { "LIGHT", "DARK" })
    void everyPageAndDialogIsForEverybody(ColorScheme theme) {
        String suffix = "-" + theme.name().toLowerCase();
        try (Visit visit = chromium.visit(address(), 1280, theme)) {
            visit.go("/sign-in").on("Sign in").assertAccessible().picture("sign-in" + suffix);
            visit.field("E-mail").fill("nobody@example.com");
            visit.field("Password").fill("wrong");
            visit.button("Sign in").click();
            assertThat(visit.text("E-mail or password is wrong.")).isVisible();
            visit.assertAccessible().button("Sign in to another account").click();
            visit.assertAccessible();
        }
        try (Visit visit = admin("/scopes", 1280, theme)) {
            pages().forEach((path, heading) -> visit.go(path).on(heading).assertAccessible()
                    .picture(path.split("[?]")[0].replace(tokenPage, "/token").substring(1).replace('/', '-') + suffix));

            visit.go("/access-tokens/new").on("New token").button("Create token").click();
            visit.page.getByText("Advanced: description").click();
            visit.button("All read").click();
            visit.field("user:write").check();
            visit.assertAccessible().field("Name").fill("dialogs" + suffix);
            visit.button("Create token").click();
            visit.button("Copy token").click();
            visit.assertAccessible().press("Escape");
            visit.assertAccessible().picture("show-once" + suffix).inDialog(AriaRole.BUTTON, "Close").last().click();

            for (String action : List.of("Rotate", "Edit", "Revoke", "Delete")) {
                visit.go("/access-tokens").on("Access Tokens").button("Actions for dialogs" + suffix).click();
                visit.assertAccessible().role(AriaRole.MENUITEM, action).click();
                visit.dialog().waitFor();
                visit.assertAccessible();
            }
            visit.go("/access-tokens").field("Select dialogs" + suffix).check();
            visit.button("Revoke selected").click();
            visit.assertAccessible();
            visit.go("/profile").on("Profile").button("Sign out everywhere").click();
            visit.assertAccessible();
        }
    }

    @Test
    void everyPageFitsIntoANarrowWindow() {
        try (Visit visit = admin("/scopes", 320, ColorScheme.LIGHT)) {
            visit.assertFits();
            pages().forEach((path, heading) -> visit.go(path).on(heading).assertFits());
            visit.go("/access-tokens").on("Access Tokens").button("Navigation").click();
            visit.link("Overview").click();
            visit.on("Overview").go("/access-tokens").button("Actions for used").click();
            visit.role(AriaRole.MENUITEM, "Rotate").click();
            visit.dialog().waitFor();
            visit.assertFits();
        }
    }

    @Test
    void whoHasNoPermissionSeesNoWayThereAndTheApiRefusesToo() {
        String colleague = colleague("visitor", "license:read");
        try (Visit visit = signedIn(visit(), colleague, "/").on("Scopes")) {
            for (String hidden : List.of("Access Tokens", "Overview", "Policy tester")) {
                assertThat(visit.link(hidden)).isHidden();
            }
            for (String path : List.of("/access-tokens", "/access-tokens/new", tokenPage, "/overview", "/policy")) {
                visit.go(path).on("Not permitted");
            }
            assertThat(visit.page.evaluate("() => fetch('" + TOKENS + "').then(it => it.status)")).isEqualTo(403);
        }
    }

    @Test
    void aTokenOfSomebodyElseCanBeEndedButNotRotated() {
        String colleague = colleague("owner", "personalAccessToken:write", "license:read");
        latchkey.createToken(latchkey.signIn("default", colleague, PASSWORD), "of the owner");
        try (Visit visit = admin("/access-tokens").on("Access Tokens")) {
            assertThat(visit.row("of the owner").getByText(colleague)).isVisible();
            visit.button("Actions for of the owner").click();
            assertThat(visit.page.getByRole(AriaRole.MENUITEM)).hasText(new String[] { "View", "Revoke", "Delete" });
        }
        String other = colleague("other", "personalAccessToken:write", "license:read");
        try (Visit visit = signedIn(visit(), other, "/access-tokens/" + idOf("of the owner"))) {
            visit.on("No such token");
        }
    }

    @Test
    void aLinkLeadsThroughSignInToWhereItPoints() {
        try (Visit visit = visit().go("/access-tokens?status=active&sort=name").on("Sign in")) {
            visit.signIn(EMAIL, PASSWORD).on("Access Tokens").at("/access-tokens?status=active&sort=name");
        }
        for (String elsewhere : List.of("https://example.com/", "//example.com/", "/\\example.com")) {
            try (Visit visit = visit().go("/sign-in?from=" + elsewhere.replace("\\", "%5C"))) {
                visit.signIn(EMAIL, PASSWORD).on("Access Tokens").at("/access-tokens");
            }
        }
    }

    @Test
    void whoIsInvitedSetsAPasswordAndSignsIn() {
        JsonObject made = latchkey.post("/v3/users", session, new JsonObject().put("email", "invited@example.com")).json();
        String link = made.getJsonObject("invitation").getString("url");
        try (Visit visit = visit()) {
            visit.page.navigate(link);
            visit.on("Set your password").assertAccessible().at("/set-password");
            visit.field("New password").fill("short");
            visit.button("Set password").click();
            assertThat(visit.text("Write at least 12 characters.")).isVisible();
            visit.field("New password").fill(PASSWORD);
            visit.button("Set password").click();
            visit.on("Sign in").signIn("invited@example.com", PASSWORD).on("Access Tokens");
        }
        try (Visit visit = visit()) {
            visit.page.navigate(link);
            visit.on("Set your password").field("New password").fill(PASSWORD);
            visit.button("Set password").click();
            assertThat(visit.text("The link was used")).isVisible();
            visit.go("/set-password").on("Set your password");
            assertThat(visit.text("This address is not complete")).isVisible();
        }
    }

    @Test
    void whoHasASecondFactorIsAskedForIt() {
        String colleague = colleague("factors", "license:read");
        String theirs = latchkey.signIn("default", colleague, PASSWORD);
        String secret = latchkey.post("/v3/me/2fa-secret", theirs, new JsonObject().put("currentPassword", PASSWORD)).json()
                .getString("secret");
        JsonObject proof = new JsonObject().put("currentPassword", PASSWORD);
        List<Object> recovery = latchkey.post("/v3/me/enable-2fa", theirs, proof.copy().put("twoFactorCode", code(secret)))
                .json()
                .getJsonArray("recoveryCodes").getList();
        try (Visit visit = visit().go("/sign-in?from=/scopes").on("Sign in")) {
            visit.field("E-mail").fill(colleague);
            visit.field("Password").fill(PASSWORD);
            visit.button("Sign in").click();
            assertThat(visit.field("Code")).isFocused();
            visit.field("Code").fill("123");
            visit.button("Sign in").click();
            assertThat(visit.text("The code is wrong")).isVisible();
            visit.assertAccessible().field("Code").fill((String) recovery.get(0));
            visit.press("Enter").on("Scopes");
        }
    }

    private static String code(String secret) {
        try {
            return new TimeBasedOneTimePasswordGenerator().generateOneTimePasswordString(
                    new SecretKeySpec(Base32.decode(secret), "HmacSHA1"), Instant.now());
        } catch (InvalidKeyException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void signOutEndsTheSession() {
        try (Visit visit = admin("/profile").on("Profile")) {
            assertThat(visit.text("This one")).isVisible();
            visit.button("Sign out").first().click();
            visit.on("Sign in").page.goBack();
            visit.on("Sign in");
            assertThat(visit.context().cookies())
                    .noneMatch(cookie -> cookie.name.contains("session") && !cookie.value.isEmpty());
        }
    }

    @Test
    void signOutEverywhereEndsTheOtherBrowserToo() {
        String colleague = colleague("everywhere", "license:read");
        try (Visit one = signedIn(visit(), colleague, "/profile").on("Profile");
                Visit two = signedIn(visit(), colleague, "/scopes").on("Scopes")) {
            one.button("Sign out everywhere").click();
            one.inDialog(AriaRole.BUTTON, "Sign out everywhere").click();
            one.on("Sign in");
            two.go("/scopes").on("Sign in");
        }
    }

    @Test
    void theSessionIsRefreshedSilently() {
        String colleague = colleague("refreshed", "license:read");
        try (Visit visit = signedIn(visit(), colleague, "/scopes").on("Scopes")) {
            visit.context().clearCookies(
                    new com.microsoft.playwright.BrowserContext.ClearCookiesOptions().setName("latchkey-session"));
            visit.link("Profile").click();
            visit.on("Profile");
            assertThat(visit.text("This one")).isVisible();
            assertThat(visit.dialog()).isHidden();
        }
    }

    @Test
    void tooManyAttemptsSayHowLong() {
        String colleague = colleague("forgetful", "license:read");
        try (Visit visit = visit().go("/sign-in").on("Sign in")) {
            visit.field("E-mail").fill(colleague);
            for (int i = 0; i < 40 && !visit.page.getByRole(AriaRole.TIMER).isVisible(); i++) {
                visit.field("Password").fill("wrong " + i);
                visit.button("Sign in").click();
                visit.page.locator("[role=alert]").waitFor();
                visit.page.waitForFunction("() => !document.querySelector('form button').innerText.includes('Signing')");
            }
            assertThat(visit.text("Too many attempts.")).isVisible();
            assertThat(visit.button("Sign in")).isDisabled();
        }
    }

    @Test
    void thePolicyIsTried() {
        try (Visit visit = admin("/policy").on("Policy tester")) {
            visit.button("Test").click();
            assertThat(visit.text("Write a path")).isVisible();
            visit.field("Method").selectOption("POST");
            visit.field("Path").fill("/v3/licenses");
            visit.button("Test").click();
            assertThat(visit.page.getByText("license:write")).isVisible();
            visit.field("Path").fill("/v3/invoices");
            visit.press("Enter");
            assertThat(visit.text("Refused")).isVisible();
            visit.at("/policy?method=POST&path=%2Fv3%2Finvoices");
        }
    }

    @Test
    void theChoiceOfThemeIsKept() {
        try (Visit visit = admin("/scopes").on("Scopes")) {
            String light = (String) visit.page.evaluate("() => getComputedStyle(document.documentElement).backgroundColor");
            visit.field("Theme").selectOption("Dark");
            visit.page.reload();
            visit.on("Scopes");
            assertThat((String) visit.page.evaluate("() => getComputedStyle(document.documentElement).backgroundColor"))
                    .isNotEqualTo(light);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = { "/", "/access-tokens", "/sign-in" })
    void thePagesAreLockedDown(String path) {
        Map<String, List<String>> headers = latchkey.get(path).headers();
        assertThat(headers.get("content-security-policy").get(0)).contains("default-src 'none'", "frame-ancestors 'none'",
                "require-trusted-types-for 'script'").doesNotContain("unsafe");
        assertThat(headers.get("x-content-type-options")).containsExactly("nosniff");
        assertThat(headers).containsKey("referrer-policy");
        assertThat(headers.get("cache-control").get(0)).contains("no-");
    }

    /** KiB, compressed: well below the 250 that a first visit may take. */
    @Test
    void theFirstPageIsSmallAndItsAssetsAreKept() throws Exception {
        try (Visit visit = visit()) {
            java.util.Map<String, Long> scripts = new HashMap<>();
            visit.page.onResponse(response -> {
                if (response.url().contains("/static/bundle/")) {
                    scripts.put(response.url(), Long.parseLong(response.headers().getOrDefault("content-length", "-1")));
                    assertThat(response.headers().get("content-encoding")).isEqualTo("gzip");
                    assertThat(response.headers().get("cache-control")).contains("max-age=31536000", "immutable");
                }
            });
            Response index = visit.page.navigate("/sign-in");
            assertThat(index.status()).isEqualTo(200);
            visit.on("Sign in");
            assertThat(scripts).isNotEmpty();
            assertThat(scripts.values()).allMatch(size -> size > 0);
            assertThat(scripts.values().stream().mapToLong(size -> size).sum()).isLessThan(100 * 1024);
            assertThat(latchkey.get(scripts.keySet().iterator().next().replaceFirst(".*?(/static/.*)", "$1") + ".map").status())
                    .isEqualTo(404);
        }
    }

    @Test
    void aSidecarHasNoPortal() {
        Map<String, String> environment = Map.of();
        try (LatchkeyProcess sidecar = LatchkeyProcess.startSidecar(directory, 9, database.createSidecarClient(),
                environment)) {
            org.awaitility.Awaitility.await().atMost(java.time.Duration.ofSeconds(30))
                    .until(() -> sidecar.management("/q/health/live") == 200);
            assertThat(sidecar.get("/").status()).isIn(0, 404);
            assertThat(sidecar.get("/access-tokens").status()).isIn(0, 404);
        }
    }
}
