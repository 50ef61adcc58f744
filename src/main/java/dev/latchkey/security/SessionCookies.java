package dev.latchkey.security;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.NewCookie;

import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.LatchkeyConfig;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;

/**
 * The cookies of a person's session in a browser: {@code HttpOnly}, {@code SameSite=Strict}, under https with the
 * {@code __Host-} prefix (RFC 6265bis section 4.1.3). The refresh cookie is limited to the path that reads it, which
 * {@code __Host-} forbids: it has {@code __Secure-}.
 */
@ApplicationScoped
public class SessionCookies {

    /** The only path that reads the refresh cookie. */
    public static final String REFRESH_PATH = "/v3/accounts/refresh";

    private final String origin;
    private final boolean secure;
    private final String accessName;
    private final String refreshName;

    public SessionCookies(LatchkeyConfig config) {
        origin = origin(config);
        secure = "https".equals(config.publicUrl().getScheme());
        accessName = (secure ? "__Host-" : "") + "latchkey-session";
        refreshName = (secure ? "__Secure-" : "") + "latchkey-refresh";
    }

    /** Scheme, host and port as browsers write them: no default port. */
    private static String origin(LatchkeyConfig config) {
        String scheme = config.publicUrl().getScheme();
        int port = config.publicUrl().getPort();
        boolean isDefault = port < 0 || "https".equals(scheme) && port == 443 || "http".equals(scheme) && port == 80;
        return scheme + "://" + config.publicUrl().getHost() + (isDefault ? "" : ":" + port);
    }

    public Optional<String> access(RoutingContext context) {
        return value(context, accessName);
    }

    public Optional<String> refresh(RoutingContext context) {
        return value(context, refreshName);
    }

    private static Optional<String> value(RoutingContext context, String name) {
        return Optional.ofNullable(context.request().getCookie(name)).map(Cookie::getValue).filter(value -> !value.isEmpty());
    }

    /** The cookies that carry a session. */
    public NewCookie access(String value, Duration maxAge) {
        return cookie(accessName, value, "/", maxAge);
    }

    public NewCookie refresh(String value, Duration maxAge) {
        return cookie(refreshName, value, REFRESH_PATH, maxAge);
    }

    /** Cookies that delete those that carry a session. */
    public NewCookie[] cleared() {
        return new NewCookie[] { access("", Duration.ZERO), refresh("", Duration.ZERO) };
    }

    private NewCookie cookie(String name, String value, String path, Duration maxAge) {
        return new NewCookie.Builder(name).value(value).path(path).maxAge((int) maxAge.toSeconds()).httpOnly(true)
                .secure(secure)
                .sameSite(NewCookie.SameSite.STRICT).build();
    }

    /** Whether a browser says that our own pages sent this request. */
    public boolean isFromOurPages(RoutingContext context) {
        List<String> sentOrigins = context.request().headers().getAll(HttpHeaders.ORIGIN);
        return sentOrigins.isEmpty() ? "same-origin".equals(context.request().getHeader("Sec-Fetch-Site"))
                : sentOrigins.equals(List.of(origin));
    }

    /** Whether a browser sent this request: no other client has these headers. */
    public boolean isFromABrowser(RoutingContext context) {
        return context.request().headers().contains(HttpHeaders.ORIGIN)
                || context.request().headers().contains("Sec-Fetch-Site");
    }

    /**
     * Refuses a request that another site's page made the browser send: one with a cookie and an unsafe method, and
     * any sign-in by a browser (which would plant a session of the attacker's).
     *
     * @throws ApiException 403
     */
    public void requireOurPages(RoutingContext context) {
        HttpMethod method = context.request().method();
        boolean safe = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD) || method.equals(HttpMethod.OPTIONS);
        if (!safe && !isFromOurPages(context)) {
            throw new ApiException(403, "CROSS_SITE_REQUEST", "with a cookie, a change must come from the pages of " + origin
                    + ": send that Origin, or use an Authorization header instead of the cookie");
        }
    }
}
