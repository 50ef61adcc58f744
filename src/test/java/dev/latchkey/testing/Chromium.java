package dev.latchkey.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.ColorScheme;

/** The system's own browser, driven as a person would. Its program is found by itself, or named by {@code CHROMIUM}. */
public final class Chromium implements AutoCloseable {

    private static final List<Path> PLACES = List.of(Path.of("/usr/bin/chromium"), Path.of("/usr/bin/chromium-browser"),
            Path.of("/usr/bin/google-chrome"));

    private final Playwright playwright;
    private final Browser browser;

    public Chromium() {
        playwright = Playwright
                .create(new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        // The sandbox needs a user who is not root; the pages are our own.
        browser = playwright.chromium().launch(new BrowserType.LaunchOptions().setExecutablePath(program())
                .setArgs(List.of("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu")));
    }

    /** Whether there is a browser on this machine. */
    public static boolean isInstalled() {
        return program() != null;
    }

    private static Path program() {
        String named = System.getenv("CHROMIUM");
        return (named == null ? PLACES.stream() : Stream.of(Path.of(named))).filter(Files::isExecutable).findFirst()
                .orElse(null);
    }

    /** The first visit of somebody to a site. */
    public Visit visit(String address) {
        return visit(address, 1280, ColorScheme.LIGHT);
    }

    /**
     * The first visit of somebody to a site.
     *
     * @param width of the window, in CSS pixels
     */
    public Visit visit(String address, int width, ColorScheme theme) {
        return new Visit(browser.newContext(new Browser.NewContextOptions().setBaseURL(address).setViewportSize(width, 900)
                .setColorScheme(theme).setLocale("en-GB").setTimezoneId("Europe/Berlin")
                .setPermissions(List.of("clipboard-read", "clipboard-write"))));
    }

    /** The source of axe-core, which finds what keeps people with disabilities out. */
    static String axe() {
        try (InputStream source = Chromium.class.getResourceAsStream("/axe.min.js")) {
            return new String(source.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        playwright.close();
    }
}
