package dev.latchkey.process;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.UUID;

import org.junit.jupiter.api.Test;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;

import dev.latchkey.testing.Visit;
import io.vertx.core.json.JsonObject;

/** The life of tokens as people lead it: in the portal. */
class PortalTokensIT extends PortalInChromium {

    private static String shownToken(Visit visit) {
        return visit.dialog().getByLabel("Token", new Locator.GetByLabelOptions().setExact(true)).inputValue();
    }

    /** Closes the dialog that shows a token, having copied it. */
    private static String copyAndClose(Visit visit) {
        String token = shownToken(visit);
        visit.button("Copy token").click();
        assertThat(visit.text("Copied")).isVisible();
        assertThat(visit.page.evaluate("navigator.clipboard.readText()")).isEqualTo(token);
        visit.inDialog(AriaRole.BUTTON, "Done").click();
        assertThat(visit.dialog()).isHidden();
        return token;
    }

    @Test
    void theWholeLifeOfAToken() {
        try (Visit visit = admin("/access-tokens").on("Access Tokens")) {
            visit.link("New token").click();
            visit.on("New token").field("Name").fill("release pipeline");
            visit.field("7 days").check();
            for (String scope : List.of("license:read", "product:read", "tag:read")) {
                visit.field(scope).check();
            }
            assertThat(visit.text("3 of 29 scopes selected")).isVisible();
            visit.button("Create token").click();
            String first = copyAndClose(visit);
            visit.on("release pipeline");
            assertThat(visit.page).hasURL(address() + "/access-tokens/" + idOf("release pipeline"));
            assertThat(visit.page.content()).doesNotContain(first);
            assertThat(latchkey.get("/v3/me", first).json().getJsonArray("scopes").getList())
                    .isEqualTo(List.of("license:read", "product:read", "tag:read"));

            // Its use is written within ten seconds.
            org.awaitility.Awaitility.await().atMost(java.time.Duration.ofSeconds(20)).until(() -> database.<Long> value(
                    "SELECT count(*) FROM token_usage u JOIN personal_access_token t ON t.id = u.token_id "
                            + "WHERE t.name = 'release pipeline' AND u.last_used_at IS NOT NULL") == 1);
            visit.page.reload();
            assertThat(visit.text("127.0.0.1")).isVisible();

            visit.button("Rotate").click();
            visit.field("Grace period of the old value").selectOption("1 hour");
            visit.inDialog(AriaRole.BUTTON, "Rotate").click();
            String second = copyAndClose(visit);
            assertThat(visit.text("The value from before the last rotation still works")).isVisible();
            assertThat(latchkey.judge(first)).isEqualTo(200);
            assertThat(latchkey.judge(second)).isEqualTo(200);

            visit.go("/access-tokens").choose("release pipeline", "Revoke");
            assertThat(visit.dialog().getByText("It was last used")).isVisible();
            visit.inDialog(AriaRole.BUTTON, "Revoke").click();
            assertThat(visit.row("release pipeline").getByText("Revoked")).isVisible();
            assertThat(latchkey.judge(first)).isEqualTo(401);
            assertThat(latchkey.judge(second)).isEqualTo(401);
        }
    }

    @Test
    void aTokenIsShownOnceAndNobodyLosesItByAccident() throws Exception {
        try (Visit visit = admin("/access-tokens/new").on("New token")) {
            visit.field("Name").fill("Shown <once>");
            visit.field("license:read").check();
            visit.button("Create token").click();
            String token = shownToken(visit);

            visit.press("Escape");
            assertThat(visit.dialog().getByText("You have not copied the token.")).isVisible();
            visit.inDialog(AriaRole.BUTTON, "Keep open").click();
            visit.page.goBack();
            assertThat(visit.dialog().getByText("You have not copied the token.")).isVisible();
            visit.inDialog(AriaRole.BUTTON, "Keep open").click();

            Download download = visit.page.waitForDownload(() -> visit.inDialog(AriaRole.BUTTON, "Download .env").click());
            assertThat(download.suggestedFilename()).isEqualTo("shown-once.env");
            Path file = directory.resolve("shown-once.env");
            download.saveAs(file);
            assertThat(Files.readString(file)).isEqualTo("LATCHKEY_TOKEN=" + token + "\n");
            visit.inDialog(AriaRole.BUTTON, "Done").click();

            visit.on("Shown <once>");
            String everywhere = visit.page.content() + visit.page.url() + visit.console() + visit.page.evaluate(
                    "() => JSON.stringify([localStorage, sessionStorage, history.state, [...document.querySelectorAll('input')].map(it => it.value)])");
            assertThat(everywhere).doesNotContain(token).doesNotContain(token.substring(10));
        }
    }

    @Test
    void filtersAndSortAreInTheAddress() {
        String colleague = colleague("lists", "personalAccessToken:write", "license:read", "tag:read");
        String theirs = latchkey.signIn("default", colleague, PASSWORD);
        for (String name : List.of("alpha", "beta", "gamma")) {
            latchkey.createToken(theirs, new JsonObject().put("name", name).put("scopes", List.of("license:read")));
        }
        latchkey.createToken(theirs, new JsonObject().put("name", "delta").put("scopes", List.of("tag:read")));
        database.execute(
                "UPDATE personal_access_token SET created_at = now() - interval '100 days', expires_at = now() + interval '2 days' "
                        + "WHERE name = 'gamma'");
        latchkey.createToken(theirs, new JsonObject().put("name", "old").put("scopes", List.of("tag:read")));
        database.execute("UPDATE personal_access_token SET expires_at = now() - interval '1 day' WHERE name = 'old'");
        UUID owner = database.value("SELECT id FROM app_user WHERE email = ?", colleague);

        try (Visit visit = admin("/access-tokens?userId=" + owner).on("Access Tokens")) {
            assertThat(visit.row("alpha")).isVisible();
            visit.button("Name").click();
            visit.at("/access-tokens?userId=" + owner + "&sort=name");
            assertThat(visit.page.getByRole(AriaRole.ROWHEADER))
                    .containsText(new String[] { "alpha", "beta", "delta", "gamma", "old" });
            visit.button("Name").click();
            visit.at("/access-tokens?userId=" + owner + "&sort=-name");
            assertThat(visit.page.getByRole(AriaRole.ROWHEADER))
                    .containsText(new String[] { "old", "gamma", "delta", "beta", "alpha" });
            for (String[] column : new String[][] { { "Expires", "expiresAt" }, { "Last used", "-lastUsedAt" },
                    { "Created", "-createdAt" } }) {
                visit.button(column[0]).click();
                visit.at("/access-tokens?userId=" + owner + "&sort=" + column[1]);
            }

            visit.field("Scope").selectOption("tag:read");
            visit.at("/access-tokens?userId=" + owner + "&sort=-createdAt&scope=tag:read");
            assertThat(visit.row("alpha")).isHidden();
            assertThat(visit.row("delta")).isVisible();
            visit.field("Scope").selectOption("All");
            visit.field("Status").selectOption("Expires soon");
            visit.at("/access-tokens?userId=" + owner + "&sort=-createdAt&status=expiring");
            assertThat(visit.page.getByRole(AriaRole.ROWHEADER))
                    .hasText(new java.util.regex.Pattern[] { java.util.regex.Pattern.compile("gamma.*") });
            visit.field("Status").selectOption("Expired");
            assertThat(visit.page.getByRole(AriaRole.ROWHEADER)).containsText(new String[] { "old" });
            visit.field("Status").selectOption("All");
            visit.field("Unused for 90 days").check();
            visit.at("/access-tokens?userId=" + owner + "&sort=-createdAt&unused=90");
            assertThat(visit.page.getByRole(AriaRole.ROWHEADER)).containsText(new String[] { "gamma" });
            visit.field("Unused for 90 days").uncheck();
            visit.field("Search").fill("BET");
            visit.at("/access-tokens?userId=" + owner + "&sort=-createdAt&query=BET");
            assertThat(visit.page.getByRole(AriaRole.ROWHEADER)).containsText(new String[] { "beta" });

            // The address alone shows the same; the way back leads through what was chosen.
            visit.page.reload();
            assertThat(visit.field("Search")).hasValue("BET");
            assertThat(visit.page.getByRole(AriaRole.ROWHEADER)).containsText(new String[] { "beta" });
            visit.button("Clear filters").click();
            visit.at("/access-tokens?sort=-createdAt");
            visit.field("Search").fill("nothing has this name");
            assertThat(visit.text("No token matches")).isVisible();
        }
    }

    @Test
    void tenThousandTokensArePaged() {
        String colleague = colleague("many", "personalAccessToken:write", "license:read");
        database.execute(
                "INSERT INTO personal_access_token (id, account_id, owner_id, name, digest, hint, scopes, created_at, updated_at) "
                        + "SELECT gen_random_uuid(), u.account_id, u.id, 'token ' || i, sha256(('many' || i)::bytea), 'lkp_', '{license:read}', "
                        + "now() - i * interval '1 minute', now() FROM app_user u, generate_series(1, 10050) i WHERE u.email = ?",
                colleague);
        try (Visit visit = signedIn(visit(), colleague, "/access-tokens").on("Access Tokens")) {
            assertThat(visit.text("1 to 20 of more than 10,000")).isVisible();
            visit.button("Next").click();
            visit.at("/access-tokens?page=2");
            assertThat(visit.row("token 21")).isVisible();
            visit.page.goBack();
            assertThat(visit.row("token 20")).isVisible();
            visit.page.getByLabel("Rows").selectOption("100");
            visit.at("/access-tokens?limit=100");
            assertThat(visit.row("token 100")).isVisible();
            // Beyond what is numbered, a cursor leads on.
            visit.go("/access-tokens?limit=100&page=100");
            assertThat(visit.row("token 10000")).isVisible();
            visit.button("Next").click();
            assertThat(visit.row("token 10050")).isVisible();
            assertThat(visit.page.url()).contains("cursor=");
            visit.button("Previous").click();
            assertThat(visit.row("token 10000")).isVisible();
        }
    }

    @Test
    void severalAreRevokedAtOnce() {
        String colleague = colleague("bulk", "personalAccessToken:write", "license:read");
        String theirs = latchkey.signIn("default", colleague, PASSWORD);
        List<String> tokens = List.of("one", "two", "three").stream().map(name -> latchkey.createToken(theirs, name)).toList();
        try (Visit visit = signedIn(visit(), colleague, "/access-tokens").on("Access Tokens")) {
            visit.field("Select one").check();
            visit.field("Select two").check();
            assertThat(visit.text("2 tokens selected")).isVisible();
            visit.button("Revoke selected").click();
            visit.inDialog(AriaRole.BUTTON, "Revoke 2 tokens").click();
            assertThat(visit.dialog().getByText("Revoked 2 tokens.")).isVisible();
            visit.inDialog(AriaRole.BUTTON, "Done").click();
            assertThat(visit.row("one").getByText("Revoked")).isVisible();
            assertThat(tokens.stream().map(latchkey::judge)).containsExactly(401, 401, 200);
        }
    }

    @Test
    void revokingAndDeletingTakeTheDescendantsAlongIfAsked() {
        String parent = token("a parent", "personalAccessToken:write", "license:read");
        String child = latchkey.createToken(parent, "a child");
        try (Visit visit = admin("/access-tokens/" + idOf("a parent")).on("a parent")) {
            assertThat(visit.role(AriaRole.HEADING, "Tokens that it made")).isVisible();
            visit.link("a child").click();
            visit.on("a child").link("a parent").click();
            visit.on("a parent").button("Revoke").click();
            visit.dialog().getByLabel("Revoke the 1 token that it made too").check();
            visit.inDialog(AriaRole.BUTTON, "Revoke").click();
            assertThat(visit.dialog()).isHidden();
            assertThat(visit.page.getByText("none in effect: the token is revoked")).isVisible();
            assertThat(latchkey.judge(parent)).isEqualTo(401);
            assertThat(latchkey.judge(child)).isEqualTo(401);
            visit.button("Delete").click();
            visit.inDialog(AriaRole.BUTTON, "Delete").click();
            visit.on("Access Tokens").at("/access-tokens");
            assertThat(visit.row("a parent")).isHidden();
        }
    }

    @Test
    void aTokenIsEdited() {
        token("before", "license:read", "tag:read");
        try (Visit visit = admin("/access-tokens/" + idOf("before")).on("before")) {
            visit.button("Edit").click();
            Locator name = visit.dialog().getByLabel("Name", new Locator.GetByLabelOptions().setExact(true));
            name.fill("");
            visit.inDialog(AriaRole.BUTTON, "Save").click();
            assertThat(visit.dialog().getByText("Give the token a name.")).isVisible();
            name.fill("after");
            visit.dialog().getByLabel("tag:read").uncheck();
            visit.dialog().getByLabel("Tags").fill("ci, nightly");
            visit.inDialog(AriaRole.BUTTON, "Save").click();
            visit.on("after");
            assertThat(visit.page.getByText("nightly", new Page.GetByTextOptions().setExact(true))).isVisible();
            JsonObject now = latchkey.get(TOKENS + "/" + idOf("after"), session).json();
            assertThat(now.getJsonArray("scopes").getList()).isEqualTo(List.of("license:read"));
            assertThat(now.getJsonArray("tags").getList()).isEqualTo(List.of("ci", "nightly"));
        }
    }

    @Test
    void theFormSaysWhatIsWrongNextToTheField() {
        try (Visit visit = admin("/access-tokens/new").on("New token")) {
            visit.button("Create token").click();
            assertThat(visit.field("Name")).isFocused();
            assertThat(visit.page.locator("#token-name-error")).hasText("Give the token a name.");
            assertThat(visit.page.locator("#scopes-error")).hasText("Choose at least one scope.");
            visit.field("Name").fill("with ranges");
            assertThat(visit.page.locator("#token-name-error")).isHidden();
            visit.field("license:read").check();
            visit.field("On a date").check();
            visit.button("Create token").click();
            assertThat(visit.text("Choose a date.")).isVisible();
            visit.field("Date").fill(LocalDate.now(ZoneId.of("Europe/Berlin")).minusDays(2).toString());
            visit.button("Create token").click();
            assertThat(visit.text("The date is in the past")).isVisible();
            visit.field("Date").fill(LocalDate.now(ZoneId.of("Europe/Berlin")).plusDays(10).toString());
            assertThat(visit.text("Expires on")).isVisible();

            visit.page.getByText("Advanced: description").click();
            Locator ranges = visit.page.locator("#ranges");
            ranges.fill("10.0.0.1, 10.0.0.0/8;::1 10.0.0.300");
            assertThat(visit.page.getByText("10.0.0.300").first()).isVisible();
            visit.button("Create token").click();
            assertThat(visit.text("Correct the entries that are marked.")).isVisible();
            ranges.fill("10.0.0.1, 10.0.0.0/8;::1");
            visit.button("Create token").click();
            copyAndClose(visit);
            visit.on("with ranges");
            assertThat(latchkey.get(TOKENS + "/" + idOf("with ranges"), session).json().getJsonArray("allowedIps").getList())
                    .isEqualTo(List.of("10.0.0.1/32", "10.0.0.0/8", "::1/128"));
        }
    }

    @Test
    void scopesThatOneDoesNotHoldCannotBeChosen() {
        String colleague = colleague("few", "personalAccessToken:write", "license:read");
        try (Visit visit = signedIn(visit(), colleague, "/access-tokens/new").on("New token")) {
            assertThat(visit.field("license:write")).isDisabled();
            assertThat(visit.page.locator("#scope-license-write-text"))
                    .containsText("Your role, role of few, does not have it.");
            visit.button("All read").click();
            assertThat(visit.field("license:read")).isChecked();
            assertThat(visit.text("1 of 29 scopes selected")).isVisible();
            visit.field("personalAccessToken:write").check();
            assertThat(visit.text("This is a broad grant.")).isVisible();
            visit.field("Search scopes").fill("licenseTemplate");
            assertThat(visit.field("license:read")).isHidden();
            assertThat(visit.field("licenseTemplate:read")).isVisible();
        }
    }

    @Test
    void aLostAnswerMakesOneTokenAndThePersonLearnsOfIt() {
        try (Visit visit = admin("/access-tokens/new").on("New token")) {
            visit.field("Name").fill("lost");
            visit.field("license:read").check();
            // The request arrives, its answer does not.
            visit.page.route("**" + TOKENS, route -> {
                route.fetch();
                route.abort();
            });
            visit.button("Create token").click();
            assertThat(visit.page.getByText("Your token may have been created all the same")).isVisible();
            visit.page.unroute("**" + TOKENS);
            visit.button("Try again").click();
            assertThat(visit.page.getByText("Your first attempt had worked")).isVisible();
            assertThat(database.<Long> value("SELECT count(*) FROM personal_access_token WHERE name = 'lost'")).isOne();
            visit.button("Rotate now").click();
            visit.inDialog(AriaRole.BUTTON, "Rotate").click();
            assertThat(latchkey.judge(copyAndClose(visit))).isEqualTo(200);
        }
    }

    @Test
    void aSessionThatEndsInTheMiddleOfAFormLosesNothing() {
        String colleague = colleague("interrupted", "personalAccessToken:write", "license:read");
        try (Visit visit = signedIn(visit(), colleague, "/access-tokens/new").on("New token")) {
            visit.field("Name").fill("typed before");
            visit.field("license:read").check();
            database.execute("UPDATE session SET ended_at = now() WHERE user_id = (SELECT id FROM app_user WHERE email = ?)",
                    colleague);
            visit.button("Create token").click();
            assertThat(visit.dialog().getByText("Your session has ended")).isVisible();
            visit.dialog().getByLabel("Password").fill(PASSWORD);
            visit.inDialog(AriaRole.BUTTON, "Sign in").click();
            assertThat(visit.dialog().getByText("Your new token")).isVisible();
            copyAndClose(visit);
            visit.on("typed before");
        }
    }

    @Test
    void whoIsOfflineIsToldSo() {
        try (Visit visit = admin("/access-tokens").on("Access Tokens")) {
            visit.context().setOffline(true);
            visit.button("Name").click();
            assertThat(visit.text("No connection")).isVisible();
            visit.context().setOffline(false);
            visit.button("Try again").click();
            assertThat(visit.text("No connection")).isHidden();
        }
    }

    @Test
    void namesAreTextWhateverIsInThem() {
        String hostile = "<img src=x onerror=document.title='broken'><script>alert(1)</script>{{7*7}}${7*7}";
        token(hostile, "license:read");
        try (Visit visit = admin("/access-tokens").on("Access Tokens")) {
            assertThat(visit.row(hostile)).isVisible();
            visit.link(hostile).click();
            visit.on(hostile);
            assertThat(visit.page.title()).startsWith(hostile);
            visit.button("Revoke").click();
            assertThat(visit.dialog().getByText(hostile)).isVisible();
            visit.inDialog(AriaRole.BUTTON, "Cancel").click();
            assertThat(visit.page.locator("img, main script")).hasCount(0);
        }
    }

    @Test
    void aRoleThatBecameSmallerIsExplained() {
        String colleague = colleague("smaller", "personalAccessToken:write", "license:read", "license:write");
        String theirs = latchkey.signIn("default", colleague, PASSWORD);
        latchkey.createToken(theirs,
                new JsonObject().put("name", "shrunk").put("scopes", List.of("license:read", "license:write")));
        database.execute("UPDATE role SET scopes = '{personalAccessToken:write,license:read}' WHERE name = 'role of smaller'");
        try (Visit visit = signedIn(visit(), colleague, "/access-tokens/" + idOf("shrunk")).on("shrunk")) {
            assertThat(visit.page.getByText("does not have license:write any more")).isVisible();
            assertThat(visit.page.getByText("1 effective")).isVisible();
        }
    }

    @Test
    void theKeyboardAloneCreatesAndRevokes() {
        String colleague = colleague("keyboard", "personalAccessToken:write", "license:read");
        try (Visit visit = visit().go("/sign-in?from=/access-tokens")) {
            visit.on("Sign in").tabTo("E-mail").page.keyboard().type(colleague);
            visit.tabTo("Password").page.keyboard().type(PASSWORD);
            visit.press("Enter").on("Access Tokens").tabTo("Create your first token").press("Enter");
            visit.on("New token").tabTo("Name").page.keyboard().type("by keyboard");
            visit.tabTo("license:read").press("Space").tabTo("Create token").press("Enter");
            assertThat(visit.dialog()).isVisible();
            visit.tabTo("Copy token").press("Enter");
            // The focus stays in the dialog.
            for (int i = 0; i < 12; i++) {
                visit.press("Tab");
                assertThat(visit.page.evaluate(
                        "() => document.activeElement === document.body || !!document.activeElement.closest('dialog')"))
                        .isEqualTo(true);
            }
            visit.tabTo("Done").press("Enter").on("by keyboard");
            visit.tabTo("Access Tokens").press("Enter").on("Access Tokens");
            visit.tabTo("Actions for by keyboard").press("Enter", "ArrowDown", "ArrowDown", "ArrowDown");
            assertThat(visit.focused()).isEqualTo("Revoke");
            visit.press("Enter");
            assertThat(visit.dialog().getByText("It stops working at once")).isVisible();
            assertThat(visit.focused()).as("what changes nothing").isEqualTo("Cancel");
            visit.tabTo("Revoke").press("Enter");
            assertThat(visit.row("by keyboard").getByText("Revoked")).isVisible();
            assertThat(visit.focused()).as("where it was").isEqualTo("Actions for by keyboard");
        }
    }
}
