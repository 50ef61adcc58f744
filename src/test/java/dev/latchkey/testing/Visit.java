package dev.latchkey.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.WaitForSelectorState;

/**
 * Somebody's visit to the portal, in a profile of its own. Finds what is on the page as a person does: by role and name. When
 * it ends, nothing
 * may have been refused by the content security policy, thrown, or asked of another site.
 */
public final class Visit implements AutoCloseable {

    /** What is kept of each page. */
    private static final Path SCREENSHOTS = Path.of("target/screenshots");
    private static final String AXE = Chromium.axe();

    public final Page page;
    private final BrowserContext context;
    private final List<String> faults = new ArrayList<>();
    private final List<String> console = new ArrayList<>();

    Visit(BrowserContext context) {
        this.context = context;
        context.setDefaultTimeout(8_000);
        context.addInitScript("addEventListener('securitypolicyviolation', event => "
                + "console.error('Content Security Policy: ' + event.violatedDirective + ' ' + event.blockedURI))");
        page = context.newPage();
        page.onPageError(error -> faults.add("thrown: " + error));
        page.onConsoleMessage(message -> {
            console.add(message.text() + " (" + message.location() + ")");
            // What the browser itself says of an answer such as 401 is no fault of the page's.
            if (message.type().equals("error") && !message.text().startsWith("Failed to load resource")) {
                faults.add("console: " + message.text());
            }
        });
        page.onRequest(request -> {
            if (!request.url().matches("(http://(localhost|127\\.0\\.0\\.1):\\d+/.*|blob:.*|data:.*)")) {
                faults.add("another site: " + request.url());
            }
        });
    }

    /** Goes to an address of the portal as if it were typed. */
    public Visit go(String path) {
        page.navigate(path);
        return this;
    }

    /** Signs in on the page that is open. */
    public Visit signIn(String email, String password) {
        field("E-mail").fill(email);
        field("Password").fill(password);
        button("Sign in").click();
        page.locator("#navigation").waitFor(new Locator.WaitForOptions().setState(WaitForSelectorState.ATTACHED));
        return this;
    }

    /** Waits for the page with this heading. */
    public Visit on(String heading) {
        page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName(heading).setExact(true).setLevel(1)).waitFor();
        return this;
    }

    public Locator field(String label) {
        return page.getByLabel(label, new Page.GetByLabelOptions().setExact(true));
    }

    public Locator button(String name) {
        return role(AriaRole.BUTTON, name);
    }

    public Locator link(String name) {
        return role(AriaRole.LINK, name);
    }

    public Locator role(AriaRole role, String name) {
        return page.getByRole(role, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    /** The dialog that is open. */
    public Locator dialog() {
        return page.getByRole(AriaRole.DIALOG);
    }

    public Locator inDialog(AriaRole role, String name) {
        return dialog().getByRole(role, new Locator.GetByRoleOptions().setName(name).setExact(true));
    }

    /** Text anywhere on the page. */
    public Locator text(String text) {
        return page.getByText(text).first();
    }

    /** The row of a token in the list. */
    public Locator row(String name) {
        return page.getByRole(AriaRole.ROW).filter(new Locator.FilterOptions().setHas(
                page.getByRole(AriaRole.ROWHEADER).filter(new Locator.FilterOptions().setHasText(name))));
    }

    /** Chooses from a row's menu. */
    public Visit choose(String name, String action) {
        button("Actions for " + name).click();
        role(AriaRole.MENUITEM, action).click();
        return this;
    }

    /** Waits for an address: path and query. */
    public Visit at(String address) {
        page.waitForURL(Pattern.compile("http://[^/]+" + Pattern.quote(address)));
        return this;
    }

    public Visit press(String... keys) {
        for (String key : keys) {
            page.keyboard().press(key);
        }
        return this;
    }

    /** What has the keyboard's focus: its accessible name, or its text. */
    public String focused() {
        return (String) page.evaluate("() => { const it = document.activeElement; return it.getAttribute('aria-label') "
                + "?? it.labels?.[0]?.innerText.trim() ?? it.innerText?.trim() ?? it.tagName }");
    }

    /** Goes on with Tab until something has the focus. */
    public Visit tabTo(String name) {
        for (int i = 0; i < 120; i++) {
            if (name.equals(focused())) {
                return this;
            }
            press("Tab");
        }
        throw new AssertionError("the keyboard does not reach " + name + "; it is at " + focused());
    }

    /** What was written to the console so far. */
    public List<String> console() {
        return console;
    }

    /** Nothing on the page keeps people with disabilities out, as far as axe-core can tell (WCAG 2.2 AA). */
    @SuppressWarnings("unchecked")
    public Visit assertAccessible() {
        settle();
        page.evaluate(AXE + "; undefined");
        List<Map<String, Object>> violations = (List<Map<String, Object>>) page.evaluate(
                """
                        async () => (await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']}))
                            .violations.map(it => ({id: it.id, where: it.nodes.map(node => node.html + ' ' + node.failureSummary).join('\\n')}))""");
        assertThat(violations).as("axe on " + page.url()).isEmpty();
        return this;
    }

    /** Nothing is wider than the window. */
    public Visit assertFits() {
        settle();
        assertThat(page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"))
                .as("it scrolls sideways: " + page.url()).isEqualTo(true);
        return this;
    }

    /** Keeps a picture of the page. */
    public Visit picture(String name) {
        settle();
        page.screenshot(new Page.ScreenshotOptions().setPath(SCREENSHOTS.resolve(name + ".png")));
        return this;
    }

    /** Waits for what is being loaded and for what moves. */
    private void settle() {
        page.waitForFunction("() => !document.querySelector('.spinner, [aria-busy=true]') "
                + "&& document.getAnimations().every(it => it.playState !== 'running' || it.effect.getTiming().iterations === Infinity)");
    }

    public BrowserContext context() {
        return context;
    }

    @Override
    public void close() {
        context.close();
        assertThat(faults).as("faults during the visit").isEmpty();
    }
}
