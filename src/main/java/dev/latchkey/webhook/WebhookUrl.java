package dev.latchkey.webhook;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;

import dev.latchkey.platform.AddressRange;
import dev.latchkey.platform.ApiException;
import dev.latchkey.platform.LatchkeyConfig;

/**
 * The rules for a webhook's URL. A name is not resolved here: it may mean another address tomorrow, and is judged when it is
 * used.
 */
@Singleton
public class WebhookUrl {

    static final int MAX_LENGTH = 2000;
    private static final Pattern ENDS_IN_NUMBER = Pattern.compile("(.*\\.)?([0-9]+|0[xX][0-9a-fA-F]*)");

    private final boolean allowHttp;
    private final AddressGuard guard;

    @Inject
    public WebhookUrl(LatchkeyConfig config, AddressGuard guard) {
        this(config.webhook().allowHttp(), guard);
    }

    WebhookUrl(boolean allowHttp, AddressGuard guard) {
        this.allowHttp = allowHttp;
        this.guard = guard;
    }

    /**
     * The URL without white space around it.
     *
     * @throws ApiException 400 that names what is wrong
     */
    String check(String text) {
        String url = text.strip();
        problem(url).ifPresent(problem -> {
            throw ApiException.invalid("url", problem);
        });
        return url;
    }

    private Optional<String> problem(String url) {
        if (url.length() > MAX_LENGTH) {
            return Optional.of("is too long: at most " + MAX_LENGTH + " characters");
        }
        URI uri;
        try {
            uri = new URI(url);
        } catch (URISyntaxException e) {
            return Optional.of("is not a URL: give one such as https://hooks.example.com/latchkey");
        }
        boolean isHttp = "http".equalsIgnoreCase(uri.getScheme());
        if (!isHttp && !"https".equalsIgnoreCase(uri.getScheme())) {
            return Optional.of("must begin with https://");
        }
        if (isHttp && !allowHttp) {
            return Optional.of("must begin with https://: http is not allowed here");
        }
        if (uri.getRawAuthority() != null && uri.getRawAuthority().indexOf('@') >= 0) {
            return Optional.of("has a user or password in it: remove it; the token proves who sends");
        }
        boolean isAscii = url.chars().allMatch(c -> c > 0x20 && c < 0x7f);
        if (uri.getHost() == null || !isAscii || isOtherAddress(host(uri))) {
            return Optional.of("has no host that can be read: give a name in ASCII (xn-- for others) or a whole IP address");
        }
        if (uri.getRawFragment() != null) {
            return Optional.of("has a fragment, which is never sent: remove # and what follows");
        }
        if (uri.getPort() == 0 || uri.getPort() > 65_535) {
            return Optional.of("has a port that does not exist: 1 to 65535");
        }
        return isForbidden(host(uri)) ? Optional.of("is in a private network: webhooks go to public addresses")
                : Optional.empty();
    }

    /** A spelling of an IPv4 address that only some know, such as 2130706433 or 0x7f.1 (URL Standard, "ends in a number"). */
    private static boolean isOtherAddress(String host) {
        return ENDS_IN_NUMBER.matcher(host).matches() && AddressRange.canonicalAddress(host).isEmpty();
    }

    private boolean isForbidden(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        boolean isAddress = AddressRange.canonicalAddress(name).isPresent();
        // A zone makes an address one of this machine's links.
        if (name.indexOf(':') >= 0 && !isAddress) {
            return true;
        }
        boolean isThisMachine = name.equals("localhost") || name.endsWith(".localhost");
        return isThisMachine && !guard.allows("127.0.0.1") || isAddress && !guard.allows(name);
    }

    /** The host without the brackets of an IPv6 address, and without the dot that may end a name. */
    static String host(URI url) {
        String host = url.getHost();
        if (host.startsWith("[")) {
            return host.substring(1, host.length() - 1);
        }
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }

    /** As much of a URL as may be told to whoever reads the log: its path may be a secret. */
    static String origin(String url) {
        URI uri = URI.create(url);
        return uri.getScheme() + "://" + uri.getRawAuthority() + "/…";
    }
}
