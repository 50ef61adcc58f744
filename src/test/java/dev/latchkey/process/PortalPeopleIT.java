package dev.latchkey.process;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;

import dev.latchkey.testing.LatchkeyProcess;
import dev.latchkey.testing.Visit;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** The pages of the account behind the tokens: people, roles, tags, what happened, webhooks, the account itself. */
class PortalPeopleIT extends PortalInChromium {

    /** What would run if it were taken for more than text. */
    private static final String HOSTILE = "<img src=x onerror=alert(1)>";

    private static final Map<String, String> PAGES = new TreeMap<>(
            Map.of("/account", "Account", "/users", "Users", "/roles", "Roles", "/tags",
                    "Tags", "/event-log", "Event log", "/webhooks", "Webhooks", "/webhook-deliveries", "Deliveries"));

    @BeforeAll
    static void fill() {
        if (latchkey == null) {
            return;
        }
        token(HOSTILE, "license:read");
        // Before somebody carries it, who would make it without a description.
        make("/v3/tags", new JsonObject().put("name", "ci").put("description", HOSTILE));
        make("/v3/users", new JsonObject().put("email", "grace@example.com").put("firstName", HOSTILE).put("tags",
                List.of("ci", "night")));
        make("/v3/roles", new JsonObject().put("name", "auditors").put("description", HOSTILE).put("claims",
                List.of("license:read", "eventLog:read")));
        make("/v3/webhooks", new JsonObject().put("name", HOSTILE).put("url", "https://hooks.example.com/a").put("events",
                List.of("personal-access-token.created")));
        token("one that a webhook is told of", "license:read");
    }

    private static void make(String path, JsonObject body) {
        LatchkeyProcess.Answer made = latchkey.post(path, session, body);
        assertThat(made.status()).as(made.body()).isEqualTo(201);
    }

    @ParameterizedTest
    @EnumSource(names = { "LIGHT", "DARK" })
    void everyPageAndDialogIsForEverybody(ColorScheme theme) {
        try (Visit visit = admin("/scopes", 1280, theme)) {
            PAGES.forEach((path, heading) -> visit.go(path).on(heading).assertAccessible()
                    .picture(path.substring(1) + "-" + theme.name().toLowerCase()));
            for (String[] dialog : new String[][] { { "/users", "Users", "New user" }, { "/roles", "Roles", "New role" },
                    { "/tags", "Tags", "New tag" },
                    { "/webhooks", "Webhooks", "New webhook" }, { "/account", "Account", "Delete account" } }) {
                visit.go(dialog[0]).on(dialog[1]).button(dialog[2]).click();
                visit.dialog().waitFor();
                visit.assertAccessible();
            }
            visit.go("/users").on("Users").choose("grace@example.com", "Delete");
            visit.dialog().waitFor();
            visit.assertAccessible();
            visit.go("/webhook-deliveries").on("Deliveries").choose("personal-access-token.created", "Details");
            assertThat(visit.dialog().getByText("one that a webhook is told of")).isVisible();
            visit.assertAccessible();
            assertThat(visit.console()).as("but for the look for a session")
                    .allMatch(line -> line.contains("/v3/me:") || line.contains("/v3/accounts/refresh"));
        }
    }

    @Test
    void everyPageFitsIntoANarrowWindow() {
        try (Visit visit = admin("/scopes", 320, ColorScheme.LIGHT)) {
            PAGES.forEach((path, heading) -> visit.go(path).on(heading).assertFits());
        }
    }

    @Test
    void aUserIsInvitedFoundChangedDisabledAndDeleted() {
        try (Visit visit = admin("/users")) {
            visit.on("Users").button("New user").click();
            visit.field("E-mail").fill("not an address");
            visit.inDialog(AriaRole.BUTTON, "Create user").click();
            assertThat(visit.field("E-mail")).hasAttribute("aria-invalid", "true");
            visit.field("E-mail").fill("grace@example.com");
            visit.inDialog(AriaRole.BUTTON, "Create user").click();
            assertThat(visit.dialog().getByRole(AriaRole.ALERT)).isVisible();
            assertThat(visit.field("E-mail")).hasAttribute("aria-invalid", "true");
            visit.field("E-mail").fill("linus@example.com");
            visit.field("First name (optional)").fill("Linus");
            visit.field("Metadata (optional)").fill("team=kernel\nfloor=3");
            visit.inDialog(AriaRole.BUTTON, "Create user").click();
            String link = visit.field("Link").inputValue();
            assertThat(link).startsWith(address() + "/set-password#user=");
            visit.inDialog(AriaRole.BUTTON, "Done").click();
            assertThat(visit.row("linus@example.com").getByText("Invited")).isVisible();

            visit.choose("linus@example.com", "Edit");
            visit.field("Company (optional)").fill("Acme");
            visit.dialog().getByLabel("Role").selectOption("auditors");
            visit.inDialog(AriaRole.BUTTON, "Save").click();
            assertThat(visit.row("linus@example.com").getByText("auditors")).isVisible();
            JsonObject linus = new JsonArray(latchkey.get("/v3/users?email=linus@example.com", session).body())
                    .getJsonObject(0);
            assertThat(linus.getString("company")).isEqualTo("Acme");
            assertThat(linus.getJsonArray("metadata").encode()).contains("kernel", "floor");

            visit.choose("linus@example.com", "Disable");
            visit.inDialog(AriaRole.BUTTON, "Disable").click();
            assertThat(visit.row("linus@example.com").getByText("Disabled")).isVisible();
            visit.field("Search").fill("linus");
            assertThat(visit.row("grace@example.com")).hasCount(0);
            visit.choose("linus@example.com", "Delete");
            visit.inDialog(AriaRole.BUTTON, "Delete").click();
            assertThat(visit.text("No user matches")).isVisible();
        }
    }

    @Test
    void theLastSuperAdminStaysAndTheDialogSaysWhy() {
        try (Visit visit = admin("/users")) {
            visit.on("Users").choose(EMAIL, "Delete");
            visit.inDialog(AriaRole.BUTTON, "Delete").click();
            assertThat(visit.dialog().getByRole(AriaRole.ALERT)).containsText("super-admin");
            visit.press("Escape");
            assertThat(visit.row(EMAIL)).isVisible();
        }
    }

    @Test
    void aRoleIsMadeWithScopesAndOneInUseStays() {
        try (Visit visit = admin("/roles")) {
            visit.on("Roles").button("New role").click();
            visit.field("Name").fill("auditors");
            visit.field("license:read").check();
            visit.inDialog(AriaRole.BUTTON, "Create role").click();
            assertThat(visit.field("Name")).hasAttribute("aria-invalid", "true");
            visit.field("Name").fill("readers");
            visit.inDialog(AriaRole.BUTTON, "Create role").click();
            assertThat(visit.row("readers").getByText("license:read")).isVisible();
            assertThat(visit.button("Actions for super-admin")).hasCount(0);
            make("/v3/users", new JsonObject().put("email", "reads@example.com").put("role", "readers"));
            visit.choose("readers", "Delete");
            visit.inDialog(AriaRole.BUTTON, "Delete").click();
            assertThat(visit.dialog().getByRole(AriaRole.ALERT)).containsText("1 user");
        }
    }

    @Test
    void aTagIsRenamedOnAllThatCarryIt() {
        latchkey.post("/v3/tags", session, new JsonObject().put("name", "night"));
        try (Visit visit = admin("/tags")) {
            visit.on("Tags").choose("night", "Edit");
            visit.field("Name").fill("ci");
            visit.inDialog(AriaRole.BUTTON, "Save").click();
            assertThat(visit.field("Name")).hasAttribute("aria-invalid", "true");
            visit.field("Name").fill("nightly");
            visit.inDialog(AriaRole.BUTTON, "Save").click();
            assertThat(visit.row("nightly")).isVisible();
            assertThat(visit.text(HOSTILE)).isVisible();
        }
        assertThat(latchkey.get("/v3/users?email=grace@example.com", session).body()).contains("nightly");
    }

    @Test
    void theEventLogIsFilteredAndExportedAndShowsTextAsText() {
        try (Visit visit = admin("/event-log?resource=personal-access-token")) {
            visit.on("Event log");
            visit.page.locator("details summary").first().waitFor();
            visit.page.locator("details summary").all().forEach(Locator::click);
            assertThat(visit.text(HOSTILE).first()).isVisible();
            assertThat(visit.page.getByText("role.created")).hasCount(0);
            visit.field("What").selectOption("role");
            assertThat(visit.page.getByText("role.created").first()).isVisible();
            Download export = visit.page.waitForDownload(() -> visit.link("Export CSV").click());
            assertThat(export.suggestedFilename()).endsWith(".csv");
            assertThat(visit.console()).as("but for the look for a session")
                    .allMatch(line -> line.contains("/v3/me:") || line.contains("/v3/accounts/refresh"));
        }
    }

    @Test
    void aWebhookIsMadeWithASecretThatIsShownOncePausedAndDeleted() {
        try (Visit visit = admin("/webhooks")) {
            visit.on("Webhooks").button("New webhook").click();
            visit.field("Name").fill("audit");
            visit.field("URL").fill("http://127.0.0.1/x");
            visit.field("personal-access-token.leaked").check();
            visit.inDialog(AriaRole.BUTTON, "Create webhook").click();
            assertThat(visit.field("URL")).hasAttribute("aria-invalid", "true");
            visit.field("URL").fill("https://hooks.example.com/audit");
            visit.inDialog(AriaRole.BUTTON, "Create webhook").click();
            assertThat(visit.field("Secret").inputValue()).startsWith("whsec_");
            visit.inDialog(AriaRole.BUTTON, "Done").click();
            visit.choose("audit", "Pause");
            visit.inDialog(AriaRole.BUTTON, "Pause").click();
            assertThat(visit.row("audit").getByText("Paused")).isVisible();
            visit.choose("audit", "Delete");
            visit.inDialog(AriaRole.BUTTON, "Delete").click();
            assertThat(visit.row("audit")).hasCount(0);
        }
    }

    @Test
    void theAccountAndItsTokenPolicyAreChangedAfterALookAtWhatWouldBreak() {
        try (Visit visit = admin("/account")) {
            visit.on("Account").field("Alias").fill("-wrong-");
            visit.button("Save details").click();
            assertThat(visit.field("Alias")).hasAttribute("aria-invalid", "true");
            visit.field("Alias").fill("default");
            visit.field("Company").fill(HOSTILE);
            visit.button("Save details").click();
            assertThat(visit.text("Saved the details")).isVisible();

            visit.field("Longest lifetime in days (optional)").fill("30");
            visit.field("Requests (optional)").fill("600");
            visit.field("Seconds (optional)").fill("0");
            visit.button("What would break?").click();
            assertThat(visit.field("Seconds (optional)")).hasAttribute("aria-invalid", "true");
            visit.field("Seconds (optional)").fill("60");
            visit.button("What would break?").click();
            assertThat(visit.text("break this policy").or(visit.text("breaks this policy")).first()).isVisible();
            visit.assertAccessible().field("They are shortened to what the policy allows").check();
            visit.button("Save policy").click();
            assertThat(visit.text("Saved the token policy")).isVisible();
            JsonObject account = latchkey.get("/v3/me", session).json().getJsonObject("account");
            JsonObject policy = latchkey.get("/v3/accounts/" + account.getString("id"), session).json()
                    .getJsonObject("tokenPolicy");
            assertThat(policy.getLong("maxLifetimeSeconds")).isEqualTo(30 * 86_400);
            assertThat(policy.getJsonObject("rateLimit")).isEqualTo(new JsonObject().put("requests", 600).put("window", 60));
            visit.button("Delete account").click();
            visit.field("Alias").last().fill("another");
            visit.inDialog(AriaRole.BUTTON, "Delete the account").click();
            assertThat(visit.dialog().getByRole(AriaRole.ALERT)).containsText("is not the account");
        }
    }

    @Test
    void whoMayOnlyReadSeesNoWayToChangeAndWhoMayNotReadSeesNothing() {
        String reader = colleague("reader", "user:read", "role:read", "tag:read", "webhook:read", "account:read",
                "eventLog:read");
        try (Visit visit = signedIn(visit(), reader, "/users")) {
            for (String[] page : new String[][] { { "/users", "Users", "New user" }, { "/roles", "Roles", "New role" },
                    { "/tags", "Tags", "New tag" },
                    { "/webhooks", "Webhooks", "New webhook" }, { "/account", "Account", "Save policy" } }) {
                visit.go(page[0]).on(page[1]);
                assertThat(visit.button(page[2])).hasCount(0);
            }
        }
        String stranger = colleague("stranger", "license:read");
        try (Visit visit = signedIn(visit(), stranger, "/scopes")) {
            PAGES.forEach((path, heading) -> {
                visit.go(path).on("Not permitted");
                assertThat(visit.link(heading)).hasCount(0);
            });
        }
    }
}
